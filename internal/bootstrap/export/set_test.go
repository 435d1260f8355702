// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/semconv"
)

// send creates the set, sends one span, one measurement and one record through it, and shuts it
// down.
func send(t *testing.T, cfg export.Config) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	set, err := export.New(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	var topts []sdktrace.TracerProviderOption
	for _, p := range set.SpanProcessors {
		topts = append(topts, sdktrace.WithSpanProcessor(p))
	}
	tracers := sdktrace.NewTracerProvider(topts...)
	_, span := tracers.Tracer("test").Start(ctx, "span")
	span.SetAttributes(attribute.String("dirty", "a\xff"))
	span.AddEvent("event\xff", trace.WithAttributes(attribute.String("k", "\xfe")))
	span.SetStatus(codes.Error, "broken \xff")
	span.End()

	var mopts []sdkmetric.Option
	for _, r := range set.Readers {
		mopts = append(mopts, sdkmetric.WithReader(r))
	}
	meters := sdkmetric.NewMeterProvider(mopts...)
	counter, err := meters.Meter("test").Int64Counter("counter")
	if err != nil {
		t.Fatal(err)
	}
	counter.Add(ctx, 1)

	logs := loggers(set)
	var record log.Record
	record.SetBody(attribute.StringValue("record"))
	logs.Logger("test").Emit(ctx, record)

	for _, shutdown := range []func(context.Context) error{tracers.Shutdown, meters.Shutdown, logs.Shutdown, set.Spool.Shutdown} {
		if err := shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
	}
}

// arrived checks that one item of each signal arrived.
func arrived(t *testing.T, r *otlptest.Receiver) {
	t.Helper()
	if s, m, l := len(r.AllSpans()), len(r.AllMetrics()), len(r.AllLogs()); s != 1 || m != 1 || l != 1 {
		t.Fatalf("%d spans, %d metrics, %d records arrived, want one of each", s, m, l)
	}
}

func TestSendOverHTTP(t *testing.T) {
	r := otlptest.NewReceiver(t)
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint(),
		"OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20abc", "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	if err != nil {
		t.Fatal(err)
	}
	send(t, cfg)
	arrived(t, r)
	var paths []string
	for _, req := range r.Requests() {
		paths = append(paths, req.Path)
		if req.Header.Get("Authorization") != "Bearer abc" || req.Header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s has the headers %v", req.Path, req.Header)
		}
	}
	slices.Sort(paths)
	if want := []string{"/v1/logs", "/v1/metrics", "/v1/traces"}; !slices.Equal(paths, want) {
		t.Errorf("paths %v, want %v", paths, want)
	}
}

func TestSendOverGRPC(t *testing.T) {
	r := otlptest.NewReceiver(t)
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", strings.TrimPrefix(r.GRPCEndpoint(), "http://"),
		"OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTEL_EXPORTER_OTLP_INSECURE", "true",
		"OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=a", "OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
	if err != nil {
		t.Fatal(err)
	}
	send(t, cfg)
	arrived(t, r)
	for _, req := range r.Requests() {
		if req.Header.Get("X-Tenant") != "a" {
			t.Errorf("%s has the headers %v", req.Path, req.Header)
		}
	}
}

func TestSendOverTLS(t *testing.T) {
	r := otlptest.NewTLSReceiver(t, nil)
	file := writePEM(t, t.TempDir(), "ca.pem", "CERTIFICATE", r.Certificate())
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint(), "OTEL_EXPORTER_OTLP_CERTIFICATE", file)
	if err != nil {
		t.Fatal(err)
	}
	send(t, cfg)
	arrived(t, r)
}

// One invalid byte must not cost the batch.
func TestInvalidUTF8InASpanIsReplaced(t *testing.T) {
	r := otlptest.NewReceiver(t)
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", r.HTTPEndpoint()+"/v1/traces")
	if err != nil {
		t.Fatal(err)
	}
	send(t, cfg)
	if len(r.AllSpans()) != 1 {
		t.Fatal("the span did not arrive")
	}
	s := r.AllSpans()[0]
	if got := otlptest.Attributes(s.GetAttributes())["dirty"]; got != "a\uFFFD" {
		t.Errorf("attribute %q", got)
	}
	if e := s.GetEvents()[0]; e.GetName() != "event\uFFFD" || otlptest.Attributes(e.GetAttributes())["k"] != "\uFFFD" {
		t.Errorf("event %v", e)
	}
	if got := s.GetStatus().GetMessage(); got != "broken \uFFFD" {
		t.Errorf("status %q", got)
	}
}

func TestConsole(t *testing.T) {
	cfg, err := fromEnv("OTEL_TRACES_EXPORTER", "console", "OTEL_METRICS_EXPORTER", "console", "OTEL_LOGS_EXPORTER", "console")
	if err != nil {
		t.Fatal(err)
	}
	var buf bytes.Buffer
	cfg.Console = &buf
	send(t, cfg)
	for _, want := range []string{`"Name":"span"`, `"Name":"counter"`, `"record"`} {
		if !strings.Contains(buf.String(), want) {
			t.Errorf("%s is not printed in\n%s", want, buf.String())
		}
	}
}

func TestShutdownOfAnUnusedSet(t *testing.T) {
	r := otlptest.NewReceiver(t)
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_ENDPOINT", r.HTTPEndpoint())
	if err != nil {
		t.Fatal(err)
	}
	set, err := export.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if err := set.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// New releases what it created before an error; otherwise goleak reports a leak.
func TestNewReleasesEverythingOnAnError(t *testing.T) {
	_, err := export.New(t.Context(), export.Config{
		Traces: export.Signal{OTLP: &export.Collector{}, Console: true},
		Logs:   export.Signal{OTLP: &export.Collector{Endpoint: "no url"}},
	})
	const want = "exporters: OTLP exporter of logs: the endpoint is not an http or https URL or a socket such as unix:///run/otel.sock"
	if err == nil || err.Error() != want {
		t.Errorf("\ngot  %v\nwant %s", err, want)
	}
}

func TestCollectorThatRejects(t *testing.T) {
	r := otlptest.NewReceiver(t)
	r.Answer(http.StatusBadRequest)
	cfg, err := fromEnv("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", r.HTTPEndpoint()+"/v1/logs")
	if err != nil {
		t.Fatal(err)
	}
	set, err := export.New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	set.Logs.Logger("test").Emit(t.Context(), log.Record{})
	err = errors.Join(set.Logs.Shutdown(t.Context()), set.Spool.Shutdown(t.Context()))
	if want := "1 log records were refused by " + r.HTTPEndpoint() + ": 400 Bad Request"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("\ngot  %v\nwant %s", err, want)
	}
	if h := set.Spool.Health()[0]; !strings.Contains(h.LastError, "400") || h.Dropped[semconv.VoiceSpoolDropReasonRejected] != 1 {
		t.Errorf("got %+v, want the 400 of the collector", h)
	}
}
