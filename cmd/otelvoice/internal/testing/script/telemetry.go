// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package script

import (
	"bytes"
	"sync"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

// Telemetry is what calls told.
type Telemetry struct {
	lines   buffer
	spans   []sdktrace.ReadOnlySpan
	records []sdklog.Record
}

// Of returns the telemetry that has spans alone.
func Of(spans []sdktrace.ReadOnlySpan) *Telemetry { return &Telemetry{spans: spans} }

type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

// Lines returns the JSON log lines.
func (t *Telemetry) Lines() []byte { return t.lines.b.Bytes() }

// OTLP returns the spans and records as the Collector's file exporter writes them: one request a line.
func (t *Telemetry) OTLP(tb testing.TB) []byte {
	tb.Helper()
	traces, err := new(ptrace.JSONMarshaler).MarshalTraces(t.traces())
	if err != nil {
		tb.Fatal(err)
	}
	logs, err := new(plog.JSONMarshaler).MarshalLogs(t.logs())
	if err != nil {
		tb.Fatal(err)
	}
	return append(append(append(traces, '\n'), logs...), '\n')
}

// Batch returns the spans and records.
func (t *Telemetry) Batch() *signal.Batch {
	return &signal.Batch{Spans: otlpdata.Traces(t.traces()).Spans, Records: otlpdata.Logs(t.logs()).Records}
}

func (t *Telemetry) traces() ptrace.Traces {
	traces := ptrace.NewTraces()
	for _, s := range t.spans {
		rs := traces.ResourceSpans().AppendEmpty()
		put(rs.Resource().Attributes(), s.Resource().Attributes())
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName(s.InstrumentationScope().Name)
		ss.Scope().SetVersion(s.InstrumentationScope().Version)
		out := ss.Spans().AppendEmpty()
		out.SetTraceID(pcommon.TraceID(s.SpanContext().TraceID()))
		out.SetSpanID(pcommon.SpanID(s.SpanContext().SpanID()))
		out.SetParentSpanID(pcommon.SpanID(s.Parent().SpanID()))
		out.SetName(s.Name())
		out.SetKind(ptrace.SpanKind(s.SpanKind()))
		out.SetStartTimestamp(pcommon.NewTimestampFromTime(s.StartTime()))
		out.SetEndTimestamp(pcommon.NewTimestampFromTime(s.EndTime()))
		put(out.Attributes(), s.Attributes())
		if s.Status().Code == codes.Error {
			out.Status().SetCode(ptrace.StatusCodeError)
			out.Status().SetMessage(s.Status().Description)
		}
		for _, e := range s.Events() {
			event := out.Events().AppendEmpty()
			event.SetName(e.Name)
			event.SetTimestamp(pcommon.NewTimestampFromTime(e.Time))
			put(event.Attributes(), e.Attributes)
		}
		for _, l := range s.Links() {
			link := out.Links().AppendEmpty()
			link.SetTraceID(pcommon.TraceID(l.SpanContext.TraceID()))
			link.SetSpanID(pcommon.SpanID(l.SpanContext.SpanID()))
		}
	}
	return traces
}

func (t *Telemetry) logs() plog.Logs {
	logs := plog.NewLogs()
	for _, r := range t.records {
		rl := logs.ResourceLogs().AppendEmpty()
		put(rl.Resource().Attributes(), r.Resource().Attributes())
		sl := rl.ScopeLogs().AppendEmpty()
		sl.Scope().SetName(r.InstrumentationScope().Name)
		out := sl.LogRecords().AppendEmpty()
		out.SetTimestamp(pcommon.NewTimestampFromTime(r.Timestamp()))
		out.SetSeverityNumber(plog.SeverityNumber(r.Severity()))
		out.SetSeverityText(r.SeverityText())
		out.Body().SetStr(r.Body().AsString())
		out.SetTraceID(pcommon.TraceID(r.TraceID()))
		out.SetSpanID(pcommon.SpanID(r.SpanID()))
		r.WalkAttributes(func(kv attribute.KeyValue) bool {
			put(out.Attributes(), []attribute.KeyValue{kv})
			return true
		})
	}
	return logs
}

func put(to pcommon.Map, attrs []attribute.KeyValue) {
	for _, kv := range attrs {
		_ = to.PutEmpty(string(kv.Key)).FromRaw(raw(kv.Value)) // It fails for no type of value.
	}
}

func raw(v attribute.Value) any {
	switch v.Type() {
	case attribute.STRINGSLICE:
		var list []any
		for _, s := range v.AsStringSlice() {
			list = append(list, s)
		}
		return list
	case attribute.SLICE:
		var list []any
		for _, e := range v.AsSlice() {
			list = append(list, raw(e))
		}
		return list
	case attribute.MAP:
		fields := make(map[string]any)
		for _, kv := range v.AsMap() {
			fields[string(kv.Key)] = raw(kv.Value)
		}
		return fields
	default:
		return v.AsInterface()
	}
}
