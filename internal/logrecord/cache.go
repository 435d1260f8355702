// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"maps"
	"sync"
	"sync/atomic"
)

// maxPlaces bounds the program counters that a Cache keeps, so that a program that invents
// program counters cannot fill the memory.
const maxPlaces = 1 << 14

// Cache keeps a T for each program counter. The zero Cache is empty. It is safe for
// concurrent use.
type Cache[T any] struct {
	// near holds recently used program counters, one for each slot. A hit takes a tenth of
	// the time of a map lookup.
	near [nearPlaces]atomic.Pointer[place[T]]

	mu sync.Mutex // Serializes changes of known.
	// known is replaced and never changed, so that a lookup needs neither a lock nor memory.
	known atomic.Pointer[map[uintptr]*place[T]]
}

// place is the cached value of a program counter.
type place[T any] struct {
	pc    uintptr
	value T
}

const nearPlaces = 256

// Of returns the value of a program counter. It calls resolve if the value is not cached.
// Callers share the value.
func (c *Cache[T]) Of(pc uintptr, resolve func(pc uintptr) T) T {
	near := &c.near[(pc^pc>>8)%nearPlaces]
	if p := near.Load(); p != nil && p.pc == pc {
		return p.value
	}
	p := c.find(pc, resolve)
	near.Store(p)
	return p.value
}

func (c *Cache[T]) find(pc uintptr, resolve func(pc uintptr) T) *place[T] {
	if known := c.known.Load(); known != nil {
		if p, ok := (*known)[pc]; ok {
			return p
		}
	}
	p := &place[T]{pc, resolve(pc)}
	c.mu.Lock()
	defer c.mu.Unlock()
	known := make(map[uintptr]*place[T])
	if old := c.known.Load(); old != nil {
		if len(*old) >= maxPlaces {
			return p
		}
		known = maps.Clone(*old)
	}
	known[pc] = p
	c.known.Store(&known)
	return p
}
