// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicetest records a voice agent's telemetry in memory, for the agent's tests. It records
// spans, log records and metrics of whole calls, prints a readable timeline, and checks the
// structure of traces.
//
// Stability: experimental; may change in a minor release.
//
//	func TestGreeting(t *testing.T) {
//		tel, rec := voicetest.Setup(t)
//		runCall(t.Context(), tel)
//		voicetest.Check(t, rec)
//		if got := rec.Shape(); got != want { … }
//	}
//
// Under testing/synctest times are exact, so that the text of [Recorder.Timeline] can be compared.
package voicetest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// A Recorder records telemetry. Pass its [Recorder.Options] to [voicesdk.Setup], once for each
// Recorder. It is safe for concurrent use. It never discards anything, so use it only in tests and
// in short programs.
type Recorder struct {
	spans  *tracetest.SpanRecorder
	reader *sdkmetric.ManualReader
	logs   logs
	lines  lines
}

// NewRecorder returns an empty recorder.
func NewRecorder() *Recorder {
	return &Recorder{spans: tracetest.NewSpanRecorder(), reader: sdkmetric.NewManualReader()}
}

// Setup returns telemetry that is recorded by a new recorder. It does not set globals, read the
// environment or write any output. It is shut down when the test ends. opts are applied after the
// recorder's options.
func Setup(tb testing.TB, opts ...voicesdk.Option) (*voicesdk.SDK, *Recorder) {
	tb.Helper()
	rec := NewRecorder()
	all := append(rec.Options(),
		voicesdk.WithLogWriter(rec.Writer()),
		voicesdk.WithoutGlobals(),
		voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithServiceName("voicetest"),
		voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
	tel, err := voicesdk.Setup(tb.Context(), append(all, opts...)...)
	if err != nil {
		tb.Fatalf("voicetest: %v", err)
	}
	tb.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			tb.Errorf("voicetest: %v", err)
		}
	})
	return tel, rec
}

// Options returns the options by which the recorder receives spans, metrics and log records. They
// do not include JSON log lines; see [Recorder.Writer].
func (r *Recorder) Options() []voicesdk.Option {
	return []voicesdk.Option{
		voicesdk.WithSpanProcessor(r.spans),
		voicesdk.WithMetricReader(r.reader),
		voicesdk.WithLogProcessor(&r.logs),
	}
}

// Writer returns the writer for the JSON log lines; see [voicesdk.WithLogWriter].
func (r *Recorder) Writer() *Lines { return &Lines{&r.lines} }

// Spans returns the spans that have ended, in the order in which they ended.
func (r *Recorder) Spans() []sdktrace.ReadOnlySpan { return r.spans.Ended() }

// Named returns the spans with a name that have ended, in the order in which they ended.
func (r *Recorder) Named(name string) (spans []sdktrace.ReadOnlySpan) {
	for _, s := range r.Spans() {
		if s.Name() == name {
			spans = append(spans, s)
		}
	}
	return spans
}

// Open returns the spans that have started and not ended.
func (r *Recorder) Open() []sdktrace.ReadOnlySpan {
	ended := make(map[any]bool)
	for _, s := range r.spans.Ended() {
		ended[s.SpanContext().SpanID()] = true
	}
	var open []sdktrace.ReadOnlySpan
	for _, s := range r.spans.Started() {
		if !ended[s.SpanContext().SpanID()] {
			open = append(open, s)
		}
	}
	return open
}

// Logs returns the log records, in order.
func (r *Recorder) Logs() []sdklog.Record { return r.logs.all() }

// Lines returns the parsed JSON log lines, in order. It returns an error if a line is not a JSON
// object.
func (r *Recorder) Lines() ([]map[string]any, error) {
	var lines []map[string]any
	scanner := bufio.NewScanner(bytes.NewReader(r.lines.bytes()))
	scanner.Buffer(nil, 64<<20)
	for scanner.Scan() {
		var line map[string]any
		if err := json.Unmarshal(scanner.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("voicetest: line %d: %w: %s", len(lines)+1, err, scanner.Bytes())
		}
		lines = append(lines, line)
	}
	return lines, scanner.Err()
}

// Metrics returns the metrics recorded so far.
func (r *Recorder) Metrics() (metricdata.ResourceMetrics, error) {
	var rm metricdata.ResourceMetrics
	if err := r.reader.Collect(context.Background(), &rm); err != nil {
		return rm, fmt.Errorf("voicetest: collect metrics: %w", err)
	}
	return rm, nil
}

// Metric returns the data of the metric with a name. It returns false if there is none.
func (r *Recorder) Metric(name string) (metricdata.Aggregation, bool) {
	rm, err := r.Metrics()
	if err != nil {
		return nil, false
	}
	for _, scope := range rm.ScopeMetrics {
		for _, m := range scope.Metrics {
			if m.Name == name {
				return m.Data, true
			}
		}
	}
	return nil, false
}

// Lines is a writer that keeps the data written to it.
type Lines struct{ lines *lines }

// Write keeps a copy of p.
func (l *Lines) Write(p []byte) (int, error) { return l.lines.write(p) }

type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.buf.Bytes())
}

// logs is a log processor that keeps copies of records.
type logs struct {
	mu      sync.Mutex
	records []sdklog.Record
}

var _ sdklog.Processor = (*logs)(nil)

func (l *logs) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

func (l *logs) OnEmit(_ context.Context, record *sdklog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, record.Clone())
	return nil
}

func (l *logs) Shutdown(context.Context) error { return nil }

func (l *logs) ForceFlush(context.Context) error { return nil }

func (l *logs) all() []sdklog.Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]sdklog.Record, len(l.records))
	for i := range l.records {
		out[i] = l.records[i].Clone()
	}
	return out
}
