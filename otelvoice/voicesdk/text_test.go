// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

const cut = "caf\xc3" // In the middle of a rune.

// A session ID that was cut in the middle of a rune, and all other text of such a call, is valid
// and equal in every output, and no output drops anything because of it.
func TestSessionIDCutInTheMiddleOfARune(t *testing.T) {
	for _, protocol := range []string{"http/protobuf", "grpc"} {
		for _, format := range []string{"json", "text"} {
			t.Run(protocol+"/"+format, func(t *testing.T) {
				r := otlptest.NewReceiver(t)
				endpoint := r.HTTPEndpoint()
				if protocol == "grpc" {
					endpoint = r.GRPCEndpoint()
				}
				var out lockedBuffer
				tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out), voicesdk.WithServiceName("agent"+cut),
					voicesdk.WithLogLevel(slog.LevelDebug), voicesdk.WithPrometheus(),
					voicesdk.WithResourceAttributes(attribute.String("team"+cut, cut)),
					variables("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint, "OTEL_EXPORTER_OTLP_PROTOCOL", protocol, "LOG_FORMAT", format,
						"OTEL_RESOURCE_ATTRIBUTES", "zone=%ff,ok=1"))
				if err != nil {
					t.Fatal(err)
				}
				ctx, session := tel.StartSession(otelvoice.ContextWithUserID(t.Context(), cut), otelvoice.WithSessionID(cut),
					otelvoice.WithPipelineID(cut), otelvoice.WithChannel(cut), otelvoice.WithAttributes(attribute.String(cut, cut)))
				if id := session.ID(); id != "caf\uFFFD" {
					t.Errorf("the session's id is %q", id)
				}
				ctx, turn := session.StartTurn(ctx, otelvoice.WithTurnID(strings.Repeat("é", 200)+"x"))
				_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: cut, Name: cut})
				llm.End(errors.New(cut))
				_, tool := turn.StartTool(ctx, cut)
				tool.End(nil)
				var record log.Record
				record.SetEventName(cut)
				record.SetSeverityText(cut)
				record.SetSeverity(log.SeverityInfo)
				record.SetBody(attribute.MapValue(attribute.String(cut, cut)))
				tel.LoggerProvider().Logger("module"+cut, log.WithInstrumentationVersion(cut), log.WithSchemaURL(cut),
					log.WithInstrumentationAttributes(attribute.String(cut, cut))).Emit(ctx, record)
				for range 500 {
					tel.Logger("app"+cut).InfoContext(ctx, "line "+cut, cut, cut, "list", []string{cut}, slog.Group(cut, cut, cut))
				}
				counter, err := tel.MeterProvider().Meter("m"+cut, metric.WithInstrumentationVersion(cut)).Int64Counter("calls", metric.WithDescription(cut))
				if err != nil {
					t.Fatal(err)
				}
				counter.Add(ctx, 1, metric.WithAttributes(attribute.String("where", cut)))
				turn.End()
				session.End()
				if w := scrape(tel); w.Code != http.StatusOK || !utf8.ValidString(w.Body.String()) || !strings.Contains(w.Body.String(), "calls_total{") {
					t.Errorf("the scrape: %d", w.Code)
				}
				if err := tel.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
				lines, app, events := out.lines(), 0, 0
				for _, l := range r.AllLogs() {
					switch {
					case l.Scope.GetName() == "app\uFFFD", l.Scope.GetName() == "appcaf\uFFFD":
						app++
					case l.GetEventName() == "caf\uFFFD":
						events++
					}
					if id := otlptest.Attributes(l.GetAttributes())[string(semconv.SessionIDKey)]; id != "caf\uFFFD" {
						t.Fatalf("a record has session id %q", id)
					}
				}
				if app != 500 || events != 1 || len(r.AllLogs()) != len(lines) {
					t.Errorf("%d of 500 records and %d events arrived; %d records of %d lines", app, events, len(r.AllLogs()), len(lines))
				}
				for _, line := range lines {
					if !utf8.Valid(line) || format == "json" && !json.Valid(line) {
						t.Fatalf("line %q", line)
					}
				}
				for _, s := range r.AllSpans() {
					if id := otlptest.Attributes(s.GetAttributes())[string(semconv.SessionIDKey)]; id != "caf\uFFFD" {
						t.Errorf("span %s has session id %q", s.GetName(), id)
					}
				}
				if len(r.AllSpans()) != 4 || len(r.AllMetrics()) == 0 {
					t.Errorf("%d spans and %d metrics arrived", len(r.AllSpans()), len(r.AllMetrics()))
				}
				if h := tel.Health(); h.Lost() != 0 || !h.Delivering() {
					t.Errorf("health %+v", h)
				}
			})
		}
	}
}

// One invalid instrument of the program affects only itself: the others are scraped and sent. It
// is counted and reported by name.
func TestOneBadInstrumentCostsItself(t *testing.T) {
	r := otlptest.NewReceiver(t)
	var out lockedBuffer
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&out), voicesdk.WithPrometheus(),
		variables("OTEL_METRICS_EXPORTER", "otlp,prometheus", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", r.HTTPEndpoint()+"/v1/metrics"))
	if err != nil {
		t.Fatal(err)
	}
	meter := tel.MeterProvider().Meter("app")
	good, _ := meter.Int64Counter("good")
	good.Add(t.Context(), 1)
	latency, _ := meter.Float64Histogram("app.latency")
	latency.Record(t.Context(), 1)
	gauge, _ := meter.Int64Gauge("app_latency")
	gauge.Record(t.Context(), 1)
	_, err = meter.Int64ObservableGauge("app.fails", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error { return errors.New("no database") }))
	if err != nil {
		t.Fatal(err)
	}
	_, err = meter.Int64ObservableGauge("app.panics", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error { panic("no memory") }))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		w := scrape(tel)
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(body, "good_total{") || !strings.Contains(body, "app_latency_count{") {
			t.Fatalf("%d %s", w.Code, body)
		}
	}
	for _, series := range []string{`voice_scrape_dropped_total{`, `voice_measurement="app_latency"`, "voice_metrics_callback_failures_total{"} {
		if !strings.Contains(scrape(tel).Body.String(), series) {
			t.Errorf("%s is not in the scrape", series)
		}
	}
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := make(map[string]bool)
	for _, m := range r.AllMetrics() {
		sent[m.GetName()] = true
	}
	if !sent["good"] || !sent["app.latency"] || !sent["app_latency"] {
		t.Errorf("sent %v", sent)
	}
	h := tel.Health()
	if h.ScrapeLeftOut["app_latency"] < 4 || len(h.ScrapeLeftOut) != 1 || h.CallbackFailures < 8 {
		t.Errorf("health %+v", h)
	}
	told := make(map[string]int)
	for _, raw := range out.lines() {
		var line struct{ Message string }
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			`telemetry: metric "app_latency" left out of the scrape: `,
			`telemetry: metric callback of "app.fails" failed: no database`, `telemetry: metric callback of "app.panics" failed: it panicked: no memory`,
		} {
			if strings.HasPrefix(line.Message, want) {
				told[want]++
			}
		}
	}
	if len(told) != 3 {
		t.Errorf("told %v", told)
	}
	for want, n := range told {
		if n != 1 {
			t.Errorf("told %d times: %s", n, want)
		}
	}
}
