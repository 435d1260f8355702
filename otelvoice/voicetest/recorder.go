// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package voicetest records in memory what a voice agent's telemetry tells, for
// its tests: spans, logs and metrics of whole calls, a timeline that a person
// can read, and a check of the trace's shape.
//
//	func TestGreeting(t *testing.T) {
//		tel, rec := voicetest.Setup(t)
//		runCall(t.Context(), tel)
//		voicetest.Check(t, rec)
//		if got := rec.Shape(); got != want { … }
//	}
//
// Under testing/synctest the times are exact, and [Recorder.Timeline] can be
// compared as it is.
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

// A Recorder keeps what telemetry tells. Hand its [Recorder.Options] to
// [voicesdk.Setup]; one Recorder serves one Setup. It is safe for concurrent
// use and keeps everything: it is for tests, and for programs as short.
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

// Setup makes telemetry that tells all to a recorder and to nobody else: no
// globals, no environment, no output. It is shut down when the test ends. More
// options come after the recorder's.
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

// Options returns the options that make telemetry tell the recorder: its spans,
// its metrics and the records of its logs. Lines are not among them; see
// [Recorder.Writer].
func (r *Recorder) Options() []voicesdk.Option {
	return []voicesdk.Option{
		voicesdk.WithSpanProcessor(r.spans),
		voicesdk.WithMetricReader(r.reader),
		voicesdk.WithLogProcessor(&r.logs),
	}
}

// Writer returns where the JSON lines are kept; see [voicesdk.WithLogWriter].
func (r *Recorder) Writer() *Lines { return &Lines{&r.lines} }

// Spans returns the spans that have ended, in the order in which they did.
func (r *Recorder) Spans() []sdktrace.ReadOnlySpan { return r.spans.Ended() }

// Named returns the spans of a name that have ended, in the order in which they did.
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

// Lines returns the JSON lines, parsed, in order. A line that is not a JSON
// object is an error.
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

// Metrics returns what has been measured so far.
func (r *Recorder) Metrics() (metricdata.ResourceMetrics, error) {
	var rm metricdata.ResourceMetrics
	if err := r.reader.Collect(context.Background(), &rm); err != nil {
		return rm, fmt.Errorf("voicetest: collect metrics: %w", err)
	}
	return rm, nil
}

// Metric returns the data of one metric by its name. It is false if nothing was
// measured.
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

// Lines is a writer that keeps what is written.
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

// logs is a log processor that keeps copies.
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
