// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"sync"
)

// Buffers is a pool of byte slices for requests. A request has some hundred kilobytes, and there is one
// for each thousand records. Allocating each would make the garbage collector run more often, which
// slows down goroutines that log. The zero Buffers is empty. It is safe for concurrent use.
type Buffers struct {
	mu   sync.Mutex
	free [][]byte
}

const (
	keptBuffers = 4
	// largestBuffer bounds a slice in the pool, so that one huge request does not pin its memory.
	largestBuffer = 4 << 20
)

// Take returns an empty slice with a capacity of at least n bytes.
func (b *Buffers) Take(n int) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i := len(b.free) - 1; i >= 0; i-- {
		if p := b.free[i]; cap(p) >= n {
			last := len(b.free) - 1
			b.free[i], b.free[last] = b.free[last], nil
			b.free = b.free[:last]
			return p[:0]
		}
	}
	// Add a quarter, because the next request may be somewhat larger.
	return make([]byte, 0, n+n/4)
}

// Give returns a slice that is no longer in use. Of too many slices, the smaller are dropped.
func (b *Buffers) Give(p []byte) {
	if cap(p) == 0 || cap(p) > largestBuffer {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.free) < keptBuffers {
		b.free = append(b.free, p)
		return
	}
	for i := range b.free {
		if cap(b.free[i]) < cap(p) {
			b.free[i], p = p, b.free[i]
		}
	}
}
