// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

// chunkPool holds chunks for reuse. A burst of items then needs no new memory, and is not copied
// again and again as in one slice that grows.
type chunkPool struct{ chunks [][]byte }

const (
	chunkSize = 16 << 10
	maxPool   = 256 // Chunks that are kept while items come faster than they are sent.
	idlePool  = 32  // Chunks that are kept when no items come.
)

// take returns an empty chunk with a capacity of at least need bytes.
func (r *chunkPool) take(need int) []byte {
	last := len(r.chunks) - 1
	if last < 0 || need > chunkSize {
		return make([]byte, 0, max(need, chunkSize))
	}
	c := r.chunks[last]
	r.chunks[last] = nil
	r.chunks = r.chunks[:last]
	return c
}

// give returns chunks to the pool, except for large ones and those beyond its capacity.
func (r *chunkPool) give(chunks [][]byte) {
	for _, c := range chunks {
		if len(r.chunks) < maxPool && cap(c) == chunkSize {
			r.chunks = append(r.chunks, c[:0])
		}
	}
}

// shrink releases the chunks that a burst left in the pool.
func (r *chunkPool) shrink() {
	if len(r.chunks) > idlePool {
		clear(r.chunks[idlePool:])
		r.chunks = r.chunks[:idlePool]
	}
}
