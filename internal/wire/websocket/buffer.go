// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package websocket

import (
	"encoding/binary"
	"slices"
	"sync"
)

// A buffer holds a message that did not arrive in one unmasked piece.
type buffer struct{ bytes []byte }

// buffers keeps buffers for all connections, so that an idle one holds none.
var buffers = sync.Pool{New: func() any { return &buffer{bytes: make([]byte, 0, 4096)} }}

// takeBuffer returns an empty buffer.
func takeBuffer() *buffer { return buffers.Get().(*buffer) }

// release gives a buffer back. A nil buffer is ignored.
func (b *buffer) release() {
	if b != nil {
		b.bytes = b.bytes[:0]
		buffers.Put(b)
	}
}

// extend makes the buffer longer by n bytes, and returns these. It grows with the bytes that have
// arrived, never with a length that a frame's head claims.
func (b *buffer) extend(n int) []byte {
	size := len(b.bytes)
	b.bytes = slices.Grow(b.bytes, n)[:size+n]
	return b.bytes[size:]
}

// unmask writes the bytes of src without their mask to dst. The first byte meets the key's byte at.
// It returns the position of the byte after the last.
func unmask(dst, src []byte, key [4]byte, at int) int {
	var k [8]byte
	for i := range k {
		k[i] = key[(at+i)&3]
	}
	word := binary.LittleEndian.Uint64(k[:])
	n := len(src)
	dst = dst[:n]
	i := 0
	for ; i+8 <= n; i += 8 {
		binary.LittleEndian.PutUint64(dst[i:], binary.LittleEndian.Uint64(src[i:])^word)
	}
	for ; i < n; i++ {
		dst[i] = src[i] ^ k[i&7]
	}
	return (at + n) & 3
}
