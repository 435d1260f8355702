// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"slices"
	"testing"
)

func TestRecent(t *testing.T) {
	r := recent[int]{limit: 2}
	r.put("a", 1)
	r.put("b", 2)
	r.put("a", 3) // It stays as it is, and as old.
	if got := r.values["a"]; got != 1 {
		t.Errorf("a is %d, want 1", got)
	}
	r.put("c", 4)
	if want := []string{"b", "c"}; r.has("a") || !slices.Equal(r.order, want) {
		t.Errorf("%v are remembered, want %v", r.order, want)
	}
	r.put("d", 5)
	if want := []string{"c", "d"}; r.has("b") || len(r.values) != 2 || !slices.Equal(r.order, want) {
		t.Errorf("%v are remembered, want %v", r.order, want)
	}
}
