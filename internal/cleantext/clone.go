// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cleantext

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
)

// Clone returns attributes whose texts are copies, for attributes that are kept after the call: the caller's
// texts may be part of a buffer that is reused, or of a large body. Values deeper than [MaxDepth], which are
// never exported, are not copied.
func Clone(attrs []attribute.KeyValue) []attribute.KeyValue {
	out := slices.Clone(attrs)
	cloneAll(out, 0)
	return out
}

func cloneAll(attrs []attribute.KeyValue, depth int) {
	for i := range attrs {
		attrs[i].Key = attribute.Key(strings.Clone(string(attrs[i].Key)))
		attrs[i].Value = cloneValue(attrs[i].Value, depth)
	}
}

func cloneValue(v attribute.Value, depth int) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		return attribute.StringValue(strings.Clone(v.AsString()))
	case attribute.STRINGSLICE:
		list := v.AsStringSlice() // A copy, as those below.
		for i := range list {
			list[i] = strings.Clone(list[i])
		}
		return attribute.StringSliceValue(list)
	case attribute.SLICE:
		if depth == MaxDepth {
			return v
		}
		list := v.AsSlice()
		for i := range list {
			list[i] = cloneValue(list[i], depth+1)
		}
		return attribute.SliceValue(list...)
	case attribute.MAP:
		if depth == MaxDepth {
			return v
		}
		members := v.AsMap()
		cloneAll(members, depth+1)
		return attribute.MapValue(members...)
	}
	return v
}
