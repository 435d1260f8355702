// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"

	"github.com/voice-agents/telemetry/exporters/openmetrics"
)

// BenchmarkScrape measures a scrape of 50 histograms and 50 counters with 20 series each, beside
// OpenTelemetry's exporter.
func BenchmarkScrape(b *testing.B) {
	registry := prometheus.NewRegistry()
	theirs, err := otelprometheus.New(otelprometheus.WithRegisterer(registry), otelprometheus.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes))
	if err != nil {
		b.Fatal(err)
	}
	ours, err := openmetrics.New()
	if err != nil {
		b.Fatal(err)
	}
	for _, bm := range []struct {
		name   string
		reader sdkmetric.Reader
		h      http.Handler
	}{{"OpenTelemetry", theirs, promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})}, {"openmetrics", ours, ours}} {
		m := sdkmetric.NewMeterProvider(sdkmetric.WithReader(bm.reader)).Meter("bench")
		for i := range 50 {
			h, c := histogram(m, fmt.Sprint("latency.", i)), counter(m, fmt.Sprint("count.", i))
			for j := range 20 {
				attrs := with(attribute.String("gen_ai.request.model", fmt.Sprint("model-", j)), attribute.String("voice.stage", "stt"), attribute.String("outcome", "ok"))
				h.Record(b.Context(), 1, attrs)
				c.Add(b.Context(), 1, attrs)
			}
		}
		b.Run(bm.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				w := httptest.NewRecorder()
				bm.h.ServeHTTP(w, httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/metrics", http.NoBody))
				if w.Code != http.StatusOK {
					b.Fatal(w.Body)
				}
			}
		})
	}
}
