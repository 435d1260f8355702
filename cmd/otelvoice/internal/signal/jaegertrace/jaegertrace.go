// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package jaegertrace makes spans of the JSON that one downloads of Jaeger: that of its page, and of its API /api/traces.
package jaegertrace

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// ErrOther is returned for an object of JSON that has no traces of Jaeger.
var ErrOther = errors.New("not a trace of Jaeger")

// A tag is an attribute.
type tag struct {
	Key   string
	Value any
}

type tags []tag

type span struct {
	TraceID, SpanID, OperationName, ProcessID string
	References                                []struct{ RefType, TraceID, SpanID string }
	StartTime, Duration                       int64 // Microseconds.
	Tags                                      tags
	Logs                                      []struct {
		Timestamp int64
		Fields    tags
	}
	Process *process
}

type process struct {
	ServiceName string
	Tags        tags
}

type traces []struct {
	TraceID   string
	Spans     []span
	Processes map[string]process
}

// Parse reads an object. It holds no memory of it. ErrOther is returned for other objects, any other error for what is
// not JSON, or has fields of other types.
func Parse(object []byte) (*signal.Batch, error) {
	if !bytes.Contains(object, []byte(`"traceID"`)) || !bytes.Contains(object, []byte(`"operationName"`)) {
		return nil, ErrOther
	}
	var download struct {
		Data  traces
		Spans []span // The object is one trace.

		Processes map[string]process
	}
	in := json.NewDecoder(bytes.NewReader(object))
	in.UseNumber()
	if err := in.Decode(&download); err != nil {
		return nil, err
	}
	if len(download.Spans) > 0 {
		download.Data = append(download.Data, traces{{Spans: download.Spans, Processes: download.Processes}}...)
	}
	batch := new(signal.Batch)
	for _, t := range download.Data {
		resources := make(map[string]*signal.Resource, len(t.Processes))
		for id, p := range t.Processes {
			resources[id] = p.resource()
		}
		for i := range t.Spans {
			s := &t.Spans[i]
			resource := resources[s.ProcessID]
			if s.Process != nil {
				resource = s.Process.resource()
			}
			if resource == nil {
				resource = new(signal.Resource)
			}
			batch.Spans = append(batch.Spans, s.signal(resource))
		}
	}
	if len(batch.Spans) == 0 {
		return nil, ErrOther
	}
	return batch, nil
}

func (p *process) resource() *signal.Resource {
	attrs := p.Tags.fields()
	if p.ServiceName != "" {
		attrs["service.name"] = p.ServiceName
	}
	return &signal.Resource{Attributes: signal.FromMap(attrs)}
}

// signal returns the span as it was before Jaeger made tags of its fields.
func (s *span) signal(resource *signal.Resource) *signal.Span {
	attrs := s.Tags.fields()
	text := func(names ...string) (first string) {
		for _, name := range names {
			if v, ok := attrs[name].(string); ok && first == "" {
				first = v
			}
			delete(attrs, name)
		}
		return first
	}
	code, failed := text("otel.status_code"), attrs["error"] == true || attrs["error"] == "true"
	delete(attrs, "error")
	delete(attrs, "internal.span.format")
	out := &signal.Span{
		Name: s.OperationName, Kind: text("span.kind"), Start: timeOf(s.StartTime), Failed: code == "ERROR" || code == "" && failed,
		Status: text("otel.status_description"), Resource: resource,
		Scope: &signal.Scope{Name: text("otel.scope.name", "otel.library.name"), Version: text("otel.scope.version", "otel.library.version")},
	}
	if out.Kind == "" {
		out.Kind = trace.SpanKindInternal.String()
	}
	if !out.Start.IsZero() && s.Duration >= 0 {
		out.End = timeOf(s.StartTime + s.Duration) // A sum that overflows is negative: the end is unknown.
	}
	out.Attributes = signal.FromMap(attrs)
	out.TraceID, out.SpanID = traceID(s.TraceID), spanID(s.SpanID)
	for _, ref := range s.References {
		if ref.RefType == "CHILD_OF" && !out.ParentID.IsValid() && traceID(ref.TraceID) == out.TraceID {
			out.ParentID = spanID(ref.SpanID)
			continue
		}
		out.Links = append(out.Links, signal.Link{TraceID: traceID(ref.TraceID), SpanID: spanID(ref.SpanID)})
	}
	for _, log := range s.Logs {
		fields := log.Fields.fields()
		name, _ := fields["event"].(string)
		delete(fields, "event")
		out.Events = append(out.Events, signal.Event{Name: name, Time: timeOf(log.Timestamp), Attributes: signal.FromMap(fields)})
	}
	return out
}

// fields returns tags by their keys. Jaeger has no lists: it writes them as JSON in a text.
func (list tags) fields() map[string]any {
	fields := make(map[string]any, len(list)+1)
	for _, t := range list {
		fields[t.Key] = t.Value
		text, ok := t.Value.(string)
		if !ok || !strings.HasPrefix(text, "[") {
			continue
		}
		var values []any
		in := json.NewDecoder(strings.NewReader(text))
		in.UseNumber()
		if in.Decode(&values) == nil && !in.More() {
			fields[t.Key] = values
		}
	}
	return fields
}

// timeOf returns a time of microseconds. That of 0 is unknown, and so is one that nanoseconds cannot hold.
func timeOf(microseconds int64) time.Time {
	if microseconds <= 0 || microseconds > (1<<63-1)/1000 {
		return time.Time{}
	}
	return time.UnixMicro(microseconds).UTC()
}

// traceID returns an ID, or zero. Jaeger left out the first zeros.
func traceID(digits string) trace.TraceID {
	id, _ := trace.TraceIDFromHex(padded(digits, 2*len(trace.TraceID{})))
	return id
}

func spanID(digits string) trace.SpanID {
	id, _ := trace.SpanIDFromHex(padded(digits, 2*len(trace.SpanID{})))
	return id
}

func padded(digits string, n int) string {
	return strings.Repeat("0", max(0, n-len(digits))) + strings.ToLower(digits)
}
