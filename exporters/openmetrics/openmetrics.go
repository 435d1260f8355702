// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package openmetrics serves metrics to Prometheus and to scrapers that speak like it. It
// translates with OpenTelemetry's own Prometheus exporter, and shares no registry with the
// program.
//
// Names are translated as OpenTelemetry's default has it: dots become underscores, and
// unit and kind are appended: voice.turn.response_latency in seconds is
// voice_turn_response_latency_seconds.
//
// A metric that cannot be served does not cost the others. It is left out, counted in
// [Exporter.LeftOut] and reported once by its name: one whose name is taken by a metric of another
// type, a point with a reserved label such as le, otel_scope_name or __x, or with an empty label
// name, or one whose labels are those of another point. Of two metrics in conflict the one that
// was served first, or else created first, stays.
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

// ErrShutdown is the answer to a scrape after the metrics' provider was shut down.
var ErrShutdown = errors.New("openmetrics: telemetry has been shut down")

const (
	// maxScrapes is how many scrapes are answered at once; others get 503. Metrics are
	// collected for one at a time.
	maxScrapes = 4
	// defaultTimeout is Prometheus' default for a scrape.
	defaultTimeout = 10 * time.Second
	maxTimeout     = 5 * time.Minute
	// timeoutHeader has the scraper's timeout in seconds.
	timeoutHeader = "X-Prometheus-Scrape-Timeout-Seconds"
)

// An Exporter is a reader of metrics for one provider, and the handler that serves what
// it reads. It is safe for concurrent use. Between scrapes it has no goroutine and costs nothing
// beyond the memory that the provider needs for the metrics.
type Exporter struct {
	sdkmetric.Reader

	scrapes    chan struct{} // Has one for each scrape that is being answered.
	collecting chan struct{} // Has one while metrics are collected.
	translator *translator   // Of who collects.
	faults     faults
	stopped    atomic.Bool
	late       atomic.Bool // The last scrape was, and that was reported.
}

// New returns an exporter, which is to be given to one provider as a reader.
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

// Listen has tell called for each metric that is left out of a scrape, once, in place of
// OpenTelemetry's error handler. It is called before the first scrape; tell must not block.
func (e *Exporter) Listen(tell func(error)) { e.faults.tell = tell }

// LeftOut returns how many points were left out of scrapes since the start, by the name of their
// metric. A point that is left out of each of ten scrapes counts ten times.
func (e *Exporter) LeftOut() map[string]uint64 { return e.faults.counts() }

// Shutdown ends the reader; see [sdkmetric.Reader]. Scrapes are answered 503 from now on.
func (e *Exporter) Shutdown(ctx context.Context) error {
	e.stopped.Store(true)
	return e.Reader.Shutdown(ctx) //nolint:wrapcheck // It is the reader's.
}

// ServeHTTP answers a scrape, as OpenMetrics with exemplars for those who accept it and
// in Prometheus' text format for others. The answer has all metrics that can be served; see
// the package.
//
// It answers 503 after [Exporter.Shutdown], and if the metrics cannot be collected within the
// scraper's timeout: the X-Prometheus-Scrape-Timeout-Seconds of the request, or 10 s. A callback
// that does not return holds at most one goroutine, however many scrapes come.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	select {
	case e.scrapes <- struct{}{}:
		defer func() { <-e.scrapes }()
	default:
		http.Error(w, fmt.Sprintf("openmetrics: %d scrapes are being answered, try again later", maxScrapes), http.StatusServiceUnavailable)
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
			EnableOpenMetrics: true, // The format that has exemplars.
			ErrorHandling:     promhttp.ContinueOnError, ErrorLog: errorLog{},
		}).ServeHTTP(w, r)
}

// timeout returns how long metrics may be collected for: a tenth of the scraper's time, at most
// half a second, is left for the answer.
func timeout(r *http.Request) time.Duration {
	limit := defaultTimeout
	if seconds, err := strconv.ParseFloat(r.Header.Get(timeoutHeader), 64); err == nil && seconds > 0 {
		limit = time.Duration(min(seconds, maxTimeout.Seconds()) * float64(time.Second))
	}
	return limit - min(limit/10, time.Second/2)
}

// gather collects the metrics in a goroutine that may outlive the scrape: callbacks are the
// program's, and need not return. Another scrape waits for it.
func (e *Exporter) gather(ctx context.Context, limit time.Duration) ([]*dto.MetricFamily, error) {
	if e.stopped.Load() {
		return nil, ErrShutdown
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

// timedOut returns the error of a scrape that has to end, and reports the first of several.
func (e *Exporter) timedOut(ctx context.Context, limit time.Duration) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return errors.New("openmetrics: the scraper is gone")
	}
	err := fmt.Errorf("openmetrics: metrics could not be collected within %s: a metric callback does not return", limit)
	if e.late.CompareAndSwap(false, true) {
		e.faults.report(err)
	}
	return err
}

// errorLog reports what goes wrong while an answer is written.
type errorLog struct{}

// Println implements promhttp's logger.
func (errorLog) Println(v ...any) { otel.Handle(errors.New("openmetrics: " + fmt.Sprint(v...))) }
