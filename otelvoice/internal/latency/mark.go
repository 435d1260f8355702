// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import "github.com/voice-agents/telemetry/semconv"

// A Mark is an instant in a turn.
type Mark uint8

// The marks, in the order in which they usually occur. Package otelvoice documents them.
const (
	UserStarted Mark = iota + 1
	UserStopped
	FinalTranscript
	TurnCommitted
	LLMRequested
	FirstToken
	TTSRequested
	FirstByte
	AgentStarted
	AgentStopped

	markCount = int(AgentStopped) + 1
)

// Valid reports whether the mark is one of the constants.
func (m Mark) Valid() bool { return m >= UserStarted && m <= AgentStopped }

// String returns the name of the mark's span event.
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
