// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package outcome decides how work ended: from its error and its context, and for a turn also from
// its stages and barge-ins.
package outcome

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

// ErrInterrupted is the cause of work that a barge-in ended.
var ErrInterrupted = errors.New("otelvoice: interrupted by the user")

// An Outcome is one of the values of voice.turn.outcome. Package otelvoice documents them.
type Outcome string

// The outcomes.
const (
	Completed   Outcome = semconv.VoiceTurnOutcomeCompleted
	Interrupted Outcome = semconv.VoiceTurnOutcomeInterrupted
	Failed      Outcome = semconv.VoiceTurnOutcomeFailed
	Abandoned   Outcome = semconv.VoiceTurnOutcomeAbandoned
)

// Of returns the outcome of work that ended with an error and ran in a context. The error that
// it returns is the one to record.
func Of(ctx context.Context, err error) (Outcome, error) {
	switch {
	case err == nil:
		return Completed, nil
	case IsPanic(err): // Even if its value is a cancellation.
		return Failed, err
	case failure.Is(err, ErrInterrupted):
		return Interrupted, err
	case ctx.Err() != nil && failure.Is(context.Cause(ctx), ErrInterrupted):
		// The client may return any error for the cancellation: a closed connection, a
		// truncated body.
		return Interrupted, err
	case IsCancellation(err), errors.Is(ctx.Err(), context.Canceled) && ClosedHere(err):
		return Abandoned, err
	case errors.Is(ctx.Err(), context.DeadlineExceeded) && failure.Is(err, context.Cause(ctx)) && !failure.Is(err, ctx.Err()):
		// The program's own error for the deadline, which does not say that it is a timeout.
		return Failed, fmt.Errorf("%w: %w", err, ctx.Err())
	}
	return Failed, err
}

// IsInterruption reports whether an error is [ErrInterrupted] and no panic.
func IsInterruption(err error) bool { return failure.Is(err, ErrInterrupted) && !IsPanic(err) }

// IsCancellation reports whether an error is that of a cancelled context, or that of gRPC or
// Connect for one, and no panic.
func IsCancellation(err error) bool {
	return !IsPanic(err) && (failure.Is(err, context.Canceled) || failure.Type(err) == cancelledCode)
}

// IsPanic reports whether an error is a recovered panic.
func IsPanic(err error) bool {
	var panicked *failure.PanicError
	return failure.As(err, &panicked)
}

// cancelledCode is the error type of a cancelled gRPC call.
const cancelledCode = "CANCELLED"

// ClosedHere reports whether an error says that the program closed what it was reading from or
// writing to, and is no panic. Clients without a context return such errors when they are
// stopped.
func ClosedHere(err error) bool {
	return !IsPanic(err) && (failure.Is(err, net.ErrClosed) || failure.Is(err, io.ErrClosedPipe) || failure.Is(err, http.ErrBodyReadAfterClose))
}
