// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioclock

import (
	"encoding/binary"
	"time"
)

// A Playout follows audio that is played as it arrives, until its first audible sample. The
// zero Playout is at the start of the audio.
type Playout struct {
	header waveHeader
	until  time.Time // When the audio so far has played; zero while it is unknown.
	last   byte      // The last byte, which may be the first half of a sample.
}

// Header returns the size of the WAV header so far.
func (p *Playout) Header() int64 { return p.header.size }

// Add adds a piece of audio that arrived now, after size bytes of which the first arrived at
// first. It returns when the first audible sample plays if the piece holds it, and the zero
// time if not.
//
// Audio is played from its first byte on, at the speed of speech. A piece that arrives early
// plays after the audio before it; a piece that arrives late plays at once.
func (p *Playout) Add(f Format, data []byte, size int64, first, now time.Time) (audible time.Time) {
	data = p.header.pass(data)
	before := max(size-p.header.size, 0) // Samples before this piece; it may continue the header.
	if p.until.IsZero() && size > 0 {    // The format was unknown so far.
		p.until = first.Add(f.Duration(before))
	}
	from := now
	if p.until.After(now) {
		from = p.until
	}
	if d := f.Duration(int64(len(data))); d > 0 {
		p.until = from.Add(d)
	}
	i, found := f.FirstAudible(p.last, data, before)
	if len(data) > 0 {
		p.last = data[len(data)-1]
	}
	if !found {
		return time.Time{}
	}
	if i < 0 {
		return from.Add(-f.Duration(int64(-i)))
	}
	return from.Add(f.Duration(int64(i)))
}

// A waveHeader skips the header of a WAV file, which some TTS providers send before raw
// samples and which would count as sound. The header may be split over several pieces. The
// zero waveHeader is at the start of the audio.
type waveHeader struct {
	known [12]byte // The newest bytes: RIFF and WAVE, or the name and the size of a chunk.
	n     int      // The length of known.
	chunk bool     // Known is the start of a chunk.
	skip  int64    // Bytes to skip of a chunk that holds no samples.
	over  bool     // Samples follow.
	size  int64    // Of the header so far.
}

// maxWaveChunk bounds the chunks before the samples.
const maxWaveChunk = 64 << 10

// pass returns the samples of a piece, without the header. Samples that look like the start
// of a header, at most 12 bytes, are dropped; they are too few to be audible.
func (h *waveHeader) pass(data []byte) (samples []byte) {
	for len(data) > 0 && !h.over {
		if h.skip > 0 {
			n := min(h.skip, int64(len(data)))
			h.skip, h.size, data = h.skip-n, h.size+n, data[n:]
			continue
		}
		want := 12
		if h.chunk {
			want = 8
		}
		n := copy(h.known[h.n:want], data)
		h.n += n
		if !h.chunk && !h.begins() {
			h.over, h.size = true, 0
			break
		}
		h.size, data = h.size+int64(n), data[n:]
		if h.n < want {
			break
		}
		if h.chunk {
			size := int64(binary.LittleEndian.Uint32(h.known[4:]))
			h.over = string(h.known[:4]) == "data" || size > maxWaveChunk
			h.skip = size + size%2 // Chunks are padded.
		}
		h.chunk, h.n = true, 0
	}
	return data
}

// begins reports whether known can be the start of a header.
func (h *waveHeader) begins() bool {
	const riff, wave = "RIFF", "WAVE"
	if h.n <= len(riff) {
		return riff[:h.n] == string(h.known[:h.n])
	}
	return string(h.known[:4]) == riff && (h.n <= 8 || wave[:h.n-8] == string(h.known[8:h.n]))
}
