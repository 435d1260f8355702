// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioclock

// maxNoise is the loudest sample, of 32767, that counts as silence: about -41 dB of full
// scale. The silence at the start of synthetic speech is quieter, and so is a quiet room.
const maxNoise = 300

// FirstAudible returns the offset, in bytes, of the first audible sample in a piece of raw
// PCM or G.711 audio. It finds none in other codecs. at is the offset of the piece in the
// audio: if it splits a sample, half is the sample's first byte.
func (f Format) FirstAudible(half byte, data []byte, at int64) (i int, found bool) {
	switch f.Codec {
	case PCM16:
		split := int(at % 2)
		if split == 1 && len(data) > 0 && loud(half, data[0]) {
			return -1, true
		}
		for i := split; i+1 < len(data); i += 2 {
			if loud(data[i], data[i+1]) {
				return i, true
			}
		}
	case MuLaw:
		for i, b := range data {
			if muLaw(b) > maxNoise {
				return i, true
			}
		}
	case ALaw:
		for i, b := range data {
			if aLaw(b) > maxNoise {
				return i, true
			}
		}
	}
	return 0, false
}

// loud reports whether a sample of 16 bits is audible. low is its first byte.
func loud(low, high byte) bool {
	v := int16(uint16(low) | uint16(high)<<8)
	return v > maxNoise || v < -maxNoise
}

// muLaw returns the magnitude of a sample of µ-law (ITU-T G.711).
func muLaw(b byte) int {
	const bias = 0x84
	b = ^b
	return (int(b&0xf)<<3+bias)<<(b>>4&7) - bias
}

// aLaw returns the magnitude of a sample of A-law (ITU-T G.711).
func aLaw(b byte) int {
	b ^= 0x55
	v := int(b&0xf)<<4 + 8
	if exponent := b >> 4 & 7; exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	return v
}
