// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package openmetrics serves metrics to Prometheus and compatible scrapers. It translates them with
// OpenTelemetry's Prometheus exporter and does not use the program's Prometheus registry.
//
// Stability: experimental; may change in a minor release.
//
// Names follow OpenTelemetry's default translation: dots become underscores, and unit and kind are
// appended, so that voice.turn.response_latency in seconds is voice_turn_response_latency_seconds.
//
// A point that cannot be served is left out, counted in [Exporter.LeftOut], and its metric is
// reported once; all others are served. That applies to a metric with the name of another one of
// a different type, and to points with a reserved label such as le, otel_scope_name or __x, with
// an empty label name, or with the labels of another point. Of two metrics in conflict, the one
// that was served first is kept, or if neither was, the one that was created first.
package openmetrics

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
)

// errShutdown is the text of the response to a scrape after the meter provider was shut down.
var errShutdown = errors.New("openmetrics: telemetry has been shut down")

const (
	// maxScrapes is the number of concurrent scrapes; others get 503. Metrics are collected for
	// one scrape at a time.
	maxScrapes = 4
	// defaultTimeout is the default timeout of a scrape in Prometheus.
	defaultTimeout = 10 * time.Second
	maxTimeout     = 5 * time.Minute
	// timeoutHeader has the scraper's timeout in seconds.
	timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"
)

// An Exporter is a reader for one meter provider and an HTTP handler for its metrics. It is safe for
// concurrent use. Between scrapes it runs no goroutine and uses no memory beyond the provider's.
type Exporter struct {
	sdkmetric.Reader

	scrapes    chan struct{} // Holds a value for each scrape in progress.
	collecting chan struct{} // Holds a value while metrics are collected.
	translator *translator   // Used only while collecting.
	faults     faults
	stopped    atomic.Bool
	late       atomic.Bool // The last scrape timed out, which was reported.
}

// New returns an exporter. Register it with one meter provider, as a reader.
func New() (*Exporter, error) {
	e := &Exporter{
		Reader:  sdkmetric.NewManualReader(),
		scrapes: make(chan struct{}, maxScrapes), collecting: make(chan struct{}, 1),
	}
	var err error
	if e.translator, err = newTranslator(&e.faults); err != nil {
		return nil, fmt.Errorf("openmetrics: %w", err)
	}
	return e, nil
}

// Listen sets the function that is called once for each metric with points that are left out,
// instead of OpenTelemetry's error handler. Call it before the first scrape; tell must not block.
func (e *Exporter) Listen(tell func(error)) { e.faults.tell = tell }

// LeftOut returns the number of points that were left out of scrapes since the start, by metric
// name. A point that is left out of ten scrapes counts ten times.
func (e *Exporter) LeftOut() map[string]uint64 { return e.faults.counts() }

// Shutdown stops the reader; see [sdkmetric.Reader]. Later scrapes get 503.
func (e *Exporter) Shutdown(ctx context.Context) error {
	e.stopped.Store(true)
	return e.Reader.Shutdown(ctx) //nolint:wrapcheck // The error is the reader's own.
}

// ServeHTTP responds to a scrape: in the OpenMetrics format with exemplars if the scraper accepts it,
// otherwise in the Prometheus text format. The package documentation says which points are left out.
//
// It responds with 503 after [Exporter.Shutdown], and if the metrics cannot be collected within the
// scraper's timeout: the X-Prometheus-Scrape-Timeout-Seconds of the request, or 10 s. A callback
// that does not return blocks at most one goroutine, regardless of the number of scrapes.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case e.scrapes <- struct{}{}:
		defer func() { <-e.scrapes }()
	default:
		http.Error(w, fmt.Sprintf("openmetrics: %d scrapes are in progress, try again later", maxScrapes), http.StatusServiceUnavailable)
		return
	}
	limit := timeout(r)
	ctx, cancel := context.WithTimeout(r.Context(), limit)
	defer cancel()
	families, err := e.gather(ctx, limit)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	promhttp.HandlerFor(
		prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return families, nil }),
		promhttp.HandlerOpts{
			EnableOpenMetrics: true, // Only this format has exemplars.
			ErrorHandling:     promhttp.ContinueOnError, ErrorLog: errorLog{},
		}).ServeHTTP(w, r)
}

// timeout returns the time limit for collecting metrics. It reserves a tenth of the scraper's timeout,
// at most half a second, for the response.
func timeout(r *http.Request) time.Duration {
	limit := defaultTimeout
	if seconds, err := strconv.ParseFloat(r.Header.Get(timeoutHeader), 64); err == nil && seconds > 0 {
		limit = time.Duration(min(seconds, maxTimeout.Seconds()) * float64(time.Second))
	}
	return limit - min(limit/10, time.Second/2)
}

// gather collects the metrics in a goroutine that may outlive the scrape, because the program's
// callbacks may not return. The next scrape waits for the goroutine.
func (e *Exporter) gather(ctx context.Context, limit time.Duration) ([]*dto.MetricFamily, error) {
	if e.stopped.Load() {
		return nil, errShutdown
	}
	select {
	case e.collecting <- struct{}{}:
	case <-ctx.Done():
		return nil, e.timedOut(ctx, limit)
	}
	type result struct {
		families []*dto.MetricFamily
		err      error
	}
	collected := make(chan result, 1) // The scrape may have ended.
	go func() {
		defer func() { <-e.collecting }()
		families, err := e.collect(ctx)
		collected <- result{families, err}
	}()
	select {
	case r := <-collected:
		e.late.Store(false)
		return r.families, r.err
	case <-ctx.Done():
		return nil, e.timedOut(ctx, limit)
	}
}

// timedOut returns the error of a scrape that timed out. Of consecutive timeouts it reports the first.
func (e *Exporter) timedOut(ctx context.Context, limit time.Duration) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errors.New("openmetrics: the scraper closed the connection")
	}
	err := fmt.Errorf("openmetrics: metrics could not be collected within %s: a metric callback does not return", limit)
	if e.late.CompareAndSwap(false, true) {
		e.faults.report(err)
	}
	return err
}

// errorLog reports errors that occur while a response is written.
type errorLog struct{}

// Println implements promhttp's logger.
func (errorLog) Println(v ...any) { otel.Handle(errors.New("openmetrics: " + fmt.Sprint(v...))) }
