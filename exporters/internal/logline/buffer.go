// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import "sync"

const (
	// bufferSize is enough for a usual log line, so that a new buffer seldom grows.
	bufferSize = 1 << 10
	// maxPooled is the largest buffer that the pool keeps, so that one huge line does not use
	// its memory forever.
	maxPooled = 16 << 10
)

// Buffer is a byte slice from a pool. Only one goroutine may use it at a time.
type Buffer []byte

var buffers = sync.Pool{New: func() any {
	b := make(Buffer, 0, bufferSize)
	return &b
}}

// NewBuffer returns an empty buffer. Return it with [Buffer.Free].
func NewBuffer() *Buffer { return buffers.Get().(*Buffer) }

// Free returns the buffer to the pool. Neither it nor its bytes may be used afterwards.
func (b *Buffer) Free() {
	if cap(*b) > maxPooled {
		return
	}
	*b = (*b)[:0]
	buffers.Put(b)
}
