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

// occurrence is a mark and when it happened.
type occurrence struct {
	mark Mark
	at   time.Time
}

// maxOccurrences bounds what one turn remembers: a turn has about ten marks,
// and more when the user hesitates and starts again.
const maxOccurrences = 64

// marks is what happened in a turn, in the order in which it was reported.
// The array holds an ordinary turn without allocation.
type marks struct {
	list  []occurrence
	small [16]occurrence
}

// add remembers an occurrence. When a turn has more than it may remember, the
// newest replaces the last of its kind: the first ones anchor the arithmetic.
func (m *marks) add(o occurrence) {
	if m.list == nil {
		m.list = m.small[:0]
	}
	if len(m.list) < maxOccurrences {
		m.list = append(m.list, o)
		return
	}
	for i := len(m.list) - 1; i >= 0; i-- {
		if m.list[i].mark == o.mark {
			m.list[i] = o
			return
		}
	}
}

// firstFrom returns the earliest occurrence at or after from. With none there
// it returns the latest before: work begun ahead of time, as when an agent asks
// the LLM before the user is quite done.
func (m *marks) firstFrom(mark Mark, from time.Time) (at time.Time, ok bool) {
	var before time.Time
	for _, o := range m.list {
		switch {
		case o.mark != mark:
		case o.at.Before(from):
			if before.IsZero() || o.at.After(before) {
				before = o.at
			}
		case !ok || o.at.Before(at):
			at, ok = o.at, true
		}
	}
	if !ok && !before.IsZero() {
		return before, true
	}
	return at, ok
}

// lastUntil returns the latest occurrence at or before until.
func (m *marks) lastUntil(mark Mark, until time.Time) (at time.Time, ok bool) {
	for _, o := range m.list {
		if o.mark == mark && !o.at.After(until) && (!ok || o.at.After(at)) {
			at, ok = o.at, true
		}
	}
	return at, ok
}

// first returns the earliest occurrence.
func (m *marks) first(mark Mark) (at time.Time, ok bool) {
	for _, o := range m.list {
		if o.mark == mark && (!ok || o.at.Before(at)) {
			at, ok = o.at, true
		}
	}
	return at, ok
}

// last returns the latest occurrence.
func (m *marks) last(mark Mark) (at time.Time, ok bool) {
	for _, o := range m.list {
		if o.mark == mark && (!ok || o.at.After(at)) {
			at, ok = o.at, true
		}
	}
	return at, ok
}
