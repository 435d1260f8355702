// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/voice-agents/telemetry/exporters/openmetrics"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const openMetrics = "application/openmetrics-text; version=1.0.0"

// serve starts a server for scrapes and a meter provider.
func serve(t *testing.T) (scrape func(accept string) (status int, body string), provider *sdkmetric.MeterProvider) {
	t.Helper()
	exporter, err := openmetrics.New()
	if err != nil {
		t.Fatal(err)
	}
	provider = sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	server := httptest.NewServer(exporter)
	t.Cleanup(server.Close)
	t.Cleanup(server.Client().CloseIdleConnections)
	return func(accept string) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, http.NoBody)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		req.Header.Set("Accept", accept)
		resp, err := server.Client().Do(req)
		if err != nil {
			t.Error(err)
			return 0, ""
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
		}
		return resp.StatusCode, string(body)
	}, provider
}

func TestScrape(t *testing.T) {
	scrape, provider := serve(t)
	histogram, err := provider.Meter("test").Float64Histogram("voice.turn.response_latency", metric.WithUnit("s"))
	if err != nil {
		t.Fatal(err)
	}
	call := trace.ContextWithSpanContext(t.Context(), trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{0: 0xab, 15: 0xcd}, SpanID: trace.SpanID{7: 1}, TraceFlags: trace.FlagsSampled,
	}))
	histogram.Record(call, 0.7)
	const count = "voice_turn_response_latency_seconds_count{otel_scope_name=\"test\",otel_scope_schema_url=\"\",otel_scope_version=\"\"} 1\n"
	const exemplar = `trace_id="ab0000000000000000000000000000cd"`
	for accept, exemplars := range map[string]bool{openMetrics: true, "text/plain": false, "": false} {
		status, body := scrape(accept)
		if status != http.StatusOK || !strings.Contains(body, count) || strings.Contains(body, exemplar) != exemplars {
			t.Errorf("Accept %q: %d counts, want 1, and exemplars %t\n%s", accept, status, exemplars, body)
		}
		if strings.HasSuffix(body, "# EOF\n") != exemplars {
			t.Errorf("Accept %q: the response has another format\n%s", accept, body)
		}
	}
}

// A scrape at any moment returns all metrics or none.
func TestScrapeDuringShutdown(t *testing.T) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {})) // The reader reports each late scrape to it.
	scrape, provider := serve(t)
	for _, name := range []string{"a", "b", "c"} {
		counter, err := provider.Meter("test").Int64Counter(name)
		if err != nil {
			t.Fatal(err)
		}
		counter.Add(t.Context(), 1)
	}
	var wg sync.WaitGroup
	for range 3 { // One fewer than the maximum of concurrent scrapes.
		wg.Go(func() {
			for {
				switch status, body := scrape(""); status {
				case http.StatusOK:
					if n := strings.Count(body, "_total{"); n != 3 {
						t.Errorf("got %d metrics, want 3\n%s", n, body)
						return
					}
				case http.StatusServiceUnavailable:
					return
				case http.StatusInternalServerError: // During the shutdown.
				default:
					t.Errorf("status %d: %s", status, body)
					return
				}
			}
		})
	}
	if status, _ := scrape(""); status != http.StatusOK {
		t.Errorf("before the shutdown the status is %d", status)
	}
	if err := provider.Shutdown(context.Background()); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if status, body := scrape(openMetrics); status != http.StatusServiceUnavailable || !strings.Contains(body, "openmetrics: telemetry has been shut down") {
		t.Errorf("after the shutdown: %d %s", status, body)
	}
}

// An exporter that belongs to no provider has no metrics.
func TestScrapeWithoutProvider(t *testing.T) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	exporter, err := openmetrics.New()
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	exporter.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody))
	if w.Code != http.StatusOK || strings.Contains(w.Body.String(), "{") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
