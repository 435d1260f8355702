// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"sync"
	"testing"
)

func TestCacheResolvesOnce(t *testing.T) {
	var c Cache[int]
	resolved := 0
	for range 3 {
		got := c.Of(7, func(pc uintptr) int {
			resolved++
			return int(pc)
		})
		if got != 7 {
			t.Errorf("got %v", got)
		}
	}
	if resolved != 1 {
		t.Errorf("resolved %d times", resolved)
	}
}

func TestCacheIsBounded(t *testing.T) {
	var (
		c  Cache[int]
		wg sync.WaitGroup
	)
	known := make(map[uintptr]*place[int])
	for i := range uintptr(maxPlaces - 1) {
		known[i] = &place[int]{}
	}
	c.known.Store(&known)
	for g := range 4 {
		wg.Go(func() {
			for i := range 8 {
				c.Of(uintptr(maxPlaces+g*8+i), func(uintptr) int { return 0 })
			}
		})
	}
	wg.Wait()
	if n := len(*c.known.Load()); n != maxPlaces {
		t.Errorf("%d places are known, want %d", n, maxPlaces)
	}
}

// Program counters that share a near slot evict each other there, but stay cached.
func TestCacheSlotCollisions(t *testing.T) {
	var c Cache[uintptr]
	resolved := make(map[uintptr]int)
	for range 3 {
		for pc := range uintptr(4 * nearPlaces) {
			if got := c.Of(pc, func(pc uintptr) uintptr {
				resolved[pc]++
				return 2 * pc
			}); got != 2*pc {
				t.Fatalf("of %d got %d", pc, got)
			}
		}
	}
	for pc, n := range resolved {
		if n != 1 {
			t.Errorf("%d was resolved %d times", pc, n)
		}
	}
}
