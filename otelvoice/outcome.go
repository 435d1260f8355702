// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/semconv"
)

// ErrInterrupted is the cause of work that a barge-in cut short. It is not a
// failure: a stage that ends with it, or whose context was cancelled with it as
// the cause, has [Interrupted] as its outcome and no error on its span.
//
//	ctx, cancel := context.WithCancelCause(ctx)
//	onSpeech(func() { turn.Interrupt(otelvoice.AudioActivity); cancel(otelvoice.ErrInterrupted) })
var ErrInterrupted = errors.New("otelvoice: interrupted by the user")

// ErrPanic matches, by [errors.Is], the error that a recovered panic becomes: that of a
// stage in [StageMetrics], for example. If the value of the panic is an error, the error
// wraps it.
var ErrPanic = failure.ErrPanic

// An Outcome says how a turn, a stage or an operation ended. Every latency that
// is recorded carries it, so that interrupted work never passes for fast work.
type Outcome string

// The outcomes.
const (
	// Completed is work that came to its end.
	Completed Outcome = semconv.VoiceTurnOutcomeCompleted
	// Interrupted is work that the user cut short.
	Interrupted Outcome = semconv.VoiceTurnOutcomeInterrupted
	// Failed is work that ended in an error.
	Failed Outcome = semconv.VoiceTurnOutcomeFailed
	// Abandoned is work that nobody ended: the user hung up, the context was
	// cancelled, or the parent ended first. So is a turn without a stage, and one
	// whose newest stage was abandoned, if the agent was never heard.
	Abandoned Outcome = semconv.VoiceTurnOutcomeAbandoned
)

// outcomeOf reads the outcome from the error that work ended with and from the
// context that it ran in. The error that it returns is the one to record.
func outcomeOf(ctx context.Context, err error) (Outcome, error) {
	switch {
	case err == nil:
		return Completed, nil
	case isPanic(err): // Whatever its value is.
		return Failed, err
	case failure.Is(err, ErrInterrupted):
		return Interrupted, err
	case ctx.Err() != nil && failure.Is(context.Cause(ctx), ErrInterrupted):
		// Whatever the client made of the cancellation: a closed connection, a
		// body cut short.
		return Interrupted, err
	case isCancellation(err), errors.Is(ctx.Err(), context.Canceled) && closedHere(err):
		return Abandoned, err
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && failure.Is(err, context.Cause(ctx)) && !failure.Is(err, ctx.Err()):
		// The program's own error for the deadline, which does not say that it is a timeout.
		return Failed, fmt.Errorf("%w: %w", err, ctx.Err())
	}
	return Failed, err
}

// isCancellation reports whether an error is what a cancelled context leads to, in gRPC's and
// Connect's words, too. A panic is none.
func isCancellation(err error) bool {
	return !isPanic(err) && (failure.Is(err, context.Canceled) || failure.Type(err) == cancelledCode)
}

func isPanic(err error) bool {
	var panicked *failure.PanicError
	return failure.As(err, &panicked)
}

// cancelledCode is the error type of gRPC's status of a call that was cancelled.
const cancelledCode = "CANCELLED"

// closedHere reports whether an error says that the program itself closed what it was reading
// from or writing to: how clients end that are cut short without a context. A panic does not.
func closedHere(err error) bool {
	return !isPanic(err) && (failure.Is(err, net.ErrClosed) || failure.Is(err, io.ErrClosedPipe) || failure.Is(err, http.ErrBodyReadAfterClose))
}

// An InterruptionSource says what interrupted the agent.
type InterruptionSource string

// The sources.
const (
	// AudioActivity is the user's voice as heard by voice activity detection.
	AudioActivity InterruptionSource = semconv.VoiceInterruptionSourceAudioActivity
	// UserTurn is a new user turn, as when the recogniser reports words.
	UserTurn InterruptionSource = semconv.VoiceInterruptionSourceUserTurn
	// Programmatic is the agent's own code.
	Programmatic InterruptionSource = semconv.VoiceInterruptionSourceProgrammatic
)

// An EndReason says why a session ended.
type EndReason string

// The reasons.
const (
	// EndCompleted is a conversation that came to its end.
	EndCompleted EndReason = semconv.VoiceSessionEndReasonCompleted
	// EndUserHangup is a caller who hung up.
	EndUserHangup EndReason = semconv.VoiceSessionEndReasonUserHangup
	// EndAgentHangup is an agent that hung up.
	EndAgentHangup EndReason = semconv.VoiceSessionEndReasonAgentHangup
	// EndTransferred is a call handed to somebody else.
	EndTransferred EndReason = semconv.VoiceSessionEndReasonTransferred
	// EndTimeout is a call that was silent or too long.
	EndTimeout EndReason = semconv.VoiceSessionEndReasonTimeout
	// EndError is a session that [Session.Fail] or a panic ended.
	EndError EndReason = semconv.VoiceSessionEndReasonError
	// EndShutdown is a session that was open when telemetry shut down.
	EndShutdown EndReason = semconv.VoiceSessionEndReasonShutdown
)
