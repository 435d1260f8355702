// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

// hiss is the loudest sample, of 32767, that still counts as silence: about -41 dB
// of full scale. Synthetic voices begin with less, people in a quiet room too.
const hiss = 300

// audible reports whether a piece of audio has a sample that can be heard. Of a
// codec that is not raw it knows nothing. at is where in the audio the piece
// begins, in bytes: a sample may be cut in two.
func (f AudioFormat) audible(data []byte, at int64) bool {
	switch f.Codec {
	case CodecPCM16:
		for i := int(at % 2); i+1 < len(data); i += 2 {
			if v := int16(uint16(data[i]) | uint16(data[i+1])<<8); v > hiss || v < -hiss {
				return true
			}
		}
	case CodecMuLaw:
		for _, b := range data {
			if muLaw(b) > hiss {
				return true
			}
		}
	case CodecALaw:
		for _, b := range data {
			if aLaw(b) > hiss {
				return true
			}
		}
	}
	return false
}

// Audible reports whether a piece of raw PCM or G.711 audio has anything in it that
// can be heard. It is false for codecs whose samples it cannot see.
func (f AudioFormat) Audible(data []byte) bool { return f.audible(data, 0) }

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
