// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// After a Setup with globals, a request outside of a session is a GenAI span, wherever it is sent.
func TestRequestOutsideOfSessions(t *testing.T) {
	logger, tracers, meters, propagator, logs := slog.Default(), otel.GetTracerProvider(), otel.GetMeterProvider(), otel.GetTextMapPropagator(), otel.GetLoggerProvider()
	defer func() {
		slog.SetDefault(logger)
		otel.SetLoggerProvider(logs)
		otel.SetTracerProvider(tracers)
		otel.SetMeterProvider(meters)
		otel.SetTextMapPropagator(propagator)
	}()
	rec := voicetest.NewRecorder()
	sdk, err := voicesdk.Setup(t.Context(), append(rec.Options(), voicesdk.WithoutConsole())...)
	if err != nil {
		t.Fatal(err)
	}
	url := newProvider(t)
	ask := func(ctx context.Context) {
		chat(ctx, t, &http.Client{Transport: voicehttp.Transport(sdk.Telemetry, nil)}, url)
	}
	ask(t.Context())
	if _, err := otelvoice.Timed(t.Context(), "warm up", func(ctx context.Context) (struct{}, error) {
		ask(ctx)
		return struct{}{}, nil
	}); err != nil {
		t.Error(err)
	}
	ctx, session := sdk.StartSession(t.Context())
	session.End()
	ask(ctx)
	if err := sdk.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	ask(t.Context())
	if got := len(rec.Named("chat gpt-4o-mini")); got != 3 {
		t.Errorf("%d spans, want 3: none after Shutdown\n%s", got, rec.Timeline())
	}
}
