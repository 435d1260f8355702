// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// buffers are requests' bytes that are used again. A request is some hundred kilobytes, and
// made for each thousand records: fresh memory for each has the garbage collector run, which
// those who log pay for, too. The zero buffers are empty. They are safe for concurrent use.
type buffers struct {
	mu   sync.Mutex
	free [][]byte
}

const (
	keptBuffers = 4
	// largestBuffer bounds those that are kept: one huge request must not pin its memory.
	largestBuffer = 4 << 20
)

// take returns an empty slice with room for n bytes.
func (b *buffers) take(n int) []byte {
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

// give takes a slice that nobody has any more. Of too many the smaller go.
func (b *buffers) give(p []byte) {
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

// body is a request on its way. Transports may read it after they have answered, and close it
// when they do not any more; HTTP/2 closes it while it is being read.
type body struct {
	mu      sync.Mutex
	rest    []byte
	closed  bool
	read    bool // Some of it was.
	readers *atomic.Int32
}

// newBody returns a body that is counted among the readers of its request until it is closed.
func newBody(r request) *body {
	r.readers.Add(1)
	return &body{rest: r.payload, readers: r.readers}
}

func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	if len(b.rest) == 0 {
		return 0, io.EOF
	}
	b.read = true
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	return n, nil
}

// Close ends the reading: when it returns, nobody reads or will.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.closed, b.rest = true, nil
		b.readers.Add(-1)
	}
	return nil
}

// begun reports whether any of the body was read: there was a connection then.
func (b *body) begun() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read
}
