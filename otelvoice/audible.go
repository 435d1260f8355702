// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"bytes"
	"time"
)

// hiss is the loudest sample, of 32767, that still counts as silence: about -41 dB
// of full scale. Synthetic voices begin with less, people in a quiet room too.
const hiss = 300

// firstAudible returns where in a piece of audio the first sample is that can be heard, in
// bytes, or -1. Of a codec that is not raw it knows nothing. at is where in the audio the
// piece begins, in bytes: a sample may be cut in two.
func (f AudioFormat) firstAudible(data []byte, at int64) int {
	switch f.Codec {
	case CodecPCM16:
		for i := int(at % 2); i+1 < len(data); i += 2 {
			if v := int16(uint16(data[i]) | uint16(data[i+1])<<8); v > hiss || v < -hiss {
				return i
			}
		}
	case CodecMuLaw:
		for i, b := range data {
			if muLaw(b) > hiss {
				return i
			}
		}
	case CodecALaw:
		for i, b := range data {
			if aLaw(b) > hiss {
				return i
			}
		}
	}
	return -1
}

// Audible reports whether a piece of raw PCM or G.711 audio has anything in it that
// can be heard. It is false for codecs whose samples it cannot see.
func (f AudioFormat) Audible(data []byte) bool { return f.firstAudible(data, 0) >= 0 }

// waveHeader returns how many bytes of the beginning of audio are the header of a WAV file,
// which some voices send before raw samples, and which would pass for sound.
func waveHeader(data []byte) int {
	const usual = 44
	if len(data) < 12 || string(data[:4]) != "RIFF" || string(data[8:12]) != "WAVE" {
		return 0
	}
	if i := bytes.Index(data, []byte("data")); i >= 0 {
		return i + 8 // The size of the chunk follows.
	}
	return usual
}

// heard returns when the first audio that can be heard plays, if it is in the newest piece,
// and the zero time if not. Audio is played from its first byte on, at the speed of speech
// and as it comes: what comes in a burst waits for what is before it, and what comes late
// begins late.
func (s *TTS) heard(data []byte, now time.Time) (at time.Time) {
	a := &s.audio
	if a.size == 0 {
		a.header = int64(waveHeader(data))
	}
	skipped := int(min(max(a.header-a.size, 0), int64(len(data)))) // Of the header.
	data = data[skipped:]
	if s.played.IsZero() && a.size > 0 { // The format was not known so far.
		s.played = s.firstByte.Add(a.format.Duration(a.size - a.header))
	}
	from := now
	if s.played.After(now) {
		from = s.played
	}
	if d := a.format.Duration(int64(len(data))); d > 0 {
		s.played = from.Add(d)
	}
	i := a.format.firstAudible(data, max(a.size-a.header, 0))
	if i < 0 {
		return time.Time{}
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
