// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package cleantext makes text fit to be sent.
//
// Protocol buffers refuse a string that is not UTF-8, and with it the whole
// request: one stray byte in one attribute costs 512 records. Collectors also
// refuse requests of more than a few megabytes and messages that are nested too
// deeply, again whole. So text is made valid and bounded before it is sent.
// Clean text, which is nearly all of it, is returned as it is, without
// allocation.
package cleantext

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
)

// MaxBytes is the longest text that is recorded, not counting the note about what was cut.
const MaxBytes = 64 << 10

// SizeKey is the key under which the size of bytes is recorded; the bytes are not.
const SizeKey = "size_bytes"

const (
	// MaxDepth is how many maps and lists may be nested in one another. Each map is three
	// messages of OTLP inside one another, around which there are up to seven; protocol
	// buffers in C++, Java and Rust refuse a request with more than 100.
	MaxDepth = 30
	// MaxNodes is how many members and elements one value may have, all levels together. Values
	// share what they hold: one that holds another twice doubles with each level.
	MaxNodes = 1 << 16
)

const replacement = "\uFFFD"

// maxNote is the size of the longest note.
const maxNote = len("…(+") + 19 + len(" bytes)")

// String returns s as valid UTF-8 of at most [MaxBytes] and a note. Each run of bytes that
// are not UTF-8 becomes U+FFFD. A text that is cut ends with a note: "…(+123 bytes)". A text
// that String returned is returned as it is.
func String(s string) string {
	if IsClean(s) {
		return s
	}
	return cleaned(s)
}

// IsClean reports whether [String] returns s as it is.
func IsClean(s string) bool {
	return (len(s) <= MaxBytes || len(s) <= MaxBytes+maxNote && hasNote(s)) && utf8.ValidString(s)
}

// Valid returns s as valid UTF-8, however long it is.
func Valid(s string) string {
	if utf8.ValidString(s) { // Three times as fast as what follows.
		return s
	}
	return strings.ToValidUTF8(s, replacement)
}

// hasNote reports whether the text was cut before.
func hasNote(s string) bool {
	at := strings.LastIndex(s, "…(+")
	if at < 0 || at > MaxBytes {
		return false
	}
	digits, ok := strings.CutSuffix(s[at+len("…(+"):], " bytes)")
	if !ok || digits == "" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// cleaned makes a text clean. U+FFFD takes three bytes where a stray byte took one, so that
// the length is known only on the way.
func cleaned(s string) string {
	var b strings.Builder
	b.Grow(min(len(s), MaxBytes) + maxNote)
	stray := false // The rune before was a stray byte.
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		text := s[i : i+size]
		if r == utf8.RuneError && size == 1 {
			if stray {
				i++
				continue
			}
			text = replacement
		}
		if b.Len()+len(text) > MaxBytes {
			b.WriteString("…(+")
			b.WriteString(strconv.Itoa(len(s) - i))
			b.WriteString(" bytes)")
			break
		}
		stray = r == utf8.RuneError && size == 1
		b.WriteString(text)
		i += size
	}
	return b.String()
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
	if key := string(kv.Key); !IsClean(key) {
		kv.Key, changed = attribute.Key(cleaned(key)), true
	}
	if v, dirty := Value(kv.Value); dirty {
		kv.Value, changed = v, true
	}
	return changed
}

// Attributes returns attrs with every text in them clean, and whether any
// changed. The slice is copied only if so; the argument is never written to. Where cleaning
// makes keys equal, the last attribute remains, in the place of the first.
func Attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	var c cleaner
	return c.attributes(attrs, 0, true)
}

// Value returns v with every text in it clean, and whether it changed. Bytes, which may be
// audio, become their size.
func Value(v attribute.Value) (attribute.Value, bool) {
	switch v.Type() {
	case attribute.STRING:
		if s := v.AsString(); !IsClean(s) {
			return attribute.StringValue(cleaned(s)), true
		}
		return v, false
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return v, false
	}
	var c cleaner
	return c.value(v, 0)
}

// Set returns a set with every text in it clean, and whether it changed. Bytes stay bytes.
func Set(set attribute.Set) (attribute.Set, bool) {
	for iter := set.Iter(); iter.Next(); {
		if kv := iter.Attribute(); !IsClean(string(kv.Key)) || !isClean(&kv.Value) {
			c := cleaner{keepBytes: true}
			attrs, _ := c.attributes(set.ToSlice(), 0, true)
			return attribute.NewSet(attrs...), true
		}
	}
	return set, false
}

// isClean reports whether a value needs no cleaning, without a copy of it where it is scalar.
func isClean(v *attribute.Value) bool {
	switch v.Type() {
	case attribute.STRING:
		return IsClean(v.AsString())
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return true
	}
	c := cleaner{keepBytes: true}
	_, changed := c.value(*v, 0)
	return !changed
}

// Texts does what [Attributes] does, and leaves bytes as they are.
func Texts(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	c := cleaner{keepBytes: true}
	return c.attributes(attrs, 0, true)
}

// cleaner cleans one value, or a list of attributes.
type cleaner struct {
	keepBytes bool
	nodes     int // Visited so far.
}

func (c *cleaner) value(v attribute.Value, depth int) (attribute.Value, bool) {
	if c.nodes++; c.nodes > MaxNodes {
		return attribute.StringValue("…"), true
	}
	switch v.Type() {
	case attribute.STRING:
		if s := v.AsString(); !IsClean(s) {
			return attribute.StringValue(cleaned(s)), true
		}
	case attribute.STRINGSLICE:
		list := v.AsStringSlice() // A copy, so it may be written to.
		changed := false
		for i, s := range list {
			if !IsClean(s) {
				list[i], changed = cleaned(s), true
			}
		}
		if changed {
			return attribute.StringSliceValue(list), true
		}
	case attribute.BYTESLICE:
		if !c.keepBytes {
			return attribute.MapValue(attribute.Int(SizeKey, len(v.AsByteSlice()))), true
		}
	case attribute.SLICE:
		if depth == MaxDepth {
			return attribute.StringValue("…"), true
		}
		list := v.AsSlice()
		changed := false
		for i, e := range list {
			if out, ok := c.value(e, depth+1); ok {
				list[i], changed = out, true
			}
		}
		if changed {
			return attribute.SliceValue(list...), true
		}
	case attribute.MAP:
		if depth == MaxDepth {
			return attribute.StringValue("…"), true
		}
		if out, changed := c.attributes(v.AsMap(), depth+1, false); changed {
			return attribute.MapValue(out...), true
		}
	}
	return v, false
}

// attributes cleans a list. Each attribute at the top may have all the nodes there are.
func (c *cleaner) attributes(attrs []attribute.KeyValue, depth int, top bool) ([]attribute.KeyValue, bool) {
	out, copied, keys := attrs, false, false
	for i := range attrs {
		if top {
			c.nodes = 0
		}
		kv := attrs[i]
		v, changed := c.value(kv.Value, depth)
		key := string(kv.Key)
		if !IsClean(key) {
			key, changed, keys = cleaned(key), true, true
		}
		if !changed {
			continue
		}
		if !copied {
			out, copied = append([]attribute.KeyValue(nil), attrs...), true
		}
		out[i] = attribute.KeyValue{Key: attribute.Key(key), Value: v}
	}
	if keys {
		out = unique(out)
	}
	return out, copied
}

// unique removes attributes whose key comes again: the last one remains, in the place of the
// first. It works in the slice.
func unique(attrs []attribute.KeyValue) []attribute.KeyValue {
	at := make(map[attribute.Key]int, len(attrs))
	kept := attrs[:0]
	for _, kv := range attrs {
		if i, ok := at[kv.Key]; ok {
			kept[i].Value = kv.Value
			continue
		}
		at[kv.Key] = len(kept)
		kept = append(kept, kv)
	}
	return kept
}

// URL returns a URL without what may hold a key: user, query and fragment.
func URL(u *url.URL) string {
	c := *u
	c.User, c.RawQuery, c.ForceQuery, c.Fragment, c.RawFragment = nil, "", false, "", ""
	return String(c.String())
}
