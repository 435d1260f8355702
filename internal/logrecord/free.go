// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"sort"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

// Free returns the key or, if it is taken, the key with a number that is not: key_2, key_3. The
// numbers that are taken are expected to be without gaps; with gaps, the number may be a higher one
// than the first that is free.
func Free(key attribute.Key, taken func(attribute.Key) bool) attribute.Key {
	if !taken(key) {
		return key
	}
	numbered := func(n int) attribute.Key { return key + attribute.Key("_"+strconv.Itoa(n)) }
	const first = 2
	high := first
	for taken(numbered(high)) {
		high *= 2
	}
	if high == first {
		return numbered(first)
	}
	low := high/2 + 1 // The number before it is taken.
	return numbered(low + sort.Search(high-low, func(i int) bool { return !taken(numbered(low + i)) }))
}
