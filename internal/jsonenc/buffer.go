// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonenc

import "sync"

const (
	// bufferSize holds a usual log line, so that a new buffer seldom grows.
	bufferSize = 1 << 10
	// maxPooled is the largest buffer that is kept. One huge line must not pin
	// its memory for as long as the process runs.
	maxPooled = 16 << 10
)

// Buffer is a byte slice from a pool. It is for one goroutine at a time.
type Buffer []byte

var buffers = sync.Pool{New: func() any {
	b := make(Buffer, 0, bufferSize)
	return &b
}}

// NewBuffer returns an empty buffer, to be given back with [Buffer.Free].
func NewBuffer() *Buffer { return buffers.Get().(*Buffer) }

// Free gives the buffer back. Neither it nor its bytes may be used afterwards.
func (b *Buffer) Free() {
	if cap(*b) > maxPooled {
		return
	}
	*b = (*b)[:0]
	buffers.Put(b)
}
