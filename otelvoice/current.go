// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/internal/logpipe"
)

type telemetryKey struct{}

// Context returns a context from which [Timed] and [Wrap] take the telemetry. The contexts of
// sessions, operations and voicehttp's middleware have it already. After voicesdk.Setup with
// globals every context has it.
func (t *Telemetry) Context(ctx context.Context) context.Context {
	if t == nil || current(ctx) == t {
		return ctx
	}
	return context.WithValue(ctx, telemetryKey{}, t)
}

// current returns the telemetry of a context, else that of OpenTelemetry's global logger provider,
// which voicesdk.Setup sets, else nil. slog's default logger would not do: if the program wraps it
// or gives it attributes, its handler does not show which telemetry is behind it.
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
