// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"cmp"
	"slices"

	"go.opentelemetry.io/otel/attribute"
)

const (
	// MaxDepth is the maximum depth of maps and slices. Deeper ones are written as "…".
	MaxDepth = 64
	// MaxValueBytes is the approximate limit of one value as JSON. The first element after the
	// limit is written as "…(+N more)", and the others are left out. The depth is not enough as a
	// limit: a value that contains another twice doubles with each level.
	MaxValueBytes = 256 << 10
)

// AppendValue appends v: a map as an object, a slice as an array, the empty value as null. Objects have
// no key twice: the last value of a key is written. Bytes are written as their number, {"size_bytes":N},
// because in a voice agent they are audio.
func AppendValue(dst []byte, v attribute.Value) []byte {
	return AppendValueText(dst, &v, 0)
}

// AppendValueText appends v like [AppendValue], and cuts each text like [AppendText].
func AppendValueText(dst []byte, v *attribute.Value, maxTextBytes int) []byte {
	switch v.Type() {
	case attribute.STRING:
		return AppendText(dst, v.AsString(), maxTextBytes)
	case attribute.INT64:
		return AppendInt(dst, v.AsInt64())
	case attribute.FLOAT64:
		return AppendFloat(dst, v.AsFloat64())
	case attribute.BOOL:
		return AppendBool(dst, v.AsBool())
	}
	e := nested{maxText: maxTextBytes, limit: len(dst) + MaxValueBytes}
	return e.appendValue(dst, *v, 0)
}

// nested encodes one value that may contain others.
type nested struct {
	maxText int
	limit   int // The length of dst at which no further element is written.
}

func (e nested) appendValue(dst []byte, v attribute.Value, depth int) []byte {
	switch v.Type() {
	case attribute.STRING:
		return AppendText(dst, v.AsString(), e.maxText)
	case attribute.INT64:
		return AppendInt(dst, v.AsInt64())
	case attribute.FLOAT64:
		return AppendFloat(dst, v.AsFloat64())
	case attribute.BOOL:
		return AppendBool(dst, v.AsBool())
	case attribute.BYTESLICE:
		dst = append(dst, `{"size_bytes":`...)
		dst = AppendInt(dst, int64(len(v.AsByteSlice())))
		return append(dst, '}')
	case attribute.STRINGSLICE:
		return appendArray(e, dst, v.AsStringSlice(), func(dst []byte, s string) []byte {
			return AppendText(dst, s, e.maxText)
		})
	case attribute.INT64SLICE:
		return appendArray(e, dst, v.AsInt64Slice(), AppendInt)
	case attribute.FLOAT64SLICE:
		return appendArray(e, dst, v.AsFloat64Slice(), AppendFloat)
	case attribute.BOOLSLICE:
		return appendArray(e, dst, v.AsBoolSlice(), AppendBool)
	case attribute.SLICE:
		if depth == MaxDepth {
			return AppendString(dst, "…")
		}
		return appendArray(e, dst, v.AsSlice(), func(dst []byte, v attribute.Value) []byte {
			return e.appendValue(dst, v, depth+1)
		})
	case attribute.MAP:
		if depth == MaxDepth {
			return AppendString(dst, "…")
		}
		return e.appendObject(dst, v.AsMap(), depth)
	case attribute.EMPTY:
		return append(dst, "null"...)
	}
	return AppendText(dst, v.String(), e.maxText) // A newer type than this package knows.
}

func appendArray[T any](e nested, dst []byte, list []T, appendElement func([]byte, T) []byte) []byte {
	dst = append(dst, '[')
	for i, element := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		if len(dst) >= e.limit {
			dst = AppendMore(dst, len(list)-i)
			break
		}
		dst = appendElement(dst, element)
	}
	return append(dst, ']')
}

// Members returns the members of a map as [AppendValueText] writes them: sorted, with keys cut as by
// [AppendText], and none twice.
func Members(v attribute.Value, maxTextBytes int) []attribute.KeyValue {
	members := v.AsMap()
	cutKeys(members, maxTextBytes)
	kept := members[:0]
	for i, kv := range members {
		if i+1 == len(members) || members[i+1].Key != kv.Key {
			kept = append(kept, kv)
		}
	}
	return kept
}

// cutKeys cuts the keys of members, which are sorted, and sorts them again if one has changed.
func cutKeys(members []attribute.KeyValue, maxText int) {
	changed := false
	for i := range members {
		key := attribute.Key(CutText(string(members[i].Key), maxText))
		changed = changed || key != members[i].Key
		members[i].Key = key
	}
	if changed { // Keys that became equal need not be neighbours.
		slices.SortStableFunc(members, func(a, b attribute.KeyValue) int { return cmp.Compare(a.Key, b.Key) })
	}
}

// appendObject appends an object. The members are sorted by key, with the last of equal keys last. It
// changes them.
func (e nested) appendObject(dst []byte, members []attribute.KeyValue, depth int) []byte {
	cutKeys(members, e.maxText)
	dst = append(dst, '{')
	first := true
	for i, kv := range members {
		if i+1 < len(members) && members[i+1].Key == kv.Key {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = AppendString(dst, string(kv.Key))
		dst = append(dst, ':')
		if len(dst) >= e.limit {
			dst = AppendMore(dst, len(members)-i)
			break
		}
		dst = e.appendValue(dst, kv.Value, depth+1)
	}
	return append(dst, '}')
}

// AppendMore appends the string for n elements that are left out.
func AppendMore(dst []byte, n int) []byte {
	dst = append(dst, `"…(+`...)
	dst = AppendInt(dst, int64(n))
	return append(dst, ` more)"`...)
}
