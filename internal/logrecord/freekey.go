// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"sort"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
)

// FreeKey returns the key, or the key with a number if it is taken: key_2, key_3. It finds the
// lowest free number if the taken numbers have no gaps. With gaps, the number may be higher.
func FreeKey(key attribute.Key, taken func(attribute.Key) bool) attribute.Key {
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
