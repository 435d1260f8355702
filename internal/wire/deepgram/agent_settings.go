// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"bytes"
	"slices"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of a message of the agent.
const (
	agentID = msgFields + iota
	agentRole
	agentContent
	agentLanguage
	agentInjected
	agentCall
	agentCallID
	agentCallName
	agentCallsID
	agentCallsName
	agentCallsArguments
	agentInput
	agentInputRate
	agentOutput
	agentOutputRate
	agentPrompt
	agentThink
	agentTemperature
	agentSpeak
	agentVoice
	agentListenLanguage
	agentSpeechLanguage
)

// The fields of the first of several providers. They are above those that a message holds.
const (
	firstThink = fields.MaxField + iota
	firstSpeak
	firstVoice
	firstEnd
)

// agentMessage is the plan of the agent's messages. A list of providers is in the order in which they
// are tried; the first one is reported.
var agentMessage = messagePlan(slices.Concat([]jsonscan.Field{
	{Path: "session_id", ID: msgRequestID}, // Of older messages.
	{Path: "id", ID: agentID},
	{Path: "role", ID: agentRole},
	{Path: "content", ID: agentContent, Mode: jsonscan.Pieces},
	{Path: "languages.*", ID: agentSpeechLanguage},
	{Path: "message", ID: agentInjected, Mode: jsonscan.Pieces},
	{Path: "functions.*", ID: agentCall, Mode: jsonscan.Begin},
	{Path: "functions.*.id", ID: agentCallsID},
	{Path: "functions.*.name", ID: agentCallsName},
	{Path: "functions.*.arguments", ID: agentCallsArguments, Mode: jsonscan.Pieces},
	{Path: "function_call_id", ID: agentCallID}, // Of older messages.
	{Path: "function_name", ID: agentCallName},
	{Path: "name", ID: agentCallName}, // Of a result.
	{Path: "audio.input.encoding", ID: agentInput},
	{Path: "audio.input.sample_rate", ID: agentInputRate},
	{Path: "audio.output.encoding", ID: agentOutput},
	{Path: "audio.output.sample_rate", ID: agentOutputRate},
	{Path: "prompt", ID: agentPrompt, Mode: jsonscan.Pieces}, // Of UpdatePrompt.
	{Path: "agent.language", ID: agentLanguage},
}, providers("agent."), providers(""))...)

// providers returns the fields of the models: of Settings, or of the messages that change them.
func providers(prefix string) (all []jsonscan.Field) {
	all = []jsonscan.Field{
		{Path: prefix + "listen.provider.language", ID: agentListenLanguage},
		{Path: prefix + "think.model", ID: agentThink}, // Of older messages.
		{Path: prefix + "think.instructions", ID: agentPrompt, Mode: jsonscan.Pieces},
		{Path: prefix + "speak.model", ID: agentSpeak},
	}
	think, speak := prefix+"think.", prefix+"speak."
	return append(all,
		jsonscan.Field{Path: think + "prompt", ID: agentPrompt, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: think + "provider.model", ID: agentThink},
		jsonscan.Field{Path: think + "provider.temperature", ID: agentTemperature},
		jsonscan.Field{Path: think + "*.provider.model", ID: firstThink},
		jsonscan.Field{Path: speak + "provider.model", ID: agentSpeak},
		jsonscan.Field{Path: speak + "provider.voice", ID: agentVoice}, // Of other synthesizers.
		jsonscan.Field{Path: speak + "provider.voice.id", ID: agentVoice},
		jsonscan.Field{Path: speak + "provider.voice_id", ID: agentVoice},
		jsonscan.Field{Path: speak + "*.provider.model", ID: firstSpeak},
		jsonscan.Field{Path: speak + "*.provider.voice", ID: firstVoice},
		jsonscan.Field{Path: speak + "*.provider.voice.id", ID: firstVoice},
		jsonscan.Field{Path: speak + "*.provider.voice_id", ID: firstVoice},
	)
}

// either returns a field, or else that of the first of several providers.
func (a *agent) either(field, first int) []byte {
	if text := a.message.Text(field); text != nil {
		return text
	}
	return a.first[first-firstThink]
}

// settings reads the parameters of the agent, and reports whether one of them changed.
func (a *agent) settings() (isChanged bool) {
	m, r := a.message, &a.Request
	isChanged = wire.Set(&r.Model, a.either(agentThink, firstThink))
	if voice := a.either(agentVoice, firstVoice); voice != nil {
		isChanged = wire.Set(&r.Voice, voice) || isChanged
	} else {
		isChanged = wire.Set(&r.Voice, a.either(agentSpeak, firstSpeak)) || isChanged
	}
	language := m.Text(agentListenLanguage)
	if language == nil {
		language = m.Text(agentLanguage)
	}
	if string(language) != "multi" {
		isChanged = wire.Set(&r.Language, language) || isChanged
	}
	if f, ok := m.Float(agentTemperature); ok && (r.Temperature == nil || *r.Temperature != f) {
		r.Temperature, isChanged = &f, true
	}
	if prompt := m.Text(agentPrompt); prompt != nil && a.Target.Content && !bytes.Equal(prompt, r.System) {
		r.System, isChanged = bytes.Clone(prompt[:min(len(prompt), jsonscan.MaxRaw)]), true
	}
	if m.Has(agentInput) || m.Has(agentInputRate) {
		r.Format = formatOfStream(string(m.Text(agentInput)), rateOf(m.Int(agentInputRate)))
	}
	if m.Has(agentOutput) || m.Has(agentOutputRate) {
		r.Output, a.isFormatSent = formatOfStream(string(m.Text(agentOutput)), rateOf(m.Int(agentOutputRate))), false
	}
	return isChanged
}

// rateOf returns a sample rate, or 0 if it is none.
func rateOf(n int64, ok bool) int {
	if !ok || n < 1 || n > 1_000_000 {
		return 0
	}
	return int(n)
}

// value reads a value of a message: those of which it may hold several.
func (a *agent) value(v *jsonscan.Value) {
	switch v.Field {
	case agentContent:
		a.utterance.Text(&a.Base, v)
	case agentSpeechLanguage:
		if v.Index[0] == 0 && v.Kind == jsonscan.String {
			wire.Set(&a.utterance.Language, v.Text)
		}
	case firstThink, firstSpeak, firstVoice:
		if v.Index[0] == 0 && v.Kind == jsonscan.String {
			a.first[v.Field-firstThink] = bytes.Clone(v.Text)
		}
	case agentCall:
		if len(a.calls) < maxCalls {
			a.calls = append(a.calls, call{})
		}
	case agentCallsID, agentCallsName, agentCallsArguments:
		if i := v.Index[0]; i >= 0 && i < len(a.calls) && v.Kind == jsonscan.String {
			c := &a.calls[i]
			switch v.Field {
			case agentCallsID:
				c.id = string(v.Text)
			case agentCallsName:
				c.name = string(v.Text)
			default:
				c.arguments = append(c.arguments, v.Text[:min(len(v.Text), jsonscan.MaxRaw-len(c.arguments))]...)
			}
		}
	}
}
