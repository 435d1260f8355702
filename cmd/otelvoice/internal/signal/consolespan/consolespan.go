// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package consolespan makes spans of the JSON that OpenTelemetry's console exporters of Go and Python write
// (OTEL_TRACES_EXPORTER=console). What that of JavaScript writes is no JSON.
package consolespan

import (
	"bytes"
	"encoding/json"
	"errors"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// ErrOther is returned for an object of JSON that is not such a span.
var ErrOther = errors.New("not a span of the console exporter")

// context is what names a span of Go.
type context struct{ TraceID, SpanID string }

func (c context) ids() (t trace.TraceID, s trace.SpanID) {
	t, _ = trace.TraceIDFromHex(c.TraceID)
	s, _ = trace.SpanIDFromHex(c.SpanID)
	return t, s
}

// keyValues are attributes of Go. Each value is beside its type.
type keyValues []struct {
	Key   string
	Value struct{ Value any }
}

func (list keyValues) attributes() signal.Attributes {
	fields := make(map[string]any, len(list))
	for _, kv := range list {
		fields[kv.Key] = kv.Value.Value
	}
	return signal.FromMap(fields)
}

// Parse reads an object. It holds no memory of it. ErrOther is returned for other objects, any other error for what
// is not JSON, or has fields of other types.
func Parse(object []byte) (*signal.Span, error) {
	switch { // So that other objects are not read.
	case bytes.Contains(object, []byte(`"SpanContext"`)):
		return parseGo(object)
	case bytes.Contains(object, []byte(`"context"`)) && bytes.Contains(object, []byte(`"trace_id"`)):
		return parsePython(object)
	}
	return nil, ErrOther
}

func parseGo(object []byte) (*signal.Span, error) {
	var s struct {
		Name                 string
		SpanContext, Parent  context
		SpanKind             int
		StartTime, EndTime   time.Time
		Attributes, Resource keyValues
		Events               []struct {
			Name                  string
			Attributes            keyValues
			DroppedAttributeCount int
			Time                  time.Time
		}
		Links []struct {
			SpanContext context
			Attributes  keyValues
		}
		Status                                         struct{ Code, Description string }
		DroppedAttributes, DroppedEvents, DroppedLinks int
		InstrumentationScope                           struct{ Name, Version string }
	}
	in := json.NewDecoder(bytes.NewReader(object))
	in.UseNumber()
	if err := in.Decode(&s); err != nil {
		return nil, err
	}
	if s.Name == "" {
		return nil, ErrOther
	}
	span := &signal.Span{
		Name: s.Name, Kind: trace.SpanKind(max(s.SpanKind, 0)).String(), Start: known(s.StartTime), End: known(s.EndTime),
		Failed: s.Status.Code == "Error", Status: s.Status.Description, Attributes: s.Attributes.attributes(),
		Dropped:  max(s.DroppedAttributes, 0) + max(s.DroppedEvents, 0) + max(s.DroppedLinks, 0),
		Resource: &signal.Resource{Attributes: s.Resource.attributes()},
		Scope:    &signal.Scope{Name: s.InstrumentationScope.Name, Version: s.InstrumentationScope.Version},
	}
	span.TraceID, span.SpanID = s.SpanContext.ids()
	_, span.ParentID = s.Parent.ids()
	for _, e := range s.Events {
		span.Events = append(span.Events, signal.Event{Name: e.Name, Time: known(e.Time), Attributes: e.Attributes.attributes()})
		span.Dropped += max(e.DroppedAttributeCount, 0)
	}
	for _, l := range s.Links {
		link := signal.Link{Attributes: l.Attributes.attributes()}
		link.TraceID, link.SpanID = l.SpanContext.ids()
		span.Links = append(span.Links, link)
	}
	return span, nil
}

// known returns a time in UTC. The zero time is unknown.
func known(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	return t.UTC()
}
