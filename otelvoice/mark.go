// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/semconv"
)

// A Mark is an instant in a turn. Eight of them bound the segments of the
// response latency; see [Latency].
type Mark uint8

// The marks, in the order in which they usually come.
const (
	// UserStarted is when the user began to speak.
	UserStarted Mark = iota + 1
	// UserStopped is t0: when the user really stopped speaking. Use
	// [Turn.UserStopped] or [Turn.VADStopped] to say how it is known.
	UserStopped
	// FinalTranscript is when the transcript became final.
	FinalTranscript
	// TurnCommitted is when the agent decided that the user was done.
	TurnCommitted
	// LLMRequested is when the first LLM request was sent.
	LLMRequested
	// FirstToken is when the first token of the answer arrived. Thinking and
	// tool calls are not the answer.
	FirstToken
	// TTSRequested is when the first speech was asked for.
	TTSRequested
	// FirstByte is when the first audio byte arrived.
	FirstByte
	// AgentStarted is t7: when the first agent audio was played.
	AgentStarted
	// AgentStopped is when the agent's audio ended.
	AgentStopped

	markCount = int(AgentStopped) + 1
)

// String returns the mark's name as it stands in span events.
func (m Mark) String() string {
	switch m {
	case UserStarted:
		return semconv.EventVoiceUserStarted
	case UserStopped:
		return semconv.EventVoiceUserStopped
	case FinalTranscript:
		return semconv.EventVoiceTranscriptFinal
	case TurnCommitted:
		return semconv.EventVoiceTurnCommitted
	case LLMRequested:
		return semconv.EventVoiceLLMRequested
	case FirstToken:
		return semconv.EventVoiceLLMFirstToken
	case TTSRequested:
		return semconv.EventVoiceTTSRequested
	case FirstByte:
		return semconv.EventVoiceTTSFirstByte
	case AgentStarted:
		return semconv.EventVoiceAgentStarted
	case AgentStopped:
		return semconv.EventVoiceAgentStopped
	}
	return ""
}

func (m Mark) valid() bool { return m >= UserStarted && m <= AgentStopped }

// An Anchor says how the end of the user's speech, t0, is known, and so how far
// latencies measured from it can be trusted.
type Anchor string

// The anchors, from the most to the least exact.
const (
	// AnchorVAD is voice activity detection, less its hangover.
	AnchorVAD Anchor = semconv.VoiceTurnAnchorVAD
	// AnchorSTT is the end of the last word as the recogniser reports it.
	AnchorSTT Anchor = semconv.VoiceTurnAnchorSTT
	// AnchorManual is anything else: push-to-talk, the end of an upload.
	AnchorManual Anchor = semconv.VoiceTurnAnchorManual
)

// addEvent adds an event to a span if anybody will see it: its options are made for each.
func addEvent(span trace.Span, name string, at time.Time, attrs ...attribute.KeyValue) {
	switch {
	case !span.IsRecording():
	case len(attrs) == 0:
		span.AddEvent(name, trace.WithTimestamp(at))
	default:
		span.AddEvent(name, trace.WithTimestamp(at), trace.WithAttributes(attrs...))
	}
}
