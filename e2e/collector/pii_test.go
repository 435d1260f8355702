// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/voice-agents/telemetry/e2e/backend"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
)

// secrets are values that a service without the toolkit may send. The collector must remove them.
var secrets = []string{
	"jane.doe+calls@example.co.uk", "+44 20 7946 0958", "sk-abcdefghijklmnop1234", "Bearer abcdefghijklmnop.qrstuv", "hunter2", "session=1234567",
}

// TestSecondLineOfDefence sends secrets with OpenTelemetry's SDK, which removes nothing.
func TestSecondLineOfDefence(t *testing.T) {
	t.Parallel()
	kept := otlptest.NewReceiver(t)
	collector := backend.NewCollector(t, []string{backend.Config(t, "local.yaml"), backend.Config(t, "pii.yaml")},
		"JAEGER_OTLP_ENDPOINT="+kept.HTTPEndpoint(), "TEMPO_OTLP_ENDPOINT="+otlptest.NewReceiver(t).HTTPEndpoint(), "LOGS_OTLP_ENDPOINT="+kept.HTTPEndpoint())

	text := "call " + strings.Join(secrets[:4], ", or ")
	const harmless = "turn 3 of call 20260101 took 1,234 ms"
	spans(t, collector, func(span trace.Span) {
		span.SetAttributes(attribute.String("note", text), attribute.String("db.password", secrets[4]),
			attribute.String("http.request.header.cookie", secrets[5]), attribute.StringSlice("notes", []string{text, harmless}))
		span.AddEvent("said", trace.WithAttributes(attribute.String("what", text), attribute.String("api_key", secrets[4])))
		span.SetStatus(codes.Error, text)
	})
	records(t, collector, func(logger *slog.Logger) {
		logger.Info(text, "to", text, "password", secrets[4], "http.request.header.cookie", secrets[5])
		logger.Info("a list", "of", []string{text, harmless})
		logger.Info(harmless)
	})

	backend.Eventually(t, "a span and three records arrive", func() bool { return len(kept.AllSpans()) == 1 && len(kept.AllLogs()) == 3 })
	messages := []proto.Message{kept.AllSpans()[0].Span}
	for _, l := range kept.AllLogs() {
		messages = append(messages, l.LogRecord)
	}
	all := ""
	for _, m := range messages {
		all += protojson.Format(m)
	}
	for _, s := range secrets {
		if strings.Contains(all, s) {
			t.Errorf("%q was not removed", s)
		}
	}
	for _, want := range []string{harmless, "[EMAIL]", "[PHONE]", "[API_KEY]", "[TOKEN]"} {
		if !strings.Contains(all, want) {
			t.Errorf("%q was removed", want)
		}
	}
	if t.Failed() {
		t.Log(all)
	}
}

func spans(t *testing.T, collector *backend.Collector, fill func(trace.Span)) {
	t.Helper()
	exporter, err := otlptracehttp.New(t.Context(), otlptracehttp.WithEndpoint(collector.HTTP), otlptracehttp.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	_, span := provider.Tracer("plain").Start(t.Context(), "call")
	fill(span)
	span.End()
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func records(t *testing.T, collector *backend.Collector, write func(*slog.Logger)) {
	t.Helper()
	exporter, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpoint(collector.HTTP), otlploghttp.WithInsecure())
	if err != nil {
		t.Fatal(err)
	}
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(exporter)))
	write(otelslog.NewLogger("plain", otelslog.WithLoggerProvider(provider)))
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
}
