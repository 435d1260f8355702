// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/redact"
	"github.com/voice-agents/telemetry/semconv"
)

// setGlobals sets up package voicesdk with globals until the test ends.
func setGlobals(t *testing.T, opts ...voicesdk.Option) (*voicesdk.SDK, *voicetest.Recorder) {
	t.Helper()
	t.Cleanup(globals())
	rec := voicetest.NewRecorder()
	sdk, err := voicesdk.Setup(t.Context(), append(append(rec.Options(), variables(), voicesdk.WithLogWriter(rec.Writer()), voicesdk.WithoutRuntimeMetrics()), opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sdk.Shutdown(context.WithoutCancel(t.Context())); err != nil {
			t.Error(err)
		}
	})
	return sdk, rec
}

// A library that calls New in a program with package voicesdk records to the same trace, log and
// metrics, and its data is redacted once.
func TestNewBesideVoicesdk(t *testing.T) {
	hash := redact.HashUserIDs([]byte("0123456789abcdef0123456789abcdef"))
	sdk, rec := setGlobals(t, voicesdk.WithRedaction(hash))
	library, err := otelvoice.New()
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := sdk.StartSession(t.Context(), otelvoice.WithUserID("user_1"))
	inner, op := library.StartOperation(ctx, "look up")
	op.SetAttributes(attribute.String("user.id", "user_1"))
	if _, err := otelvoice.Timed(inner, "count", func(context.Context) (int, error) { return 1, nil }); err != nil {
		t.Error(err)
	}
	op.End(nil)
	session.End()
	ended := rec.Named("voice.session")[0]
	for _, name := range []string{"look up", "count"} {
		spans := rec.Named(name)
		if len(spans) != 1 || spans[0].SpanContext().TraceID() != ended.SpanContext().TraceID() {
			t.Fatalf("%s: the spans are %v", name, spans)
		}
	}
	want, _ := spanAttribute(ended, "user.id")
	got, _ := spanAttribute(rec.Named("look up")[0], "user.id")
	if got.AsString() == "" || got.AsString() != want.AsString() || want.AsString() == "user_1" {
		t.Errorf("user.id is %q in the session and %q in the library's span", want.AsString(), got.AsString())
	}
	lines, err := rec.Lines()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, line := range lines {
		if line["message"] == "look up completed" && line["session_id"] == session.ID() {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d lines of the library in %v", n, lines)
	}
	if err := library.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
	if err := library.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	oneCall(t.Context(), sdk.Telemetry) // The library's Shutdown ends only its own sessions.
	if len(rec.Named("chat gpt-4o-mini")) != 1 {
		t.Error("the program's telemetry ended with the library's")
	}
}

// Timed finds the telemetry of the context first, then that of voicesdk's globals.
func TestTimedBesideVoicesdk(t *testing.T) {
	_, rec := setGlobals(t)
	own := newOwnSDK()
	tel := own.start(t)
	run := func(ctx context.Context) {
		if _, err := otelvoice.Timed(ctx, "count", func(context.Context) (int, error) { return 1, nil }); err != nil {
			t.Error(err)
		}
	}
	run(t.Context())
	if len(rec.Named("count")) != 1 || len(own.names()) != 0 {
		t.Error("without telemetry in the context it is not that of the globals")
	}
	run(tel.Context(t.Context()))
	if len(rec.Named("count")) != 1 || len(own.names()) != 1 {
		t.Error("the telemetry of the context is not used")
	}
}

// The program's own providers are wrapped for redaction even if the logger provider is voicesdk's.
func TestNewWithOwnProvidersBesideVoicesdk(t *testing.T) {
	setGlobals(t)
	own := newOwnSDK()
	tel, err := otelvoice.New(otelvoice.WithTracerProvider(own.tracers), otelvoice.WithMeterProvider(own.meters))
	if err != nil {
		t.Fatal(err)
	}
	_, span := tel.TracerProvider().Tracer("t").Start(t.Context(), "mail jane@example.com")
	span.End()
	_, session := tel.StartSession(t.Context(), otelvoice.WithAttributes(attribute.String("note", "jane@example.com")))
	session.End()
	counter, err := tel.MeterProvider().Meter("m").Int64Counter("calls of jane@example.com")
	_, _ = counter, err // The SDK refuses the name with or without the address.
	if text := own.text(t); strings.Contains(text, "jane@") || len(own.names()) != 2 {
		t.Error(text)
	}
}

// A panic is counted once, however many Telemetry share a log.
func TestPanicsBesideVoicesdk(t *testing.T) {
	sdk, rec := setGlobals(t, voicesdk.WithLogWriter(new(bytes.Buffer)))
	if _, err := otelvoice.New(); err != nil {
		t.Fatal(err)
	}
	ctx, session := sdk.StartSession(t.Context())
	session.OnTurn(func(*otelvoice.Turn) func() { return func() { panic("boom") } })
	_, turn := session.StartTurn(ctx)
	turn.End()
	session.End()
	data, _ := rec.Metric(semconv.MetricVoiceTelemetryPanics().Name)
	sum, ok := data.(metricdata.Sum[int64])
	if !ok || len(sum.DataPoints) != 1 || sum.DataPoints[0].Value != 1 {
		t.Errorf("the panics are %v", data)
	}
}
