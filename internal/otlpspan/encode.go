// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlpspan

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/otlpwire"
)

// The fields of a Span of opentelemetry.proto.trace.v1, and of what is in it. Those from 16 on
// have a number of two bytes.
const (
	spanTraceID    = 1<<3 | otlpwire.Sized
	spanSpanID     = 2<<3 | otlpwire.Sized
	spanState      = 3<<3 | otlpwire.Sized
	spanParentID   = 4<<3 | otlpwire.Sized
	spanName       = 5<<3 | otlpwire.Sized
	spanKind       = 6<<3 | otlpwire.Varint
	spanStart      = 7<<3 | otlpwire.Fixed64
	spanEnd        = 8<<3 | otlpwire.Fixed64
	spanAttributes = 9<<3 | otlpwire.Sized
	spanDropped    = 10<<3 | otlpwire.Varint
	spanEvents     = 11<<3 | otlpwire.Sized
	spanNoEvents   = 12<<3 | otlpwire.Varint
	spanLinks      = 13<<3 | otlpwire.Sized
	spanNoLinks    = 14<<3 | otlpwire.Varint
	spanStatus     = 15<<3 | otlpwire.Sized
	spanFlags      = protowire.Number(16)

	eventTime       = 1<<3 | otlpwire.Fixed64
	eventName       = 2<<3 | otlpwire.Sized
	eventAttributes = 3<<3 | otlpwire.Sized
	eventDropped    = 4<<3 | otlpwire.Varint

	linkTraceID    = 1<<3 | otlpwire.Sized
	linkSpanID     = 2<<3 | otlpwire.Sized
	linkAttributes = 4<<3 | otlpwire.Sized
	linkDropped    = 5<<3 | otlpwire.Varint
	linkFlags      = protowire.Number(6)

	statusMessage = 2<<3 | otlpwire.Sized
	statusCode    = 3<<3 | otlpwire.Varint

	statusOK, statusError = 1, 2

	// What flags say beside the W3C's: that it is known whether the parent is remote, and
	// whether it is.
	knowsRemote, isRemote = 0x100, 0x200
)

// encoder encodes one span at a time.
type encoder struct {
	table *logrecord.KeyCache
	keys  []*logrecord.Key
	bytes []byte
}

// append appends a Span. The SDK's exporter encodes it in the same way, except that texts are
// cleaned here.
func (e *encoder) append(dst []byte, s sdktrace.ReadOnlySpan) []byte {
	sc, parent := s.SpanContext(), s.Parent()
	tid, sid := sc.TraceID(), sc.SpanID()
	dst = appendID(dst, spanTraceID, tid[:])
	dst = appendID(dst, spanSpanID, sid[:])
	if state := sc.TraceState(); state.Len() > 0 {
		dst = otlpwire.AppendText(dst, spanState, state.String())
	}
	if id := parent.SpanID(); id.IsValid() {
		dst = appendID(dst, spanParentID, id[:])
	}
	dst = otlpwire.AppendText(dst, spanName, s.Name())
	if kind := s.SpanKind(); kind >= trace.SpanKindInternal && kind <= trace.SpanKindConsumer {
		dst = append(dst, spanKind, byte(kind))
	}
	dst = otlpwire.AppendTime(dst, spanStart, s.StartTime())
	dst = otlpwire.AppendTime(dst, spanEnd, s.EndTime())
	dst = e.appendAttributes(dst, spanAttributes, s.Attributes())
	dst = appendCount(dst, spanDropped, s.DroppedAttributes())
	for _, event := range s.Events() {
		dst = e.appendEvent(append(dst, spanEvents), event)
	}
	dst = appendCount(dst, spanNoEvents, s.DroppedEvents())
	for _, link := range s.Links() {
		dst = e.appendLink(append(dst, spanLinks), link)
	}
	dst = appendCount(dst, spanNoLinks, s.DroppedLinks())
	dst = appendStatus(append(dst, spanStatus), s.Status())
	return appendFlags(dst, spanFlags, sc.TraceFlags(), parent)
}

func (e *encoder) appendEvent(dst []byte, event sdktrace.Event) []byte {
	dst, start := otlpwire.Begin(dst)
	dst = otlpwire.AppendTime(dst, eventTime, event.Time)
	dst = otlpwire.AppendText(dst, eventName, event.Name)
	dst = e.appendAttributes(dst, eventAttributes, event.Attributes)
	dst = appendCount(dst, eventDropped, event.DroppedAttributeCount)
	return otlpwire.End(dst, start)
}

func (e *encoder) appendLink(dst []byte, link sdktrace.Link) []byte {
	dst, start := otlpwire.Begin(dst)
	tid, sid := link.SpanContext.TraceID(), link.SpanContext.SpanID()
	dst = appendID(dst, linkTraceID, tid[:])
	dst = appendID(dst, linkSpanID, sid[:])
	dst = e.appendAttributes(dst, linkAttributes, link.Attributes)
	dst = appendCount(dst, linkDropped, link.DroppedAttributeCount)
	dst = appendFlags(dst, linkFlags, link.SpanContext.TraceFlags(), link.SpanContext)
	return otlpwire.End(dst, start)
}

// appendAttributes appends attributes. They belong to the SDK, and must not be written to.
func (e *encoder) appendAttributes(dst []byte, field byte, attrs []attribute.KeyValue) []byte {
	e.keys = e.keys[:0]
	bounded := true
	for i := range attrs {
		bounded = bounded && isBounded(&attrs[i].Value)
		e.keys = append(e.keys, e.table.Of(attrs[i].Key))
	}
	if !bounded {
		var changed bool
		if attrs, changed = cleantext.Attributes(attrs); changed {
			e.keys = e.keys[:0]
			for i := range attrs {
				e.keys = append(e.keys, e.table.Of(attrs[i].Key))
			}
		}
	}
	return otlpwire.AppendAttributes(dst, field, attrs, e.keys)
}

// isBounded reports whether a value is sure to be short, and no bytes, which may be audio.
func isBounded(v *attribute.Value) bool {
	switch v.Type() {
	case attribute.STRING:
		return len(v.AsString()) <= cleantext.MaxBytes
	case attribute.STRINGSLICE, attribute.BYTESLICE, attribute.SLICE, attribute.MAP:
		return false
	}
	return true
}

func appendStatus(dst []byte, status sdktrace.Status) []byte {
	dst, start := otlpwire.Begin(dst)
	dst = otlpwire.AppendText(dst, statusMessage, status.Description)
	switch status.Code {
	case codes.Ok:
		dst = append(dst, statusCode, statusOK)
	case codes.Error:
		dst = append(dst, statusCode, statusError)
	case codes.Unset:
	}
	return otlpwire.End(dst, start)
}

func appendFlags(dst []byte, field protowire.Number, flags trace.TraceFlags, parent trace.SpanContext) []byte {
	all := uint32(flags) | knowsRemote
	if parent.IsRemote() {
		all |= isRemote
	}
	dst = protowire.AppendTag(dst, field, protowire.Fixed32Type)
	return protowire.AppendFixed32(dst, all)
}

func appendID(dst []byte, field byte, id []byte) []byte {
	return append(append(dst, field, byte(len(id))), id...)
}

func appendCount(dst []byte, field byte, n int) []byte {
	if n <= 0 {
		return dst
	}
	return protowire.AppendVarint(append(dst, field), uint64(min(int64(n), math.MaxUint32)))
}
