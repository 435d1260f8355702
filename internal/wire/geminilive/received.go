// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive

import (
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// received reads a message of the model. The tokens may stand beside any other one of these, and are
// those of the response whose end is in the same message.
func (c *connection) received() {
	m := c.message
	if m.Has(setupComplete) {
		c.opened()
	}
	c.activity()
	if m.Has(serverContent) {
		c.content()
	}
	if m.Has(toolCall) {
		c.called()
	}
	if u := c.usage(); u != (llmreport.Usage{}) {
		c.used(u)
	}
	if m.Has(toolCancellation) {
		c.cancelled()
	}
	if m.True(turnComplete) {
		c.completed()
	}
	if m.Has(errorBegin) {
		c.failed()
	}
	if !c.isKnown() {
		c.NotUnderstood("event")
	}
}

// isKnown reports whether a message is one of the reference. A message of tokens that are all unknown is one,
// too; so are goAway and sessionResumptionUpdate, which report nothing of interest.
func (c *connection) isKnown() bool {
	m := c.message
	for _, field := range [...]int{
		setupComplete, serverContent, toolCall, toolCancellation, goAway, resumption, activityType, signalType, errorBegin,
	} {
		if m.Has(field) {
			return true
		}
	}
	return c.lists.hasUsage
}

// opened reads that the setup is complete.
func (c *connection) opened() {
	c.Asked()
	if wire.Set(&c.session, c.message.Text(sessionID)) {
		c.Send(wire.Event{Kind: wire.Answered, ID: c.session})
	}
	if c.isResumed {
		c.isResumed = false
		c.Send(wire.Event{Kind: wire.Reopened, Request: &c.Request})
	}
}

// activity reads what the server's detector hears, if it says so.
func (c *connection) activity() {
	m := c.message
	if !m.Has(activityType) && !m.Has(signalType) {
		return
	}
	var e wire.Event
	if at, err := time.ParseDuration(string(m.Text(activityOffset))); err == nil && at >= 0 { // "1.200s"
		e.Speech = wire.Speech{Start: at, End: at, HasOffsets: true}
	}
	switch {
	case m.Is(activityType, "ACTIVITY_START"), m.Is(signalType, "VAD_SIGNAL_TYPE_SOS"):
		e.Kind = wire.SpeechStarted
		c.Send(e)
	case m.Is(activityType, "ACTIVITY_END"), m.Is(signalType, "VAD_SIGNAL_TYPE_EOS"):
		e.Kind = wire.SpeechStopped
		c.Send(e)
		c.Send(wire.Event{Kind: wire.Committed})
	}
}

// content reads a part of an answer, and transcripts of both sides.
func (c *connection) content() {
	m := c.message
	c.transcribed()
	for i := range c.lists.parts {
		c.part(&c.lists.parts[i])
	}
	if text := m.Text(spokenText); len(text) > 0 {
		c.spoke(text)
	}
	if m.True(interrupted) {
		c.interrupted()
	}
	if m.True(generationComplete) && !c.answer.isWaiting {
		c.finished("stop")
	}
}

// part reads a part of an answer.
func (c *connection) part(p *part) {
	if p.hasData {
		c.audio(p)
	}
	if text := c.lists.text(p.text); len(text) > 0 {
		c.respond()
		// A text beside an answer that is spoken is not spoken.
		if p.isThought || c.isSpoken && c.Request.Output.Codec != "" {
			c.Send(wire.Event{Kind: wire.Chunk})
			return
		}
		c.token(text)
	}
}

func (c *connection) token(text []byte) {
	c.Send(wire.Event{Kind: wire.Token})
	if c.Target.Content && len(text) > 0 {
		c.Send(wire.Event{Kind: wire.Answer, Text: text})
	}
}

// audio reads a piece of the agent's voice.
func (c *connection) audio(p *part) {
	format, isAudio := c.outputType.of(c.lists.text(p.name), outputRate)
	if p.data.start == p.data.end {
		return
	}
	c.respond()
	if !isAudio {
		c.Send(wire.Event{Kind: wire.Chunk})
		return
	}
	if format != c.voice {
		c.voice, c.Request.Output = format, format
		c.Send(wire.Event{Kind: wire.AudioFormat, Format: format})
	}
	if !c.base64.Decode(c.lists.text(p.data), c.decoded) {
		c.NotUnderstood("base64")
	}
}

// called reads the calls of tools. A model does not wait for the results of a tool that was declared
// so (NON_BLOCKING): then it goes on with its response.
func (c *connection) called() {
	for i := range c.lists.calls {
		k := &c.lists.calls[i]
		c.respond()
		c.answer.calls++
		c.Send(wire.Event{Kind: wire.ToolCalled, ID: string(c.lists.text(k.id)), Name: string(c.lists.text(k.name))})
		if arguments := c.lists.text(k.arguments); len(arguments) > 0 && c.Target.Content {
			c.Send(wire.Event{Kind: wire.ToolArguments, Text: arguments})
		}
	}
	if len(c.lists.calls) > 0 {
		c.finished("tool_calls")
		c.answer.isWaiting = true
	}
}

// cancelled reads that calls are taken back, which the reference says happens "only in cases where the
// clients interrupt server turns".
func (c *connection) cancelled() {
	for _, id := range c.lists.ids {
		c.answer.calls = max(c.answer.calls-1, 0)
		c.Send(wire.Event{Kind: wire.ToolCancelled, ID: string(c.lists.text(id))})
	}
	if c.answer.isWaiting && c.answer.calls == 0 {
		c.interrupted()
		c.responded(c.answer.status())
	}
}

// failed reads an error. The API closes the connection for most errors, and sends it with some proxies.
func (c *connection) failed() {
	m := c.message
	class := m.Text(errorStatus)
	if len(class) == 0 {
		class = m.Text(errorCode)
	}
	c.Send(wire.Event{Kind: wire.Failed, Name: string(class), Text: m.Text(errorMessage)})
}
