// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// ErrInterrupted is the cause of work that a barge-in ended. It is not a failure: a
// stage that ends with it, or whose context was cancelled with it as the cause, has the
// outcome [Interrupted] and no error on its span.
//
//	ctx, cancel := context.WithCancelCause(ctx)
//	onSpeech(func() { turn.Interrupt(otelvoice.AudioActivity); cancel(otelvoice.ErrInterrupted) })
var ErrInterrupted = outcome.ErrInterrupted

// ErrPanic matches, by [errors.Is], the error that a recovered panic becomes: that of a
// stage in [StageMetrics], for example. If the value of the panic is an error, the error
// wraps it.
var ErrPanic = failure.ErrPanic

// An Outcome is how a turn, a stage or an operation ended. It is an attribute of every latency
// metric, so that interrupted work does not count as fast work.
type Outcome string

// The outcomes.
const (
	// Completed is work that was finished.
	Completed Outcome = semconv.VoiceTurnOutcomeCompleted
	// Interrupted is work that the user interrupted.
	Interrupted Outcome = semconv.VoiceTurnOutcomeInterrupted
	// Failed is work that ended in an error.
	Failed Outcome = semconv.VoiceTurnOutcomeFailed
	// Abandoned is work that was not finished: the user hung up, the context was
	// cancelled, or the parent ended first. A turn without agent audio is also abandoned
	// if it has no stage or its newest stage was abandoned.
	Abandoned Outcome = semconv.VoiceTurnOutcomeAbandoned
)

// An InterruptionSource is what interrupted the agent.
type InterruptionSource string

// The sources.
const (
	// AudioActivity is the user's voice, as detected by voice activity detection.
	AudioActivity InterruptionSource = semconv.VoiceInterruptionSourceAudioActivity
	// UserTurn is a new user turn, such as when the recogniser reports words.
	UserTurn InterruptionSource = semconv.VoiceInterruptionSourceUserTurn
	// Programmatic is the agent's own code.
	Programmatic InterruptionSource = semconv.VoiceInterruptionSourceProgrammatic
)

// An EndReason is why a session ended.
type EndReason string

// The reasons.
const (
	// EndCompleted is a conversation that was finished.
	EndCompleted EndReason = semconv.VoiceSessionEndReasonCompleted
	// EndUserHangup is a caller who hung up.
	EndUserHangup EndReason = semconv.VoiceSessionEndReasonUserHangup
	// EndAgentHangup is an agent that hung up.
	EndAgentHangup EndReason = semconv.VoiceSessionEndReasonAgentHangup
	// EndTransferred is a call that was transferred.
	EndTransferred EndReason = semconv.VoiceSessionEndReasonTransferred
	// EndTimeout is a call that was silent or too long.
	EndTimeout EndReason = semconv.VoiceSessionEndReasonTimeout
	// EndError is a session that [Session.Fail] or a panic ended.
	EndError EndReason = semconv.VoiceSessionEndReasonError
	// EndShutdown is a session that was open when telemetry shut down.
	EndShutdown EndReason = semconv.VoiceSessionEndReasonShutdown
)
