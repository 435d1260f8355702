// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"context"
	"log/slog"
	"time"

	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice"
)

// CatchPanic logs a panic that is about to end the process, with its stack, shuts the
// telemetry down as [SDK.Shutdown] does, and panics again with the same value:
// telemetry does not decide that a process goes on. It is deferred:
//
//	defer tel.CatchPanic()
//
// in main, and in each goroutine that nothing else guards, for a panic is caught where it
// happens or nowhere. It panics again within [WithShutdownTimeout], whatever hangs or
// panics meanwhile: the log line gets an eighth of that time, the shutdown the rest.
//
// Without a panic it does nothing; a nil Telemetry lets the panic pass. What ends a process
// without a panic (os.Exit, SIGKILL, a signal without a handler: see [WithShutdownOnSignal])
// passes it by: then what [WithSpool] has on disk is sent by the next process.
func (s *SDK) CatchPanic() {
	value := recover()
	if value == nil {
		return
	}
	if s != nil && s.set != nil {
		ctx, cancel := s.set.Bounded(context.Background())
		s.lastLine(ctx, slog.LevelError, "the process panics", otelvoice.Error(failure.NewPanic(value)))
		_ = s.Shutdown(ctx) // Bounded. The panic is what matters now; Health has what was lost.
		cancel()
	}
	panic(value)
}

// lastLine writes a line before the process ends, in at most an eighth of its time: an output
// or a log processor may hang, or panic.
func (s *SDK) lastLine(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	deadline, _ := ctx.Deadline()
	within, cancel := context.WithTimeout(ctx, time.Until(deadline)/8)
	defer cancel()
	_ = bounded.New("the log").Call(within, func(context.Context) error {
		s.Logger("otelvoice.panic").LogAttrs(context.WithoutCancel(ctx), level, message, attrs...)
		return nil
	})
}
