// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// shut counts the calls that reach a log processor of the program's own provider.
type shut struct{ records, flushed, stopped int }

func (s *shut) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }
func (s *shut) OnEmit(context.Context, *sdklog.Record) error           { s.records++; return nil }
func (s *shut) ForceFlush(context.Context) error                       { s.flushed++; return nil }
func (s *shut) Shutdown(context.Context) error                         { s.stopped++; return nil }

func TestBroughtProviders(t *testing.T) {
	for _, tt := range []struct {
		name  string
		opts  []voicesdk.Option
		owned bool
	}{
		{"their owner's", nil, false},
		{"owned", []voicesdk.Option{voicesdk.WithOwnedProviders()}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			collector := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
				t.Error("the toolkit's own way to the collector is used, too")
			}))
			defer collector.Close()
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
			logs, spans, reader := &shut{}, tracetest.NewSpanRecorder(), sdkmetric.NewManualReader()
			tracers := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
			tel, err := voicesdk.Setup(t.Context(), append(tt.opts,
				voicesdk.WithoutGlobals(), voicesdk.WithoutConsole(),
				voicesdk.WithTracerProvider(tracers),
				voicesdk.WithMeterProvider(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))),
				voicesdk.WithLoggerProvider(sdklog.NewLoggerProvider(sdklog.WithProcessor(logs))))...)
			if err != nil {
				t.Fatal(err)
			}
			_, session := tel.StartSession(t.Context(), otelvoice.WithAttributes(attribute.String("note", "mail jane@example.com")))
			session.End()
			if err := tel.ForceFlush(t.Context()); err != nil {
				t.Error(err)
			}
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			_, after := tracers.Tracer("x").Start(t.Context(), "after")
			if owned := logs.flushed == 1 && logs.stopped == 1 && !after.IsRecording() && reader.Shutdown(t.Context()) != nil; owned != tt.owned {
				t.Errorf("owned: got %v, want %v (%+v)", owned, tt.owned, logs)
			}
			if logs.records == 0 || len(spans.Ended()) == 0 {
				t.Fatal("nothing reached the providers")
			}
			for _, span := range spans.Ended() {
				for _, kv := range span.Attributes() {
					if strings.Contains(kv.Value.String(), "jane@") {
						t.Errorf("%s is not redacted: %s", kv.Key, kv.Value.String())
					}
				}
			}
		})
	}
}

func BenchmarkSpanOfBroughtProvider(b *testing.B) {
	for _, tt := range []struct {
		name string
		opt  voicesdk.Option
	}{{"redacted", nil}, {"as it is", voicesdk.WithoutDefaultRedaction()}} {
		b.Run(tt.name, func(b *testing.B) {
			tel, _ := voicetest.Setup(b, tt.opt, voicesdk.WithTracerProvider(sdktrace.NewTracerProvider()))
			tracer := tel.TracerProvider().Tracer("bench")
			b.ReportAllocs()
			for b.Loop() {
				_, span := tracer.Start(b.Context(), "chat gpt-4o")
				span.SetAttributes(attribute.String("gen_ai.request.model", "gpt-4o"), attribute.Int("n", 1))
				span.End()
			}
		})
	}
}

// OpenTelemetry's stand-in for a global provider that is not set must not become the global provider
// behind which it stands.
func TestUnsetGlobalProvidersAreRefused(t *testing.T) {
	for name, opt := range map[string]voicesdk.Option{
		"WithTracerProvider": voicesdk.WithTracerProvider(otel.GetTracerProvider()),
		"WithMeterProvider":  voicesdk.WithMeterProvider(otel.GetMeterProvider()),
		"WithLoggerProvider": voicesdk.WithLoggerProvider(otel.GetLoggerProvider()),
	} {
		t.Run(name, func(t *testing.T) {
			tel, err := voicesdk.Setup(t.Context(), opt, voicesdk.WithoutConsole())
			if err == nil || !strings.Contains(err.Error(), name+" was given the global provider, which is not set") {
				t.Errorf("got %v", err)
			}
			_, session := tel.StartSession(t.Context())
			session.End()
			without, err := voicesdk.Setup(t.Context(), opt, voicesdk.WithoutConsole(), voicesdk.WithoutGlobals())
			if err != nil {
				t.Fatal(err)
			}
			if err := without.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
