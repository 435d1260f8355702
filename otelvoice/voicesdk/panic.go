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

// CatchPanic logs a panic that is about to end the process, with its stack, shuts down as
// [SDK.Shutdown] does, and panics again with the same value. Defer it in main, and in each
// goroutine without a recover of its own, because a panic can only be recovered on its goroutine:
//
//	defer tel.CatchPanic()
//
// It panics again within [WithShutdownTimeout], even if components hang or panic meanwhile. The
// log line gets an eighth of that time and the shutdown the rest.
//
// Without a panic it does nothing. On a nil SDK the panic goes on. It does not run if the process
// ends by os.Exit, SIGKILL or a signal without a handler (see [WithShutdownOnSignal]). The next
// process sends what [WithSpool] has on disk.
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

// lastLine writes a line before the process ends, in at most an eighth of the time of ctx: an
// output or a log processor may hang or panic.
func (s *SDK) lastLine(ctx context.Context, level slog.Level, message string, attrs ...slog.Attr) {
	deadline, _ := ctx.Deadline()
	within, cancel := context.WithTimeout(ctx, time.Until(deadline)/8)
	defer cancel()
	_ = bounded.New("the log").Call(within, func(context.Context) error {
		s.Logger("otelvoice.panic").LogAttrs(context.WithoutCancel(ctx), level, message, attrs...)
		return nil
	})
}
