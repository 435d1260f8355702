// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector

import (
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// body is the body of a request that is being sent. A transport may read it after it has
// returned the response, and closes it when it reads no more; HTTP/2 closes it during a read.
type body struct {
	mu      sync.Mutex
	rest    []byte
	closed  bool
	read    bool // At least one byte was read.
	readers *atomic.Int32
}

// NewBody returns a body that is counted among the readers of its request until it is closed.
func NewBody(r segment.Request) *body {
	r.Readers.Add(1)
	return &body{rest: r.Payload, readers: r.Readers}
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

// Close ends all reads: after it returns, no read is active and later ones fail.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.closed {
		b.closed, b.rest = true, nil
		b.readers.Add(-1)
	}
	return nil
}

// begun reports whether any of the body was read, which shows that there was a connection.
func (b *body) begun() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read
}
