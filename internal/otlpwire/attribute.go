// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlpwire encodes what OTLP's signals have in common, as protocol buffers: attributes,
// texts and times. Sizes come before what they are the size of, and mostly take one byte.
package otlpwire

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/attrkey"
)

// The types that fields are written with: a field is its number, times eight, and its type.
const (
	Varint  = byte(protowire.VarintType)
	Fixed64 = byte(protowire.Fixed64Type)
	Fixed32 = byte(protowire.Fixed32Type)
	Sized   = byte(protowire.BytesType)
)

// The fields of KeyValue and AnyValue of opentelemetry.proto.common.v1.
const (
	pairKey   = 1<<3 | Sized
	pairValue = 2<<3 | Sized

	valueString = 1<<3 | Sized
	valueBool   = 2<<3 | Varint
	valueInt    = 3<<3 | Varint
	valueDouble = 4<<3 | Fixed64
	valueArray  = 5<<3 | Sized
	valuePairs  = 6<<3 | Sized
	valueBytes  = 7<<3 | Sized

	elements = 1<<3 | Sized // Of an array, and of a list of pairs.
)

// maxShort is the largest size that is written with one byte.
const maxShort = 1<<7 - 1

// AppendAttributes appends attributes, each as a field, with their keys. Nearly all are short,
// and with the key encoded beforehand little is left to do.
func AppendAttributes(dst []byte, field byte, attrs []attribute.KeyValue, keys []*attrkey.Key) []byte {
	for i := range attrs {
		v := &attrs[i].Value
		key := keys[i].Wire
		size := scalarSize(v)
		total := len(key) + 2 + size
		if size == 0 || total > maxShort {
			dst = AppendPair(append(dst, field), &attrs[i])
			continue
		}
		at := len(dst)
		dst = slices.Grow(dst, 2+total)[:at+2+total]
		pair := dst[at:]
		pair[0], pair[1] = field, byte(total)
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

// AppendPair appends a KeyValue with its size.
func AppendPair(dst []byte, kv *attribute.KeyValue) []byte {
	dst, start := Begin(dst)
	dst = append(dst, pairKey)
	dst = protowire.AppendString(dst, string(kv.Key))
	dst = append(dst, pairValue)
	dst = AppendValue(dst, &kv.Value)
	return End(dst, start)
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

// AppendValue appends an AnyValue with its size.
func AppendValue(dst []byte, v *attribute.Value) []byte {
	if size := scalarSize(v); size > 0 {
		return appendScalar(protowire.AppendVarint(dst, uint64(size)), v)
	}
	dst, start := Begin(dst)
	switch v.Type() {
	case attribute.MAP:
		dst, inner := Begin(append(dst, valuePairs))
		for _, kv := range v.AsMap() {
			dst = AppendPair(append(dst, elements), &kv)
		}
		return End(End(dst, inner), start)
	case attribute.SLICE:
		return End(appendArray(dst, v.AsSlice(), func(v attribute.Value) attribute.Value { return v }), start)
	case attribute.STRINGSLICE:
		return End(appendArray(dst, v.AsStringSlice(), attribute.StringValue), start)
	case attribute.INT64SLICE:
		return End(appendArray(dst, v.AsInt64Slice(), attribute.Int64Value), start)
	case attribute.FLOAT64SLICE:
		return End(appendArray(dst, v.AsFloat64Slice(), attribute.Float64Value), start)
	case attribute.BOOLSLICE:
		return End(appendArray(dst, v.AsBoolSlice(), attribute.BoolValue), start)
	case attribute.BYTESLICE:
		return End(protowire.AppendBytes(append(dst, valueBytes), v.AsByteSlice()), start)
	case attribute.EMPTY:
		return End(dst, start)
	}
	return End(protowire.AppendString(append(dst, valueString), "INVALID"), start) // A type newer than this, as in the SDK.
}

func appendArray[T any](dst []byte, list []T, of func(T) attribute.Value) []byte {
	dst, start := Begin(append(dst, valueArray))
	for _, element := range list {
		v := of(element)
		dst = AppendValue(append(dst, elements), &v)
	}
	return End(dst, start)
}

// AppendTime appends a time as nanoseconds since 1970, unless it is before that.
func AppendTime(dst []byte, field byte, t time.Time) []byte {
	nano := t.UnixNano()
	if nano <= 0 { // The zero time, too.
		return dst
	}
	return binary.LittleEndian.AppendUint64(append(dst, field), uint64(nano))
}

// AppendText appends a text, unless it is empty.
func AppendText(dst []byte, field byte, s string) []byte {
	if s == "" {
		return dst
	}
	return protowire.AppendString(append(dst, field), s)
}

// Begin leaves room for a size that is not known yet: for one byte, which is enough for
// most. End writes it, and moves what it is the size of if it needs more.
func Begin(dst []byte) (_ []byte, start int) {
	dst = append(dst, 0)
	return dst, len(dst)
}

// End writes the size of what was appended since Begin.
func End(dst []byte, start int) []byte {
	size := len(dst) - start
	if more := protowire.SizeVarint(uint64(size)) - 1; more > 0 {
		dst = append(dst, make([]byte, more)...)
		copy(dst[start+more:], dst[start:start+size])
	}
	protowire.AppendVarint(dst[:start-1], uint64(size))
	return dst
}

// AppendSet appends the attributes of a set, each as a field.
func AppendSet(dst []byte, field byte, set *attribute.Set) []byte {
	for iter := set.Iter(); iter.Next(); {
		kv := iter.Attribute()
		dst = AppendPair(append(dst, field), &kv)
	}
	return dst
}
