// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"testing"
)

func TestBuffers(t *testing.T) {
	var b Buffers
	first := append(b.Take(100), "first"...)
	b.Give(first)
	if got := b.Take(cap(first) + 1); cap(got) <= cap(first) {
		t.Error("Take returned a slice that is too small")
	}
	if got := b.Take(50); &got[:1][0] != &first[0] || len(got) != 0 {
		t.Error("Take did not reuse a slice that is large enough, or did not empty it")
	}
	b.Give(nil)
	b.Give(make([]byte, 0, largestBuffer+1))
	if len(b.free) != 0 {
		t.Errorf("%d slices are kept, want none: one is empty, one is too large", len(b.free))
	}
	for n := range 2 * keptBuffers {
		b.Give(make([]byte, 0, 1000+n))
	}
	if len(b.free) != keptBuffers {
		t.Errorf("%d slices are kept, want %d", len(b.free), keptBuffers)
	}
	if got := b.Take(1000 + 2*keptBuffers - 1); cap(got) != 1000+2*keptBuffers-1 {
		t.Errorf("the largest slice was not kept: got one of %d bytes", cap(got))
	}
}
