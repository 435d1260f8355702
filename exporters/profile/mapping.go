// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// A Mapping says what a profile writes, and what is missing on either side.
type Mapping struct {
	Attributes []Attribute
	// Lost are the facts of package semconv for which the other project has no place, so that its pages do not show them.
	Lost []string
	// Unfilled are the fields of the other project for which package semconv has no fact.
	Unfilled []string
}

// An Attribute is an attribute that a profile adds.
type Attribute struct {
	Spans string // The spans that may have it, by their names.
	To    attribute.Key
	// From are the attributes from which it comes. The first one that the span has is taken.
	From []attribute.Key
	Note string // How the value is made, or of which spans.
}

// Mapping returns the mapping of the profile, in the order in which attributes are added.
func (p Profile) Mapping() (m Mapping) {
	switch p {
	case Langfuse:
		m = Mapping{listed(langfuseRules, ""), langfuseLost, langfuseUnfilled}
	case OpenInference:
		m = Mapping{listed(openInferenceRules, ""), openInferenceLost, openInferenceUnfilled}
	case LiveKit:
		m = Mapping{listed(liveKitRules, ""), liveKitLost, liveKitUnfilled}
		m.Attributes = append(m.Attributes, Attribute{semconv.SpanVoiceTurn, lkGenerations, nil, "the number of events " + semconv.EventVoiceLLMRequested})
		m.Attributes = append(m.Attributes, listed(liveKitUserRules, lkUserTurn)...)
		m.Attributes = append(m.Attributes, listed(liveKitNodeRules, lkLLMNode+", "+lkTTSNode)...)
	}
	m.Lost, m.Unfilled = slices.Clone(m.Lost), slices.Clone(m.Unfilled)
	return m
}

func listed(rules []rule, on string) (list []Attribute) {
	for _, r := range rules {
		a := Attribute{Spans: on, To: r.to, From: slices.Clone(r.from), Note: r.what}
		if on == "" {
			a.Spans = r.on.String()
		}
		list = append(list, a)
	}
	return list
}

// String returns the names of the spans.
func (k kind) String() string {
	if k == every {
		return "all"
	}
	var names []string
	for _, of := range []struct {
		kind kind
		name string
	}{
		{session, semconv.SpanVoiceSession},
		{turn, semconv.SpanVoiceTurn},
		{stt, semconv.GenAIOperationNameSpeechToText},
		{llm, semconv.GenAIOperationNameChat},
		{tts, semconv.GenAIOperationNameTextToSpeech},
		{tool, semconv.GenAIOperationNameExecuteTool},
		{realtime, semconv.GenAIOperationNameRealtimeInference},
		{sttStream, semconv.SpanSpeechToTextStream("")},
		{ttsStream, semconv.SpanTextToSpeechStream("")},
		{realtimeStream, semconv.GenAIOperationNameRealtimeSession},
		{line, semconv.SpanVoiceLine},
		{operation, "operations"},
	} {
		if k&of.kind != 0 {
			names = append(names, of.name)
		}
	}
	return strings.Join(names, ", ")
}
