// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"log/slog"
)

type telemetryKey struct{}

// Context returns a context from which [Timed] and [Wrap] take the telemetry.
// Sessions, operations and the middleware of voicehttp do so by themselves, and
// after a Setup with globals every context has it.
func (t *Telemetry) Context(ctx context.Context) context.Context {
	if t == nil || current(ctx) == t {
		return ctx
	}
	return context.WithValue(ctx, telemetryKey{}, t)
}

// current returns the telemetry of a context, else the one behind slog's default
// logger, else nil, which does nothing.
func current(ctx context.Context) *Telemetry {
	if ctx != nil {
		if t, ok := ctx.Value(telemetryKey{}).(*Telemetry); ok {
			return t
		}
	}
	if h, ok := slog.Default().Handler().(defaultHandler); ok {
		return h.tel
	}
	return nil
}

// defaultHandler is the handler of slog's default logger after a Setup with
// globals. The telemetry is found by it: there is one global, and it is slog's.
type defaultHandler struct {
	slog.Handler

	tel *Telemetry
}
