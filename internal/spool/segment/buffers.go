// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"sync"
)

// Buffers are requests' bytes that are used again. A request is some hundred kilobytes, and
// made for each thousand records: fresh memory for each has the garbage collector run, which
// those who log pay for, too. The zero buffers are empty. They are safe for concurrent use.
type Buffers struct {
	mu   sync.Mutex
	free [][]byte
}

const (
	keptBuffers = 4
	// largestBuffer bounds those that are kept: one huge request must not pin its memory.
	largestBuffer = 4 << 20
)

// Take returns an empty slice with room for n bytes.
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
	// A little more than is asked for, for the next one will not be of the same size.
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
