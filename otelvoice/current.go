// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

type telemetryKey struct{}

// Context returns a context that carries the telemetry for [Timed], [Wrap] and requests to providers. The contexts of
// sessions, operations and voicehttp's middleware carry it already. It is not needed after
// voicesdk.Setup with globals.
func (t *Telemetry) Context(ctx context.Context) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if t == nil || ctx.Value(telemetryKey{}) == t {
		return ctx
	}
	return &telemetryContext{ctx, t}
}

// telemetryContext is a context with a telemetry.
type telemetryContext struct {
	context.Context

	tel *Telemetry
}

// Value returns the telemetry or the parent's value.
func (c *telemetryContext) Value(key any) any {
	switch key.(type) {
	case telemetryKey:
		return c.tel
	case vendorcall.Key:
		return &c.tel.opener
	}
	return c.Context.Value(key)
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
