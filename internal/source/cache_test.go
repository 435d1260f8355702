// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package source

import (
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
)

func TestWorkedOutOnce(t *testing.T) {
	var c Cache
	worked := 0
	for range 3 {
		got := c.Attributes(7, func(pc uintptr) []attribute.KeyValue {
			worked++
			return []attribute.KeyValue{attribute.Int("pc", int(pc))}
		})
		if len(got) != 1 || got[0].Value.AsInt64() != 7 {
			t.Errorf("got %v", got)
		}
	}
	if worked != 1 {
		t.Errorf("worked out %d times", worked)
	}
}

func TestPlacesAreBounded(t *testing.T) {
	var (
		c  Cache
		wg sync.WaitGroup
	)
	known := make(map[uintptr][]attribute.KeyValue)
	for i := range uintptr(maxPlaces - 1) {
		known[i] = nil
	}
	c.known.Store(&known)
	for g := range 4 {
		wg.Go(func() {
			for i := range 8 {
				c.Attributes(uintptr(maxPlaces+g*8+i), func(uintptr) []attribute.KeyValue { return nil })
			}
		})
	}
	wg.Wait()
	if n := len(*c.known.Load()); n != maxPlaces {
		t.Errorf("%d places are known, want %d", n, maxPlaces)
	}
}
