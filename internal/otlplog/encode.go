// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlplog

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/attrkey"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// The fields of opentelemetry.proto.logs.v1 and .common.v1, each with the type that it is
// written with.
const (
	varint  = byte(protowire.VarintType)
	fixed64 = byte(protowire.Fixed64Type)
	fixed32 = byte(protowire.Fixed32Type)
	sized   = byte(protowire.BytesType)

	recordTime         = 1<<3 | fixed64
	recordSeverity     = 2<<3 | varint
	recordSeverityText = 3<<3 | sized
	recordBody         = 5<<3 | sized
	recordAttributes   = 6<<3 | sized
	recordDropped      = 7<<3 | varint
	recordFlags        = 8<<3 | fixed32
	recordTraceID      = 9<<3 | sized
	recordSpanID       = 10<<3 | sized
	recordObserved     = 11<<3 | fixed64
	recordEventName    = 12<<3 | sized

	pairKey   = 1<<3 | sized
	pairValue = 2<<3 | sized

	valueString = 1<<3 | sized
	valueBool   = 2<<3 | varint
	valueInt    = 3<<3 | varint
	valueDouble = 4<<3 | fixed64
	valueArray  = 5<<3 | sized
	valuePairs  = 6<<3 | sized
	valueBytes  = 7<<3 | sized

	elements = 1<<3 | sized // Of an array, and of a list of pairs.
)

// maxAttributes is how many attributes of a record are sent, as the SDK has it by default.
const maxAttributes = 128

// appendRecord appends a LogRecord. What the SDK makes of the same record is the same, save
// that it knows nothing of blocks.
func appendRecord(dst []byte, r *logrecord.Record) []byte {
	dst = appendTime(dst, recordTime, r.Time)
	if r.Severity != 0 {
		dst = append(dst, recordSeverity)
		dst = protowire.AppendVarint(dst, uint64(r.Severity))
	}
	dst = appendText(dst, recordSeverityText, r.SeverityText)
	dst = append(dst, recordBody)
	dst = appendSizedValue(dst, &r.Body)
	dst, dropped := appendAttributes(dst, r)
	if dropped > 0 {
		dst = append(dst, recordDropped)
		dst = protowire.AppendVarint(dst, uint64(dropped))
	}
	if flags := r.Span.TraceFlags(); flags != 0 {
		dst = append(dst, recordFlags, byte(flags), 0, 0, 0)
	}
	if id := r.Span.TraceID(); id.IsValid() {
		dst = append(dst, recordTraceID, byte(len(id)))
		dst = append(dst, id[:]...)
	}
	if id := r.Span.SpanID(); id.IsValid() {
		dst = append(dst, recordSpanID, byte(len(id)))
		dst = append(dst, id[:]...)
	}
	observed := r.Observed
	if observed.IsZero() {
		observed = observedAt(r.Time)
	}
	dst = appendTime(dst, recordObserved, observed)
	return appendText(dst, recordEventName, r.EventName)
}

// observedAt returns when a record was seen that happened at a time. What happens where it is
// seen is seen when it happens, as the data model has it; a time that was not read off this
// process' clock is of something else, or of before.
func observedAt(t time.Time) time.Time {
	if t != t.Round(0) { // It has a reading of the monotonic clock.
		return t
	}
	return time.Now()
}

// appendAttributes appends the attributes, of which it leaves out those beyond the limit.
func appendAttributes(dst []byte, r *logrecord.Record) (_ []byte, dropped int) {
	count := len(r.Attributes)
	for _, b := range r.Blocks {
		count += len(b.Attributes())
	}
	if r.ThreadID != 0 {
		count++
	}
	if count > maxAttributes {
		r.Expand()
		r.AddThread()
		dropped = len(r.Attributes) - maxAttributes
		return appendOwn(dst, r.Attributes[:maxAttributes], r.Keys), dropped
	}
	last := len(r.Blocks) - 1
	for _, b := range r.Blocks[:last] {
		dst = appendBlock(dst, b)
	}
	dst = appendOwn(dst, r.Attributes, r.Keys)
	if r.ThreadID != 0 {
		thread := semconv.ThreadID(int(r.ThreadID))
		dst = appendPair(append(dst, recordAttributes), &thread)
	}
	return appendBlock(dst, r.Blocks[last]), 0
}

// maxShort is the largest size that is written with one byte.
const maxShort = 1<<7 - 1

// appendOwn appends a record's own attributes. Nearly all are short, and with the key
// encoded beforehand little is left to do.
func appendOwn(dst []byte, attrs []attribute.KeyValue, keys []*attrkey.Key) []byte {
	for i := range attrs {
		v := &attrs[i].Value
		key := keys[i].Wire
		size := scalarSize(v)
		total := len(key) + 2 + size
		if size == 0 || total > maxShort {
			dst = appendPair(append(dst, recordAttributes), &attrs[i])
			continue
		}
		at := len(dst)
		dst = slices.Grow(dst, 2+total)[:at+2+total]
		pair := dst[at:]
		pair[0], pair[1] = recordAttributes, byte(total)
		value := pair[2+copy(pair[2:], key):]
		value[0], value[1] = pairValue, byte(size)
		switch v.Type() {
		case attribute.STRING:
			s := v.AsString()
			value[2], value[3] = valueString, byte(len(s))
			copy(value[4:], s)
		case attribute.FLOAT64:
			value[2] = valueDouble
			binary.LittleEndian.PutUint64(value[3:], math.Float64bits(v.AsFloat64()))
		default:
			appendScalar(value[:2], v)
		}
	}
	return dst
}

// encodedBlock is a block's attributes as they are sent.
type encodedBlock struct{ bytes string }

func appendBlock(dst []byte, b *logrecord.Block) []byte {
	if b == nil {
		return dst
	}
	e, ok := b.Recall(attrkey.OTLP).(*encodedBlock)
	if !ok {
		e = &encodedBlock{string(appendOwn(nil, b.Attributes(), b.Keys()))}
		b.Remember(attrkey.OTLP, e)
	}
	return append(dst, e.bytes...)
}

// appendPair appends a KeyValue with its size.
func appendPair(dst []byte, kv *attribute.KeyValue) []byte {
	dst, start := begin(dst)
	dst = append(dst, pairKey)
	dst = protowire.AppendString(dst, string(kv.Key))
	dst = append(dst, pairValue)
	dst = appendSizedValue(dst, &kv.Value)
	return end(dst, start)
}

// scalarSize returns the size of an AnyValue that is one number or text, or 0.
func scalarSize(v *attribute.Value) int {
	const tag = 1
	switch v.Type() {
	case attribute.STRING:
		return tag + protowire.SizeBytes(len(v.AsString()))
	case attribute.INT64:
		return tag + protowire.SizeVarint(uint64(v.AsInt64()))
	case attribute.FLOAT64:
		return tag + protowire.SizeFixed64()
	case attribute.BOOL:
		return tag + 1
	}
	return 0
}

func appendScalar(dst []byte, v *attribute.Value) []byte {
	switch v.Type() {
	case attribute.STRING:
		return protowire.AppendString(append(dst, valueString), v.AsString())
	case attribute.INT64:
		return protowire.AppendVarint(append(dst, valueInt), uint64(v.AsInt64()))
	case attribute.FLOAT64:
		return binary.LittleEndian.AppendUint64(append(dst, valueDouble), math.Float64bits(v.AsFloat64()))
	}
	return protowire.AppendVarint(append(dst, valueBool), protowire.EncodeBool(v.AsBool()))
}

// appendSizedValue appends an AnyValue with its size.
func appendSizedValue(dst []byte, v *attribute.Value) []byte {
	if size := scalarSize(v); size > 0 {
		return appendScalar(protowire.AppendVarint(dst, uint64(size)), v)
	}
	dst, start := begin(dst)
	switch v.Type() {
	case attribute.MAP:
		dst, inner := begin(append(dst, valuePairs))
		for _, kv := range v.AsMap() {
			dst = appendPair(append(dst, elements), &kv)
		}
		return end(end(dst, inner), start)
	case attribute.SLICE:
		return end(appendArray(dst, v.AsSlice(), func(v attribute.Value) attribute.Value { return v }), start)
	case attribute.STRINGSLICE:
		return end(appendArray(dst, v.AsStringSlice(), attribute.StringValue), start)
	case attribute.INT64SLICE:
		return end(appendArray(dst, v.AsInt64Slice(), attribute.Int64Value), start)
	case attribute.FLOAT64SLICE:
		return end(appendArray(dst, v.AsFloat64Slice(), attribute.Float64Value), start)
	case attribute.BOOLSLICE:
		return end(appendArray(dst, v.AsBoolSlice(), attribute.BoolValue), start)
	case attribute.BYTESLICE:
		return end(protowire.AppendBytes(append(dst, valueBytes), v.AsByteSlice()), start)
	case attribute.EMPTY:
		return end(dst, start)
	}
	return end(protowire.AppendString(append(dst, valueString), "INVALID"), start) // A type newer than this, as in the SDK.
}

func appendArray[T any](dst []byte, list []T, of func(T) attribute.Value) []byte {
	dst, start := begin(append(dst, valueArray))
	for _, element := range list {
		v := of(element)
		dst = appendSizedValue(append(dst, elements), &v)
	}
	return end(dst, start)
}

func appendTime(dst []byte, field byte, t time.Time) []byte {
	nano := t.UnixNano()
	if nano <= 0 { // The zero time, too.
		return dst
	}
	return binary.LittleEndian.AppendUint64(append(dst, field), uint64(nano))
}

func appendText(dst []byte, field byte, s string) []byte {
	if s == "" {
		return dst
	}
	return protowire.AppendString(append(dst, field), s)
}

// begin leaves room for a size that is not known yet: for one byte, which is enough for
// most. End writes it, and moves what it is the size of if it needs more.
func begin(dst []byte) (_ []byte, start int) {
	dst = append(dst, 0)
	return dst, len(dst)
}

func end(dst []byte, start int) []byte {
	size := len(dst) - start
	if more := protowire.SizeVarint(uint64(size)) - 1; more > 0 {
		dst = append(dst, make([]byte, more)...)
		copy(dst[start+more:], dst[start:start+size])
	}
	protowire.AppendVarint(dst[:start-1], uint64(size))
	return dst
}
