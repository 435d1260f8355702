// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/internal/logpipe"
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

// current returns the telemetry of a context, else that of the last [Setup] with
// globals, else nil, which does nothing. The one global is OpenTelemetry's logger
// provider. slog's default logger would not do: the program may wrap it or give it
// attributes, and its handler then does not show which telemetry is behind it.
func current(ctx context.Context) *Telemetry {
	if ctx != nil {
		if t, ok := ctx.Value(telemetryKey{}).(*Telemetry); ok {
			return t
		}
	}
	if logs, ok := otel.GetLoggerProvider().(*logpipe.Provider); ok {
		t, _ := logs.Owner.(*Telemetry)
		return t
	}
	return nil
}
