// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package cleantext makes any text fit for every way out.
//
// Protocol buffers refuse a string that is not UTF-8, and with it the whole
// batch: one stray byte in one attribute costs 512 records. Collectors refuse
// requests of more than a few megabytes, again whole. So text is made valid and
// bounded before it is recorded. Clean text, nearly all of it, is returned as
// it is, without allocation. Bytes, which may be audio, are recorded as their
// size.
package cleantext

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// MaxBytes is the longest text that is recorded.
const MaxBytes = 64 << 10

// SizeKey is what the size of bytes is called that are not recorded themselves.
const SizeKey = "size_bytes"

// maxDepth bounds how deep nested values are followed; the SDK's own limit.
const maxDepth = 64

// String returns s as valid UTF-8 of at most about [MaxBytes]. Bytes that are
// no UTF-8 become U+FFFD; what was cut is said: "…(+123 bytes)".
func String(s string) string {
	if len(s) <= MaxBytes {
		if utf8.ValidString(s) {
			return s
		}
		return strings.ToValidUTF8(s, "\uFFFD")
	}
	end := MaxBytes
	for end > MaxBytes-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return strings.ToValidUTF8(s[:end], "\uFFFD") + "…(+" + strconv.Itoa(len(s)-end) + " bytes)"
}

// Cut returns the beginning of a text of size bytes as valid UTF-8, and says how
// much is not there. A rune that the cut went through is left out.
func Cut(beginning []byte, size int64) string {
	if int64(len(beginning)) < size {
		for range utf8.UTFMax - 1 {
			if r, n := utf8.DecodeLastRune(beginning); r != utf8.RuneError || n != 1 {
				break
			}
			beginning = beginning[:len(beginning)-1]
		}
	}
	text := strings.ToValidUTF8(string(beginning), "\uFFFD")
	if missing := size - int64(len(beginning)); missing > 0 {
		text += "…(+" + strconv.FormatInt(missing, 10) + " bytes)"
	}
	return text
}

// Clean makes every text in an attribute clean, and reports whether it changed.
func Clean(kv *attribute.KeyValue) (changed bool) {
	if key := String(string(kv.Key)); len(key) != len(kv.Key) || key != string(kv.Key) {
		kv.Key, changed = attribute.Key(key), true
	}
	switch kv.Value.Type() {
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return changed
	case attribute.STRING:
		s := kv.Value.AsString()
		if c := String(s); len(c) != len(s) || c != s {
			kv.Value, changed = attribute.StringValue(c), true
		}
		return changed
	}
	v, other := value(kv.Value, 0)
	if other {
		kv.Value, changed = v, true
	}
	return changed
}

// Attributes returns attrs with every text in them clean, and whether any
// changed. The slice is copied only if so; the argument is never written to.
func Attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	return attributes(attrs, 0)
}

// Value returns v with every text in it clean, and whether it changed.
func Value(v attribute.Value) (attribute.Value, bool) { return value(v, 0) }

func value(v attribute.Value, depth int) (attribute.Value, bool) {
	switch v.Type() {
	case attribute.STRING:
		s := v.AsString()
		if c := String(s); len(c) != len(s) || c != s {
			return attribute.StringValue(c), true
		}
	case attribute.STRINGSLICE:
		list := v.AsStringSlice() // A copy, so it may be written to.
		changed := false
		for i, s := range list {
			if c := String(s); c != s {
				list[i], changed = c, true
			}
		}
		if changed {
			return attribute.StringSliceValue(list), true
		}
	case attribute.BYTESLICE:
		return attribute.MapValue(attribute.Int(SizeKey, len(v.AsByteSlice()))), true
	case attribute.SLICE:
		if depth == maxDepth {
			return attribute.StringValue("…"), true
		}
		list := v.AsSlice()
		changed := false
		for i, e := range list {
			if c, ok := value(e, depth+1); ok {
				list[i], changed = c, true
			}
		}
		if changed {
			return attribute.SliceValue(list...), true
		}
	case attribute.MAP:
		if depth == maxDepth {
			return attribute.StringValue("…"), true
		}
		if out, changed := attributes(v.AsMap(), depth+1); changed {
			return attribute.MapValue(out...), true
		}
	}
	return v, false
}

func attributes(attrs []attribute.KeyValue, depth int) ([]attribute.KeyValue, bool) {
	out, copied := attrs, false
	for i, kv := range attrs {
		v, changed := value(kv.Value, depth)
		key := String(string(kv.Key))
		if !changed && key == string(kv.Key) {
			continue
		}
		if !copied {
			out, copied = append([]attribute.KeyValue(nil), attrs...), true
		}
		out[i] = attribute.KeyValue{Key: attribute.Key(key), Value: v}
	}
	return out, copied
}

// URL returns a URL without what may hold a key: user, query and fragment.
func URL(u *url.URL) string {
	c := *u
	c.User, c.RawQuery, c.ForceQuery, c.Fragment, c.RawFragment = nil, "", false, "", ""
	return String(c.String())
}
