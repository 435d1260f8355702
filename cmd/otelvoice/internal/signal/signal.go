// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package signal holds the spans and log records of an agent as plain values, whatever they were read from:
// OTLP on the wire, files of it, JSON log lines. All values are read-only once they are made, so that they may
// be shared between goroutines.
package signal

import (
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Batch is what one request, or one line of a file, holds.
type Batch struct {
	Spans   []*Span
	Records []*Record
	// Points is the number of metric points. Their values are not kept.
	Points int
}

// Len returns the number of spans, records and points.
func (b *Batch) Len() int { return len(b.Spans) + len(b.Records) + b.Points }

// Span is a span that has ended.
type Span struct {
	TraceID trace.TraceID `json:"trace_id"`
	SpanID  trace.SpanID  `json:"span_id"`
	// ParentID is zero for the first span of a trace. The parent may be unknown.
	ParentID trace.SpanID `json:"parent_id,omitzero"`
	Name     string       `json:"name"`
	// Kind is the text of a [trace.SpanKind], such as "client".
	Kind string `json:"kind"`
	// Start and End are zero if the sender left them out.
	Start time.Time `json:"start,omitzero"`
	End   time.Time `json:"end,omitzero"`
	// Failed reports the status Error, whose description is Status.
	Failed     bool       `json:"failed,omitempty"`
	Status     string     `json:"status,omitempty"`
	Attributes Attributes `json:"attributes,omitempty"`
	Events     []Event    `json:"events,omitempty"`
	Links      []Link     `json:"links,omitempty"`
	// Dropped is the number of attributes, events and links that the sender left out.
	Dropped int `json:"dropped,omitempty"`
	// Resource and Scope are shared by the spans of a batch. They are never nil in a batch.
	Resource *Resource `json:"resource,omitempty"`
	Scope    *Scope    `json:"scope,omitempty"`
}

// Duration returns the time from the start to the end. ok is false if one of them is unknown, or if the end is
// before the start.
func (s *Span) Duration() (d time.Duration, ok bool) {
	if s.Start.IsZero() || s.End.IsZero() || s.End.Before(s.Start) {
		return 0, false
	}
	return s.End.Sub(s.Start), true
}

// Event is an event of a span.
type Event struct {
	Name       string     `json:"name"`
	Time       time.Time  `json:"time,omitzero"`
	Attributes Attributes `json:"attributes,omitempty"`
}

// Link points from a span to another one.
type Link struct {
	TraceID    trace.TraceID `json:"trace_id"`
	SpanID     trace.SpanID  `json:"span_id"`
	Attributes Attributes    `json:"attributes,omitempty"`
}

// Record is a log record. One that comes from a JSON log line of package jsonlog has the same attributes as one
// that comes by OTLP: voice.phase, voice.duration, session.id and so on.
type Record struct {
	// Time is when the record was made, or else when it was first seen. It is zero if neither is known.
	Time time.Time `json:"time,omitzero"`
	// Severity is the text of the level, such as "INFO". Number is OpenTelemetry's severity number, from 1 to
	// 24; 0 is unknown.
	Severity string `json:"severity,omitempty"`
	Number   int    `json:"severity_number,omitempty"`
	// Body is the message. One that is not a string is in JSON.
	Body string `json:"body,omitempty"`
	// EventName is empty for records that are not events.
	EventName  string        `json:"event_name,omitempty"`
	TraceID    trace.TraceID `json:"trace_id,omitzero"`
	SpanID     trace.SpanID  `json:"span_id,omitzero"`
	Attributes Attributes    `json:"attributes,omitempty"`
	// Dropped is the number of attributes that the sender left out.
	Dropped int `json:"dropped,omitempty"`
	// Resource and Scope are shared by the records of a batch. They are never nil in a batch.
	Resource *Resource `json:"resource,omitempty"`
	Scope    *Scope    `json:"scope,omitempty"`
}

// Resource is the process that sent a signal.
type Resource struct {
	Attributes Attributes `json:"attributes,omitempty"`
}

// Scope is the library that made a signal.
type Scope struct {
	Name       string     `json:"name,omitempty"`
	Version    string     `json:"version,omitempty"`
	Attributes Attributes `json:"attributes,omitempty"`
}
