// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"encoding/hex"
	"encoding/json"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// An item is a signal, and what the database has of it.
type item struct {
	isSpan   bool
	trace    trace.TraceID
	span     trace.SpanID
	attrs    signal.Attributes
	resource *signal.Resource
	scope    *signal.Scope
	data     []byte // The signal's JSON, without resource and scope.
}

// itemsOf returns the signals of a batch, and how many cannot be written as JSON.
func itemsOf(batch *signal.Batch) (items []item, unreadable int) {
	add := func(i item, of any) {
		var err error
		if i.data, err = json.Marshal(of); err != nil {
			unreadable++
			return
		}
		items = append(items, i)
	}
	for _, s := range batch.Spans {
		bare := *s
		bare.Resource, bare.Scope = nil, nil
		add(item{true, s.TraceID, s.SpanID, s.Attributes, s.Resource, s.Scope, nil}, &bare)
	}
	for _, r := range batch.Records {
		bare := *r
		bare.Resource, bare.Scope = nil, nil
		add(item{false, r.TraceID, r.SpanID, r.Attributes, r.Resource, r.Scope, nil}, &bare)
	}
	return items, unreadable
}

// The IDs of package trace write themselves as text and do not read it. These do.
type (
	traceIDText trace.TraceID
	spanIDText  trace.SpanID
)

func (t *traceIDText) UnmarshalText(text []byte) error { return fromHex(t[:], text) }

func (s *spanIDText) UnmarshalText(text []byte) error { return fromHex(s[:], text) }

func fromHex(to, text []byte) error {
	if hex.DecodedLen(len(text)) != len(to) {
		return hex.ErrLength
	}
	_, err := hex.Decode(to, text)
	return err
}

// readSpan reads the JSON of a span.
func readSpan(data []byte) (*signal.Span, error) {
	span := new(signal.Span)
	item := struct {
		*signal.Span

		TraceID  traceIDText `json:"trace_id"`
		SpanID   spanIDText  `json:"span_id"`
		ParentID spanIDText  `json:"parent_id"`
		Links    []struct {
			TraceID    traceIDText       `json:"trace_id"`
			SpanID     spanIDText        `json:"span_id"`
			Attributes signal.Attributes `json:"attributes"`
		} `json:"links"`
	}{Span: span}
	if err := json.Unmarshal(data, &item); err != nil {
		return nil, err
	}
	span.TraceID, span.SpanID, span.ParentID = trace.TraceID(item.TraceID), trace.SpanID(item.SpanID), trace.SpanID(item.ParentID)
	for _, l := range item.Links {
		span.Links = append(span.Links, signal.Link{TraceID: trace.TraceID(l.TraceID), SpanID: trace.SpanID(l.SpanID), Attributes: l.Attributes})
	}
	return span, nil
}

// readRecord reads the JSON of a log record.
func readRecord(data []byte) (*signal.Record, error) {
	record := new(signal.Record)
	item := struct {
		*signal.Record

		TraceID traceIDText `json:"trace_id"`
		SpanID  spanIDText  `json:"span_id"`
	}{Record: record}
	if err := json.Unmarshal(data, &item); err != nil {
		return nil, err
	}
	record.TraceID, record.SpanID = trace.TraceID(item.TraceID), trace.SpanID(item.SpanID)
	return record, nil
}
