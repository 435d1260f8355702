// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cleantext

import "go.opentelemetry.io/otel/attribute"

// SizeKey is the key of the size that is recorded in place of bytes.
const SizeKey = "size_bytes"

const (
	// MaxDepth is the number of maps and lists that may be nested. Each map takes three nested
	// messages of OTLP, in up to seven others. Protocol buffers in C++, Java and Rust reject a
	// request with more than 100 nested messages.
	MaxDepth = 30
	// MaxNodes is the number of entries and elements that one value may have, on all levels. A value
	// that contains another one twice doubles in size with each level.
	MaxNodes = 1 << 16
)

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

// Attributes returns attrs with every text clean, and whether any changed. The slice is copied only if so;
// the argument is never written to. If cleaning makes keys equal, the last attribute remains, at the
// position of the first.
func Attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	var c cleaner
	return c.attributes(attrs, 0, true)
}

// Value returns v with every text clean, and whether it changed. Bytes, which may be audio, are replaced by
// their size.
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

// Set returns a set with every text clean, and whether it changed. Bytes stay.
func Set(set attribute.Set) (attribute.Set, bool) {
	for iter := set.Iter(); iter.Next(); {
		if kv := iter.Attribute(); !IsClean(string(kv.Key)) || !isClean(&kv.Value) {
			attrs, _ := Texts(set.ToSlice())
			return attribute.NewSet(attrs...), true
		}
	}
	return set, false
}

// isClean reports whether a value is clean.
func isClean(v *attribute.Value) bool {
	_, changed := ValueTexts(*v)
	return !changed
}

// Texts does what [Attributes] does, but keeps bytes.
func Texts(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	c := cleaner{keepBytes: true}
	return c.attributes(attrs, 0, true)
}

// ValueTexts does what [Value] does, but keeps bytes.
func ValueTexts(v attribute.Value) (attribute.Value, bool) {
	if v.Type() == attribute.BYTESLICE {
		return v, false
	}
	if v.Type() != attribute.SLICE && v.Type() != attribute.MAP {
		return Value(v)
	}
	c := cleaner{keepBytes: true}
	return c.value(v, 0)
}

// cleaner cleans one value, or a list of attributes.
type cleaner struct {
	keepBytes bool
	nodes     int // Visited so far.
}

func (c *cleaner) value(v attribute.Value, depth int) (attribute.Value, bool) {
	c.nodes++
	if c.nodes > MaxNodes {
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

// attributes cleans a list. Each attribute on the top level may have MaxNodes.
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

// unique removes attributes with equal keys in place: the last one remains, at the position of the first.
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
