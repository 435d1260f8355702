// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

// room is chunks that are used again, so that what comes in a burst need neither
// fresh memory nor, as in one slice that grows, to be copied over and over.
type chunkPool struct{ chunks [][]byte }

const (
	chunkSize = 16 << 10
	maxRoom   = 256 // Chunks that are kept while items come faster than they are sent.
	leastRoom = 32  // And when none come.
)

// take returns an empty chunk with room for so many bytes.
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

// give takes chunks back, unless they are many or large.
func (r *chunkPool) give(chunks [][]byte) {
	for _, c := range chunks {
		if len(r.chunks) < maxRoom && cap(c) == chunkSize {
			r.chunks = append(r.chunks, c[:0])
		}
	}
}

// rest gives up what a burst has left behind.
func (r *chunkPool) rest() {
	if len(r.chunks) > leastRoom {
		clear(r.chunks[leastRoom:])
		r.chunks = r.chunks[:leastRoom]
	}
}
