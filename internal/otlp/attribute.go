// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlp encodes spans and log records as OTLP requests, and counts and splits encoded
// requests.
//
// [SpanProcessor] and [LoggerProvider] encode each item in the goroutine that produces it and
// append it to the next request of a [Batcher]. The SDK's batch processors queue items, copy them
// into protobuf structs in one goroutine and encode those: for spans this is twice the work, for
// log records five times, and among a thousand producers that goroutine rarely runs. The bytes
// are those of OpenTelemetry's exporters, which a fuzz test compares.
//
// All text is made valid UTF-8, because protocol buffers reject a whole request for one invalid
// byte. Names and keys are also bounded; values are as long as the caller passes them.
package otlp

import (
	"encoding/binary"
	"math"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// The wire types. A field tag is the field number times eight plus the type.
const (
	varintType  = byte(protowire.VarintType)
	fixed64Type = byte(protowire.Fixed64Type)
	fixed32Type = byte(protowire.Fixed32Type)
	bytesType   = byte(protowire.BytesType)
)

// The fields of KeyValue and AnyValue of opentelemetry.proto.common.v1.
const (
	pairKey   = 1<<3 | bytesType
	pairValue = 2<<3 | bytesType

	valueString = 1<<3 | bytesType
	valueBool   = 2<<3 | varintType
	valueInt    = 3<<3 | varintType
	valueDouble = 4<<3 | fixed64Type
	valueArray  = 5<<3 | bytesType
	valuePairs  = 6<<3 | bytesType
	valueBytes  = 7<<3 | bytesType

	elements = 1<<3 | bytesType // Of an array or a map.
)

// maxShort is the largest size whose encoding takes one byte.
const maxShort = 1<<7 - 1

// duplicates selects how maps are encoded whose keys come more than once.
type duplicates int

const (
	asTheyAre duplicates = iota // For spans: the SDK has removed duplicates when they were set.
	unique                      // For log records: the last value remains, in the place of the first.
)

// walk is the state of encoding one value.
type walk struct {
	duplicates duplicates
	nodes      int // Encoded so far.
}

// appendAttributes appends each attribute as a field. Its key was encoded before. Most
// attributes are short scalars, for which the sizes are known in advance.
func appendAttributes(dst []byte, field byte, attrs []attribute.KeyValue, keys []*logrecord.Key, d duplicates) []byte {
	begin := len(dst)
	for i := range attrs {
		v := &attrs[i].Value
		if keys[i].Cleaned {
			// Cleaning may have made it equal to another key.
			return appendCleaned(dst[:begin], field, attrs, d)
		}
		key := keys[i].Wire
		if v.Type() == attribute.STRING {
			dst = appendString(append(dst, field), key, &attrs[i])
			continue
		}
		size := scalarSize(v)
		total := len(key) + 2 + size
		if size == 0 || total > maxShort {
			dst = appendKeyValue(append(dst, field), &attrs[i], d)
			continue
		}
		at := len(dst)
		dst = slices.Grow(dst, 2+total)[:at+2+total]
		pair := dst[at:]
		pair[0], pair[1] = field, byte(total)
		value := pair[2+copy(pair[2:], key):]
		value[0], value[1] = pairValue, byte(size)
		switch v.Type() {
		case attribute.FLOAT64:
			value[2] = valueDouble
			binary.LittleEndian.PutUint64(value[3:], math.Float64bits(v.AsFloat64()))
		default:
			appendScalar(value[:2], v)
		}
	}
	return dst
}

// appendString appends a KeyValue with a text and its size. Its key was encoded before.
func appendString(dst []byte, key string, kv *attribute.KeyValue) []byte {
	s := kv.Value.AsString()
	total := len(key) + 4 + len(s)
	if total > maxShort || !cleantext.IsValid(s) {
		return appendKeyValue(dst, kv, asTheyAre)
	}
	at := len(dst)
	dst = slices.Grow(dst, 1+total)[:at+1+total]
	pair := dst[at:]
	pair[0] = byte(total)
	value := pair[1+copy(pair[1:], key):]
	value[0], value[1], value[2], value[3] = pairValue, byte(2+len(s)), valueString, byte(len(s))
	copy(value[4:], s)
	return dst
}

// appendCleaned cleans attributes together, so that no two keys become equal, and appends them.
func appendCleaned(dst []byte, field byte, attrs []attribute.KeyValue, d duplicates) []byte {
	attrs, _ = cleantext.Texts(attrs)
	for i := range attrs {
		dst = appendKeyValue(append(dst, field), &attrs[i], d)
	}
	return dst
}

// appendKeyValue appends a KeyValue with its size.
func appendKeyValue(dst []byte, kv *attribute.KeyValue, d duplicates) []byte {
	return appendPair(dst, kv, 0, &walk{duplicates: d})
}

func appendPair(dst []byte, kv *attribute.KeyValue, depth int, w *walk) []byte {
	dst, start := beginMessage(dst)
	dst = appendText(dst, pairKey, string(kv.Key))
	dst = append(dst, pairValue)
	dst = appendValue(dst, &kv.Value, depth, w)
	return endMessage(dst, start)
}

// scalarSize returns the size of an AnyValue with a number, a bool or a text, and 0 for others.
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

// appendAnyValue appends an AnyValue with its size. Values nested deeper than
// [cleantext.MaxDepth], and those after [cleantext.MaxNodes] others, are encoded as "…".
func appendAnyValue(dst []byte, v *attribute.Value, d duplicates) []byte {
	return appendValue(dst, v, 0, &walk{duplicates: d})
}

func appendValue(dst []byte, v *attribute.Value, depth int, w *walk) []byte {
	w.nodes++
	kind := v.Type()
	switch {
	case kind == attribute.STRING:
		text := cleantext.Valid(v.AsString())
		dst = protowire.AppendVarint(dst, uint64(1+protowire.SizeBytes(len(text))))
		return protowire.AppendString(append(dst, valueString), text)
	case w.nodes > cleantext.MaxNodes, depth == cleantext.MaxDepth && (kind == attribute.MAP || kind == attribute.SLICE):
		ellipsis := attribute.StringValue("…")
		return appendScalar(protowire.AppendVarint(dst, uint64(scalarSize(&ellipsis))), &ellipsis)
	}
	if size := scalarSize(v); size > 0 {
		return appendScalar(protowire.AppendVarint(dst, uint64(size)), v)
	}
	dst, start := beginMessage(dst)
	switch kind {
	case attribute.MAP:
		return endMessage(appendMap(dst, v.AsMap(), depth+1, w), start)
	case attribute.SLICE:
		return endMessage(appendArray(dst, v.AsSlice(), func(v attribute.Value) attribute.Value { return v }, depth+1, w), start)
	case attribute.STRINGSLICE:
		return endMessage(appendArray(dst, v.AsStringSlice(), attribute.StringValue, depth+1, &walk{}), start)
	case attribute.INT64SLICE:
		return endMessage(appendArray(dst, v.AsInt64Slice(), attribute.Int64Value, depth+1, &walk{}), start)
	case attribute.FLOAT64SLICE:
		return endMessage(appendArray(dst, v.AsFloat64Slice(), attribute.Float64Value, depth+1, &walk{}), start)
	case attribute.BOOLSLICE:
		return endMessage(appendArray(dst, v.AsBoolSlice(), attribute.BoolValue, depth+1, &walk{}), start)
	case attribute.BYTESLICE:
		return endMessage(protowire.AppendBytes(append(dst, valueBytes), v.AsByteSlice()), start)
	case attribute.EMPTY:
		return endMessage(dst, start)
	}
	return endMessage(protowire.AppendString(append(dst, valueString), "INVALID"), start) // An unknown type, as in the SDK.
}

func appendMap(dst []byte, members []attribute.KeyValue, depth int, w *walk) []byte {
	for i := range members {
		if !cleantext.IsClean(string(members[i].Key)) {
			members, _ = cleantext.Texts(members) // Cleaning may make keys equal.
			break
		}
	}
	if w.duplicates == unique {
		members = withoutDuplicates(members)
	}
	dst, start := beginMessage(append(dst, valuePairs))
	for i := range members {
		dst = appendPair(append(dst, elements), &members[i], depth, w)
	}
	return endMessage(dst, start)
}

func appendArray[T any](dst []byte, list []T, of func(T) attribute.Value, depth int, w *walk) []byte {
	dst, start := beginMessage(append(dst, valueArray))
	for _, element := range list {
		v := of(element)
		dst = appendValue(append(dst, elements), &v, depth, w)
	}
	return endMessage(dst, start)
}

// appendTime appends a time as nanoseconds since 1970, and nothing for earlier times.
func appendTime(dst []byte, field byte, t time.Time) []byte {
	nano := t.UnixNano()
	if nano <= 0 { // Includes the zero time.
		return dst
	}
	return binary.LittleEndian.AppendUint64(append(dst, field), uint64(nano))
}

// appendText appends a text that [cleantext.String] has cleaned, and nothing for an empty one.
func appendText(dst []byte, field byte, s string) []byte {
	if s == "" {
		return dst
	}
	return protowire.AppendString(append(dst, field), cleantext.String(s))
}

// beginMessage reserves one byte for the size of a message. [endMessage] writes the size, and
// moves the message if the size takes more bytes.
func beginMessage(dst []byte) (_ []byte, start int) {
	dst = append(dst, 0)
	return dst, len(dst)
}

// endMessage writes the size of the bytes appended since beginMessage.
func endMessage(dst []byte, start int) []byte {
	size := len(dst) - start
	if more := protowire.SizeVarint(uint64(size)) - 1; more > 0 {
		dst = append(dst, make([]byte, more)...)
		copy(dst[start+more:], dst[start:start+size])
	}
	protowire.AppendVarint(dst[:start-1], uint64(size))
	return dst
}

// appendSet appends the attributes of a set, each as a field.
func appendSet(dst []byte, field byte, set *attribute.Set, d duplicates) []byte {
	return appendCleaned(dst, field, set.ToSlice(), d)
}

// withoutDuplicates returns the members of a map with unique keys: the last value remains, in the
// place of the first. It copies them only if there are duplicates.
func withoutDuplicates(members []attribute.KeyValue) []attribute.KeyValue {
	const few = 16 // Up to this number, comparing all pairs is faster than a map.
	if len(members) <= few {
		for i := range members {
			for j := range i {
				if members[i].Key == members[j].Key {
					return lastValues(members)
				}
			}
		}
		return members
	}
	return lastValues(members)
}

func lastValues(members []attribute.KeyValue) []attribute.KeyValue {
	at := make(map[attribute.Key]int, len(members))
	kept := make([]attribute.KeyValue, 0, len(members))
	for _, kv := range members {
		if i, ok := at[kv.Key]; ok {
			kept[i].Value = kv.Value
			continue
		}
		at[kv.Key] = len(kept)
		kept = append(kept, kv)
	}
	return kept
}
