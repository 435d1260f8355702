// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
)

func TestBuffers(t *testing.T) {
	var b buffers
	first := append(b.take(100), "first"...)
	b.give(first)
	if got := b.take(cap(first) + 1); cap(got) <= cap(first) {
		t.Error("a slice without enough room was taken")
	}
	if got := b.take(50); &got[:1][0] != &first[0] || len(got) != 0 {
		t.Error("a slice that has room was not used again, or is not empty")
	}
	b.give(nil)
	b.give(make([]byte, 0, largestBuffer+1))
	if len(b.free) != 0 {
		t.Errorf("%d slices are kept, want none: one is nothing, one is huge", len(b.free))
	}
	for n := range 2 * keptBuffers {
		b.give(make([]byte, 0, 1000+n))
	}
	if len(b.free) != keptBuffers {
		t.Errorf("%d slices are kept, want %d", len(b.free), keptBuffers)
	}
	if got := b.take(1000 + 2*keptBuffers - 1); cap(got) != 1000+2*keptBuffers-1 {
		t.Errorf("of too many the largest was not kept: got one of %d", cap(got))
	}
}

// A request's bytes are somebody's until every body that was made of them is closed.
func TestBody(t *testing.T) {
	r := request{payload: []byte("payload"), readers: new(atomic.Int32)}
	one, two := newBody(r), newBody(r)
	if got, err := io.ReadAll(one); string(got) != "payload" || err != nil {
		t.Errorf("read %q, %v", got, err)
	}
	_ = one.Close()
	_ = one.Close()
	if n := r.readers.Load(); n != 1 {
		t.Errorf("%d readers, want the one that has not closed", n)
	}
	_ = two.Close()
	if _, err := two.Read(make([]byte, 1)); !errors.Is(err, http.ErrBodyReadAfterClose) {
		t.Errorf("reading what is closed returned %v", err)
	}
	if n := r.readers.Load(); n != 0 {
		t.Errorf("%d readers, want none", n)
	}
}
