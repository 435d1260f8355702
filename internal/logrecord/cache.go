// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"maps"
	"sync"
	"sync/atomic"
)

// maxPlaces bounds what is remembered: a program that makes up program counters must
// not fill the memory with them.
const maxPlaces = 1 << 14

// Cache remembers a T for each program counter. The zero Cache is empty. It is safe
// for concurrent use.
type Cache[T any] struct {
	// near is the places that were asked for last, one for each of its own: a tenth of the
	// time that a look into a map takes.
	near [nearPlaces]atomic.Pointer[place[T]]

	mu sync.Mutex // One change at a time.
	// known is replaced and never changed, so that a look costs neither a lock nor memory.
	known atomic.Pointer[map[uintptr]*place[T]]
}

// place is what is known of a place.
type place[T any] struct {
	pc   uintptr
	made T
}

const nearPlaces = 256

// Of returns what is known of a place, or works it out. It is shared.
func (c *Cache[T]) Of(pc uintptr, work func(pc uintptr) T) T {
	near := &c.near[(pc^pc>>8)%nearPlaces]
	if p := near.Load(); p != nil && p.pc == pc {
		return p.made
	}
	p := c.find(pc, work)
	near.Store(p)
	return p.made
}

func (c *Cache[T]) find(pc uintptr, work func(pc uintptr) T) *place[T] {
	if known := c.known.Load(); known != nil {
		if p, ok := (*known)[pc]; ok {
			return p
		}
	}
	p := &place[T]{pc, work(pc)}
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
