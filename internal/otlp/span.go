// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"math"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// The fields of a Span of opentelemetry.proto.trace.v1 and of its messages. A tag with a field
// number from 16 takes two bytes.
const (
	spanTraceID    = 1<<3 | bytesType
	spanSpanID     = 2<<3 | bytesType
	spanState      = 3<<3 | bytesType
	spanParentID   = 4<<3 | bytesType
	spanName       = 5<<3 | bytesType
	spanKind       = 6<<3 | varintType
	spanStart      = 7<<3 | fixed64Type
	spanEnd        = 8<<3 | fixed64Type
	spanAttributes = 9<<3 | bytesType
	spanDropped    = 10<<3 | varintType
	spanEvents     = 11<<3 | bytesType
	spanNoEvents   = 12<<3 | varintType
	spanLinks      = 13<<3 | bytesType
	spanNoLinks    = 14<<3 | varintType
	spanStatus     = 15<<3 | bytesType
	spanFlags      = protowire.Number(16)

	eventTime       = 1<<3 | fixed64Type
	eventName       = 2<<3 | bytesType
	eventAttributes = 3<<3 | bytesType
	eventDropped    = 4<<3 | varintType

	linkTraceID    = 1<<3 | bytesType
	linkSpanID     = 2<<3 | bytesType
	linkAttributes = 4<<3 | bytesType
	linkDropped    = 5<<3 | varintType
	linkFlags      = protowire.Number(6)

	statusMessage = 2<<3 | bytesType
	statusCode    = 3<<3 | varintType

	statusOK, statusError = 1, 2

	// Flags in addition to the W3C's: whether the parent is remote is known, and it is.
	knowsRemote, isRemote = 0x100, 0x200
)

// encoder encodes one span at a time.
type encoder struct {
	table *logrecord.KeyCache
	keys  []*logrecord.Key
	bytes []byte
}

// append appends a Span: the same bytes as those of the SDK's exporter, except that text is
// cleaned and byte slices are replaced by their size.
func (e *encoder) append(dst []byte, s sdktrace.ReadOnlySpan) []byte {
	sc, parent := s.SpanContext(), s.Parent()
	tid, sid := sc.TraceID(), sc.SpanID()
	dst = appendID(dst, spanTraceID, tid[:])
	dst = appendID(dst, spanSpanID, sid[:])
	if state := sc.TraceState(); state.Len() > 0 {
		dst = appendText(dst, spanState, state.String())
	}
	if id := parent.SpanID(); id.IsValid() {
		dst = appendID(dst, spanParentID, id[:])
	}
	dst = appendText(dst, spanName, s.Name())
	if kind := s.SpanKind(); kind >= trace.SpanKindInternal && kind <= trace.SpanKindConsumer {
		dst = append(dst, spanKind, byte(kind))
	}
	dst = appendTime(dst, spanStart, s.StartTime())
	dst = appendTime(dst, spanEnd, s.EndTime())
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
	dst, start := beginMessage(dst)
	dst = appendTime(dst, eventTime, event.Time)
	dst = appendText(dst, eventName, event.Name)
	dst = e.appendAttributes(dst, eventAttributes, event.Attributes)
	dst = appendCount(dst, eventDropped, event.DroppedAttributeCount)
	return endMessage(dst, start)
}

func (e *encoder) appendLink(dst []byte, link sdktrace.Link) []byte {
	dst, start := beginMessage(dst)
	tid, sid := link.SpanContext.TraceID(), link.SpanContext.SpanID()
	dst = appendID(dst, linkTraceID, tid[:])
	dst = appendID(dst, linkSpanID, sid[:])
	dst = e.appendAttributes(dst, linkAttributes, link.Attributes)
	dst = appendCount(dst, linkDropped, link.DroppedAttributeCount)
	dst = appendFlags(dst, linkFlags, link.SpanContext.TraceFlags(), link.SpanContext)
	return endMessage(dst, start)
}

// appendAttributes appends attributes. It does not modify them, because they belong to the SDK.
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
	return appendAttributes(dst, field, attrs, e.keys, asTheyAre)
}

// isBounded reports whether a value needs no bounds: it is short, and not bytes, which may be
// audio.
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
	dst, start := beginMessage(dst)
	dst = appendText(dst, statusMessage, status.Description)
	switch status.Code {
	case codes.Ok:
		dst = append(dst, statusCode, statusOK)
	case codes.Error:
		dst = append(dst, statusCode, statusError)
	case codes.Unset:
	}
	return endMessage(dst, start)
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
