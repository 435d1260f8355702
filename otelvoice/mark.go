// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// A Mark is an instant in a turn. Eight of them are the ends of the segments of the
// response latency; see [Latency].
type Mark uint8

// The marks, in the order in which they usually occur.
const (
	// UserStarted is when the user started speaking.
	UserStarted = Mark(latency.UserStarted)
	// UserStopped is t0: when the user stopped speaking, not when the agent detected it.
	// [Turn.UserStopped] and [Turn.VADStopped] set the anchor as well.
	UserStopped = Mark(latency.UserStopped)
	// FinalTranscript is when the transcript became final.
	FinalTranscript = Mark(latency.FinalTranscript)
	// TurnCommitted is when the agent decided that the user's turn was complete.
	TurnCommitted = Mark(latency.TurnCommitted)
	// LLMRequested is when the first LLM request was sent.
	LLMRequested = Mark(latency.LLMRequested)
	// FirstToken is when the first token of the answer arrived. Thinking and
	// tool calls are not part of the answer.
	FirstToken = Mark(latency.FirstToken)
	// TTSRequested is when the first TTS request was sent.
	TTSRequested = Mark(latency.TTSRequested)
	// FirstByte is when the first audio byte arrived.
	FirstByte = Mark(latency.FirstByte)
	// AgentStarted is t7: when the first audible sample of the agent's audio was played. Many voices
	// begin with silence, for which the user still waits.
	AgentStarted = Mark(latency.AgentStarted)
	// AgentStopped is when the agent's audio ended.
	AgentStopped = Mark(latency.AgentStopped)
)

// String returns the name of the mark's span event.
func (m Mark) String() string { return latency.Mark(m).String() }

// An Anchor is how the end of the user's speech, t0, was determined. The accuracy of latencies
// measured from t0 depends on it.
type Anchor string

// The anchors, from the most to the least exact.
const (
	// AnchorVAD is voice activity detection, minus its hangover.
	AnchorVAD Anchor = semconv.VoiceTurnAnchorVAD
	// AnchorSTT is the end of the last word, as reported by the recogniser.
	AnchorSTT Anchor = semconv.VoiceTurnAnchorSTT
	// AnchorManual is any other source: push-to-talk, the end of an upload.
	AnchorManual Anchor = semconv.VoiceTurnAnchorManual
)
