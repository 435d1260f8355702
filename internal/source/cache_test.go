// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package source

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
	known := make(map[uintptr]int)
	for i := range uintptr(maxPlaces - 1) {
		known[i] = 0
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
