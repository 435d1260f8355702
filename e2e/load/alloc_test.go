// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !race

package load_test

import "testing"

// A turn and a record allocate the same with ten calls and with ten thousand, except that redaction
// caches the IDs of only some thousand calls and must scan the IDs of a turn again.
func TestAllocationsDoNotGrow(t *testing.T) {
	const (
		runs = 1000
		ids  = 4 // IDs of the session, the call, the turn and the request.
	)
	c := newCrowd(t)
	defer c.leave()
	works := []struct {
		name string
		do   func(in call)
	}{{"turn", c.turn}, {"record", c.record}}
	few, many := crowds[0], crowds[len(crowds)-1]
	allocations := func(calls int) (each []float64) {
		c.grow(calls)
		for _, work := range works {
			each = append(each, testing.AllocsPerRun(runs, func() { work.do(c.another()) }))
		}
		return each
	}
	inFew, inMany := allocations(few), allocations(many)
	for i, work := range works {
		t.Logf("a %s makes %v allocations in one call of %d, %v in one of %d", work.name, inFew[i], few, inMany[i], many)
		if inMany[i] > inFew[i]+ids {
			t.Errorf("a %s makes %v allocations in one call of %d, and %v in one of %d", work.name, inFew[i], few, inMany[i], many)
		}
	}
}
