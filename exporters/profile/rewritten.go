// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"encoding/binary"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// rewritten is a span under another name, in another place or with other times.
type rewritten struct {
	sdktrace.ReadOnlySpan

	name            string
	context, parent trace.SpanContext
	start, end      time.Time
	attributes      []attribute.KeyValue
	events          []sdktrace.Event
	made            bool // It has no original: no links and status.
}

// renamed returns the span under another name, and in the scope of LiveKit Agents.
func (s *source) renamed(name string) *rewritten {
	return &rewritten{
		ReadOnlySpan: s.ReadOnlySpan, name: name, context: s.SpanContext(), parent: s.Parent(),
		start: s.StartTime(), end: s.EndTime(), attributes: s.attributes, events: s.Events(),
	}
}

// made returns a new span, which has an ID made of that of the span, the name and a number: exports of the same span
// make the same one.
func (s *source) made(name string, n int) *rewritten {
	r := &rewritten{ReadOnlySpan: s.ReadOnlySpan, name: name, made: true}
	r.context = s.SpanContext().WithSpanID(derived(s.SpanContext().SpanID(), name, n))
	return r
}

// derived returns an ID that is as random as the one that it is made of.
func derived(id trace.SpanID, name string, n int) trace.SpanID {
	x := binary.BigEndian.Uint64(id[:]) + uint64(n)
	for i := range len(name) {
		x = (x ^ uint64(name[i])) * 0x9e3779b97f4a7c15 // The golden ratio.
		x ^= x >> 32
	}
	x ^= x >> 29
	binary.BigEndian.PutUint64(id[:], max(x, 1))
	return id
}

func (r *rewritten) Name() string                     { return r.name }
func (r *rewritten) SpanContext() trace.SpanContext   { return r.context }
func (r *rewritten) Parent() trace.SpanContext        { return r.parent }
func (r *rewritten) StartTime() time.Time             { return r.start }
func (r *rewritten) EndTime() time.Time               { return r.end }
func (r *rewritten) Attributes() []attribute.KeyValue { return r.attributes }
func (r *rewritten) Events() []sdktrace.Event         { return r.events }

func (r *rewritten) SpanKind() trace.SpanKind {
	if r.made {
		return trace.SpanKindInternal
	}
	return r.ReadOnlySpan.SpanKind()
}

func (r *rewritten) Links() []sdktrace.Link {
	if r.made {
		return nil
	}
	return r.ReadOnlySpan.Links()
}

func (r *rewritten) Status() sdktrace.Status {
	if r.made {
		return sdktrace.Status{}
	}
	return r.ReadOnlySpan.Status()
}

func (r *rewritten) DroppedAttributes() int { return r.dropped(r.ReadOnlySpan.DroppedAttributes()) }
func (r *rewritten) DroppedEvents() int     { return r.dropped(r.ReadOnlySpan.DroppedEvents()) }
func (r *rewritten) DroppedLinks() int      { return r.dropped(r.ReadOnlySpan.DroppedLinks()) }
func (r *rewritten) ChildSpanCount() int    { return r.dropped(r.ReadOnlySpan.ChildSpanCount()) }

func (r *rewritten) dropped(n int) int {
	if r.made {
		return 0
	}
	return n
}

// InstrumentationScope is that of LiveKit Agents, by which others recognize its spans.
func (r *rewritten) InstrumentationScope() instrumentation.Scope {
	return instrumentation.Scope{Name: lkScope}
}

// InstrumentationLibrary is the deprecated name of the scope.
func (r *rewritten) InstrumentationLibrary() instrumentation.Library { //nolint:staticcheck // The interface has it.
	return r.InstrumentationScope()
}
