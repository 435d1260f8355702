// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord

import (
	"sync"
	"testing"
)

func TestWorkedOutOnce(t *testing.T) {
	var c Cache[int]
	worked := 0
	for range 3 {
		got := c.Of(7, func(pc uintptr) int {
			worked++
			return int(pc)
		})
		if got != 7 {
			t.Errorf("got %v", got)
		}
	}
	if worked != 1 {
		t.Errorf("worked out %d times", worked)
	}
}

func TestPlacesAreBounded(t *testing.T) {
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

// Places that fall together drive each other out of what is near, and are known all the same.
func TestPlacesFallTogether(t *testing.T) {
	var c Cache[uintptr]
	worked := make(map[uintptr]int)
	for range 3 {
		for pc := range uintptr(4 * nearPlaces) {
			if got := c.Of(pc, func(pc uintptr) uintptr {
				worked[pc]++
				return 2 * pc
			}); got != 2*pc {
				t.Fatalf("of %d got %d", pc, got)
			}
		}
	}
	for pc, n := range worked {
		if n != 1 {
			t.Errorf("%d was worked out %d times", pc, n)
		}
	}
}
