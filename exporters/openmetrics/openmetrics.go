// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package openmetrics keeps metrics for whoever comes to fetch them: Prometheus, and
// what speaks like it. It is OpenTelemetry's own Prometheus exporter with a registry
// and an HTTP handler of its own, so that nothing is shared with the program's.
//
// Names are translated as OpenTelemetry's default has it: dots become underscores, and
// unit and kind are appended: voice.turn.response_latency in seconds is
// voice_turn_response_latency_seconds.
package openmetrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/otlptranslator"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// ErrShutdown is what a scrape is told once the metrics' provider was shut down.
var ErrShutdown = errors.New("openmetrics: telemetry has been shut down")

// maxScrapes is how many scrapes are answered at once; others are told 503. Each costs
// what a collection does, and scrapers come one at a time.
const maxScrapes = 4

// An Exporter is a reader of metrics for one provider, and the handler that serves what
// it reads. It is safe for concurrent use, starts no goroutine, and costs nothing
// between scrapes but what the provider spends on keeping the metrics.
type Exporter struct {
	sdkmetric.Reader

	registry *prometheus.Registry
	handler  http.Handler
	stopped  atomic.Bool
}

// New returns an exporter, which is to be given to one provider as a reader.
func New() (*Exporter, error) {
	e := &Exporter{registry: prometheus.NewRegistry()}
	reader, err := otelprometheus.New(
		otelprometheus.WithRegisterer(e.registry),
		otelprometheus.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes))
	if err != nil {
		return nil, fmt.Errorf("openmetrics: %w", err)
	}
	e.Reader = reader
	e.handler = promhttp.HandlerFor(prometheus.GathererFunc(e.gather), promhttp.HandlerOpts{
		EnableOpenMetrics:   true, // The format that has exemplars.
		MaxRequestsInFlight: maxScrapes,
	})
	return e, nil
}

// Shutdown ends the reader; see [sdkmetric.Reader]. Scrapes are told 503 from now on.
func (e *Exporter) Shutdown(ctx context.Context) error {
	e.stopped.Store(true)
	return e.Reader.Shutdown(ctx) //nolint:wrapcheck // It is the reader's.
}

// ServeHTTP answers a scrape, as OpenMetrics with exemplars for those who accept it and
// in Prometheus' text format for others. After [Exporter.Shutdown] it answers 503; a
// scrape in the middle of it gets an error and never a part of the metrics, which a
// scraper would take for the disappearance of the others.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if e.stopped.Load() {
		http.Error(w, ErrShutdown.Error(), http.StatusServiceUnavailable)
		return
	}
	e.handler.ServeHTTP(w, r)
}

// gather collects the metrics. The reader tells of a shutdown by an error to the global
// handler and no metrics, which would be a valid answer.
func (e *Exporter) gather() ([]*dto.MetricFamily, error) {
	families, err := e.registry.Gather()
	if e.stopped.Load() {
		return nil, ErrShutdown
	}
	return families, err //nolint:wrapcheck // It goes to the scraper as it is.
}
