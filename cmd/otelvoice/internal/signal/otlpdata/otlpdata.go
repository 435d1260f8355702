// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlpdata makes signals of OTLP, from the wire or from files.
package otlpdata

import (
	"encoding/base64"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// Traces returns the spans of a request. They hold no memory of it.
func Traces(traces ptrace.Traces) *signal.Batch {
	b := &signal.Batch{Spans: make([]*signal.Span, 0, traces.SpanCount())}
	for _, rs := range traces.ResourceSpans().All() {
		resource := resourceOf(rs.Resource())
		for _, ss := range rs.ScopeSpans().All() {
			scope := scopeOf(ss.Scope())
			for _, s := range ss.Spans().All() {
				b.Spans = append(b.Spans, spanOf(s, resource, scope))
			}
		}
	}
	return b
}

// Logs returns the records of a request. They hold no memory of it.
func Logs(logs plog.Logs) *signal.Batch {
	b := &signal.Batch{Records: make([]*signal.Record, 0, logs.LogRecordCount())}
	for _, rl := range logs.ResourceLogs().All() {
		resource := resourceOf(rl.Resource())
		for _, sl := range rl.ScopeLogs().All() {
			scope := scopeOf(sl.Scope())
			for _, r := range sl.LogRecords().All() {
				b.Records = append(b.Records, recordOf(r, resource, scope))
			}
		}
	}
	return b
}

// Metrics counts the points of a request.
func Metrics(metrics pmetric.Metrics) *signal.Batch {
	return &signal.Batch{Points: metrics.DataPointCount()}
}

func spanOf(s ptrace.Span, resource *signal.Resource, scope *signal.Scope) *signal.Span {
	span := &signal.Span{
		TraceID: trace.TraceID(s.TraceID()), SpanID: trace.SpanID(s.SpanID()), ParentID: trace.SpanID(s.ParentSpanID()),
		Name: s.Name(), Kind: trace.SpanKind(max(s.Kind(), 0)).String(),
		Start: timeOf(s.StartTimestamp()), End: timeOf(s.EndTimestamp()),
		Failed: s.Status().Code() == ptrace.StatusCodeError, Status: s.Status().Message(),
		Attributes: attributesOf(s.Attributes()),
		Dropped:    int(s.DroppedAttributesCount()) + int(s.DroppedEventsCount()) + int(s.DroppedLinksCount()),
		Resource:   resource, Scope: scope,
	}
	for _, e := range s.Events().All() {
		span.Events = append(span.Events, signal.Event{Name: e.Name(), Time: timeOf(e.Timestamp()), Attributes: attributesOf(e.Attributes())})
		span.Dropped += int(e.DroppedAttributesCount())
	}
	for _, l := range s.Links().All() {
		span.Links = append(span.Links, signal.Link{
			TraceID: trace.TraceID(l.TraceID()), SpanID: trace.SpanID(l.SpanID()), Attributes: attributesOf(l.Attributes()),
		})
	}
	return span
}

func recordOf(r plog.LogRecord, resource *signal.Resource, scope *signal.Scope) *signal.Record {
	at := timeOf(r.Timestamp())
	if at.IsZero() {
		at = timeOf(r.ObservedTimestamp())
	}
	return &signal.Record{
		Time: at, Severity: r.SeverityText(), Number: int(r.SeverityNumber()), Body: r.Body().AsString(), EventName: r.EventName(),
		TraceID: trace.TraceID(r.TraceID()), SpanID: trace.SpanID(r.SpanID()), Attributes: attributesOf(r.Attributes()),
		Dropped: int(r.DroppedAttributesCount()), Resource: resource, Scope: scope,
	}
}

func resourceOf(r pcommon.Resource) *signal.Resource {
	return &signal.Resource{Attributes: attributesOf(r.Attributes())}
}

func scopeOf(s pcommon.InstrumentationScope) *signal.Scope {
	return &signal.Scope{Name: s.Name(), Version: s.Version(), Attributes: attributesOf(s.Attributes())}
}

// timeOf returns a time. That of 0, and one that no int64 can hold, is unknown.
func timeOf(t pcommon.Timestamp) time.Time {
	if t == 0 || t > 1<<63-1 {
		return time.Time{}
	}
	return t.AsTime()
}

func attributesOf(m pcommon.Map) signal.Attributes {
	attrs := make([]signal.Attribute, 0, m.Len())
	for key, v := range m.All() {
		if value := valueOf(v); value != nil {
			attrs = append(attrs, signal.Attribute{Key: key, Value: value})
		}
	}
	return signal.NewAttributes(attrs)
}

// valueOf returns a value. Bytes become text in base64. An empty value is nil.
func valueOf(v pcommon.Value) any {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str()
	case pcommon.ValueTypeBool:
		return v.Bool()
	case pcommon.ValueTypeInt:
		return v.Int()
	case pcommon.ValueTypeDouble:
		return v.Double()
	case pcommon.ValueTypeBytes:
		return base64.StdEncoding.EncodeToString(v.Bytes().AsRaw())
	case pcommon.ValueTypeSlice:
		list := make([]any, 0, v.Slice().Len())
		for _, e := range v.Slice().All() {
			list = append(list, valueOf(e))
		}
		return list
	case pcommon.ValueTypeMap:
		return attributesOf(v.Map())
	case pcommon.ValueTypeEmpty:
	}
	return nil
}
