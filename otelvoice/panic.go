// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"log/slog"

	"github.com/voice-agents/telemetry/internal/failure"
)

// CatchPanic tells of a panic that is about to end the process, with its stack, ends the
// sessions that are open, sends what waits within the time for shutting down, and panics
// again: telemetry is not what decides that a process goes on. It is deferred:
//
//	defer tel.CatchPanic()
//
// in main, and in each goroutine that nobody else guards, for a panic is caught where it
// happens or nowhere. Without a panic it does nothing; a nil Telemetry lets it pass. What
// ends a process without a panic (os.Exit, a signal that nobody handles, SIGKILL) passes
// it by: then what [WithSpool] has on disk is sent by the next process.
func (t *Telemetry) CatchPanic() {
	value := recover()
	if value == nil {
		return
	}
	if t != nil {
		ctx := context.Background()
		t.Logger("otelvoice.panic").LogAttrs(ctx, slog.LevelError, "the process panics", Error(failure.NewPanic(value)))
		_ = t.Shutdown(ctx) // Bounded. What it could not send is told by Health, and there is nobody left to tell.
	}
	panic(value)
}
