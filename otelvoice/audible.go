// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"encoding/binary"
	"time"
)

// hiss is the loudest sample, of 32767, that still counts as silence: about -41 dB
// of full scale. Synthetic voices begin with less, people in a quiet room too.
const hiss = 300

// firstAudible returns where in a piece of audio the first sample is that can be heard, in
// bytes, if there is one. Of a codec that is not raw it knows nothing. at is where in the
// audio the piece begins, in bytes: a sample may be cut in two, and half is its first byte
// then, before the piece.
func (f AudioFormat) firstAudible(half byte, data []byte, at int64) (i int, found bool) {
	switch f.Codec {
	case CodecPCM16:
		cut := int(at % 2)
		if cut == 1 && len(data) > 0 && loud(half, data[0]) {
			return -1, true
		}
		for i := cut; i+1 < len(data); i += 2 {
			if loud(data[i], data[i+1]) {
				return i, true
			}
		}
	case CodecMuLaw:
		for i, b := range data {
			if muLaw(b) > hiss {
				return i, true
			}
		}
	case CodecALaw:
		for i, b := range data {
			if aLaw(b) > hiss {
				return i, true
			}
		}
	}
	return 0, false
}

// loud reports whether a sample of 16 bits, of which low is the first byte, can be heard.
func loud(low, high byte) bool {
	v := int16(uint16(low) | uint16(high)<<8)
	return v > hiss || v < -hiss
}

// Audible reports whether a piece of raw PCM or G.711 audio has anything in it that
// can be heard. It is false for codecs whose samples it cannot see.
func (f AudioFormat) Audible(data []byte) bool {
	_, found := f.firstAudible(0, data, 0)
	return found
}

// A waveHeader finds the header of a WAV file, which some voices send before raw samples, and
// which would pass for sound. It may come in pieces. The zero waveHeader is at the beginning.
type waveHeader struct {
	known [12]byte // The newest bytes: RIFF and WAVE, or the name and the size of a chunk.
	n     int      // How many of them there are.
	chunk bool     // They are of a chunk.
	skip  int64    // How many bytes of another chunk than the samples are still to come.
	over  bool     // What follows is samples.
	size  int64    // Of the header so far.
}

// maxWaveChunk is how long a chunk is at most that is believed to stand before the samples.
const maxWaveChunk = 64 << 10

// pass returns the rest of a piece behind the header. What it took for the beginning of a
// header and is none were samples: they are not looked at, but are too few to be heard.
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

// begins reports whether what is known can be the beginning of a header.
func (h *waveHeader) begins() bool {
	const riff, wave = "RIFF", "WAVE"
	if h.n <= len(riff) {
		return riff[:h.n] == string(h.known[:h.n])
	}
	return string(h.known[:4]) == riff && (h.n <= 8 || wave[:h.n-8] == string(h.known[8:h.n]))
}

// heard returns when the first audio that can be heard plays, if it is in the newest piece,
// and the zero time if not. Audio is played from its first byte on, at the speed of speech
// and as it comes: what comes in a burst waits for what is before it, and what comes late
// begins late.
func (s *TTS) heard(data []byte, now time.Time) (at time.Time) {
	a := &s.audio
	first := a.size == 0
	data = s.header.pass(data)
	before := max(a.size-s.header.size, 0) // A header that goes on is longer than what was before.
	a.header = s.header.size
	if s.played.IsZero() && !first { // The format was not known so far.
		s.played = s.firstByte.Add(a.format.Duration(before))
	}
	from := now
	if s.played.After(now) {
		from = s.played
	}
	if d := a.format.Duration(int64(len(data))); d > 0 {
		s.played = from.Add(d)
	}
	i, found := a.format.firstAudible(s.half, data, before)
	if len(data) > 0 {
		s.half = data[len(data)-1]
	}
	if !found {
		return time.Time{}
	}
	if i < 0 {
		return from.Add(-a.format.Duration(int64(-i)))
	}
	return from.Add(a.format.Duration(int64(i)))
}

// muLaw returns how loud a sample of µ-law is (ITU-T G.711), without its sign.
func muLaw(b byte) int {
	const bias = 0x84
	b = ^b
	return (int(b&0xf)<<3+bias)<<(b>>4&7) - bias
}

// aLaw returns how loud a sample of A-law is (ITU-T G.711), without its sign.
func aLaw(b byte) int {
	b ^= 0x55
	v := int(b&0xf)<<4 + 8
	if exponent := b >> 4 & 7; exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	return v
}
