// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/voice-agents/telemetry/exporters/openmetrics"
)

func within(t *testing.T, h http.Handler, seconds string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
	r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", seconds)
	h.ServeHTTP(w, r)
	return w
}

// While a callback hangs, scrapes fail within the scraper's timeout, and one goroutine is
// blocked. After it returns, scrapes work as before.
func TestCallbackThatHangsDoesNotHoldUpScrapesForEver(t *testing.T) {
	exporter, err := openmetrics.New()
	if err != nil {
		t.Fatal(err)
	}
	var reported errorRecorder
	exporter.Listen(reported.tell)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	hold := make(chan struct{})
	var hangs atomic.Bool
	hangs.Store(true)
	_, err = provider.Meter("m").Int64ObservableGauge("x", metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
		if hangs.Load() {
			<-hold
		}
		o.Observe(1)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if w := within(t, exporter, "0.05"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "a metric callback does not return") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if w := within(t, exporter, "0.05"); w.Code != http.StatusServiceUnavailable {
				t.Errorf("while a callback hangs: %d", w.Code)
			}
		})
	}
	wg.Wait()
	if n := runtime.NumGoroutine(); n > before+2 {
		t.Errorf("%d goroutines after 20 scrapes, %d before", n, before)
	}
	if errs := reported.all(); len(errs) != 1 {
		t.Errorf("reported %q, want one line", errs)
	}
	hangs.Store(false)
	close(hold)
	if w := within(t, exporter, "30"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "x{") {
		t.Errorf("after the callback has returned: %d %s", w.Code, w.Body)
	}
}

// A scraper that disconnects while a callback runs is not an error.
func TestScraperThatGoesAway(t *testing.T) {
	exporter, err := openmetrics.New()
	if err != nil {
		t.Fatal(err)
	}
	var reported errorRecorder
	exporter.Listen(reported.tell)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	ctx, cancel := context.WithCancel(t.Context())
	_, err = provider.Meter("m").Int64ObservableGauge("x", metric.WithInt64Callback(func(ctx context.Context, _ metric.Int64Observer) error {
		cancel()
		<-ctx.Done()
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	exporter.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, "/metrics", http.NoBody))
	if errs := reported.all(); len(errs) > 0 {
		t.Errorf("reported %q", errs)
	}
}

func TestCallbackThatPanicsDoesNotEndTheProcess(t *testing.T) {
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(error) {}))
	exporter, err := openmetrics.New()
	if err != nil {
		t.Fatal(err)
	}
	var reported errorRecorder
	exporter.Listen(reported.tell)
	provider := sdkmetric.NewMeterProvider(sdkmetric.WithReader(exporter))
	panics := true
	_, err = provider.Meter("m").Int64ObservableGauge("x", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error {
		if panics {
			panic("no database")
		}
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if w := within(t, exporter, "10"); w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "no database") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if errs := reported.all(); len(errs) != 1 || !strings.Contains(errs[0], "a metric callback panicked: no database") {
		t.Errorf("reported %q", errs)
	}
	panics = false
	if w := within(t, exporter, "10"); w.Code != http.StatusOK {
		t.Errorf("afterwards: %d %s", w.Code, w.Body)
	}
}

// A scrape observes the scraper's timeout, less the time for the response.
func TestScrapersTimeout(t *testing.T) {
	for _, tt := range []struct {
		header string
		want   time.Duration
	}{
		{"", 9500 * time.Millisecond},
		{"x", 9500 * time.Millisecond},
		{"-1", 9500 * time.Millisecond},
		{"NaN", 9500 * time.Millisecond},
		{"0", 9500 * time.Millisecond},
		{"1", 900 * time.Millisecond},
		{"60", 59500 * time.Millisecond},
		{"1e300", 5*time.Minute - 500*time.Millisecond},
		{"Inf", 5*time.Minute - 500*time.Millisecond},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
		r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", tt.header)
		if got := openmetrics.Timeout(r); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.header, got, tt.want)
		}
	}
}
