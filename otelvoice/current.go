// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/internal/logpipe"
)

type telemetryKey struct{}

// Context returns a context that carries the telemetry for [Timed] and [Wrap]. The contexts of
// sessions, operations and voicehttp's middleware carry it already. It is not needed after
// voicesdk.Setup with globals.
func (t *Telemetry) Context(ctx context.Context) context.Context {
	if t == nil || current(ctx) == t {
		return ctx
	}
	return context.WithValue(ctx, telemetryKey{}, t)
}

// current returns the telemetry of a context, else the owner of OpenTelemetry's global logger
// provider, which voicesdk.Setup sets, else nil. slog's default logger cannot be used for this:
// if the program wraps it or adds attributes, the handler of the telemetry is not accessible.
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
