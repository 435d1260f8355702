// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package source remembers what is to be said of places in the code. There are as
// many as the program has places that log or end something; to work one out costs
// more than all the rest of a line.
package source

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
)

// maxPlaces bounds what is remembered: a program that makes up program counters must
// not fill the memory with them.
const maxPlaces = 1 << 14

// Cache remembers the attributes of program counters. The zero Cache is empty. It is safe
// for concurrent use.
type Cache struct {
	mu sync.Mutex // One change at a time.
	// known is replaced and never changed, so that a look costs neither a lock nor memory.
	known atomic.Pointer[map[uintptr][]attribute.KeyValue]
}

// Attributes returns what is known of a place, or works it out. The slice is shared and
// must not be changed.
func (c *Cache) Attributes(pc uintptr, work func(pc uintptr) []attribute.KeyValue) []attribute.KeyValue {
	if known := c.known.Load(); known != nil {
		if attrs, ok := (*known)[pc]; ok {
			return attrs
		}
	}
	attrs := work(pc)
	c.mu.Lock()
	defer c.mu.Unlock()
	known := make(map[uintptr][]attribute.KeyValue)
	if old := c.known.Load(); old != nil {
		if len(*old) >= maxPlaces {
			return attrs
		}
		known = maps.Clone(*old)
	}
	known[pc] = attrs
	c.known.Store(&known)
	return attrs
}
