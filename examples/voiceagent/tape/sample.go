// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package tape

import (
	"encoding/binary"

	"github.com/voice-agents/telemetry/otelvoice"
)

// Resample returns the first channel of audio as samples of [Rate], by linear interpolation.
func Resample(f otelvoice.AudioFormat, data []byte) []int16 {
	width, channels := 1, max(f.Channels, 1)
	if f.Codec == otelvoice.CodecPCM16 {
		width = 2
	}
	n := len(data) / (width * channels)
	if f.Duration(int64(len(data))) == 0 || n == 0 {
		return nil
	}
	at := func(i int) int {
		b := data[min(i, n-1)*width*channels:]
		switch f.Codec {
		case otelvoice.CodecMuLaw:
			return muLaw(b[0])
		case otelvoice.CodecALaw:
			return aLaw(b[0])
		}
		return int(int16(binary.LittleEndian.Uint16(b)))
	}
	out := make([]int16, n*Rate/f.SampleRate)
	for i := range out {
		whole, part := i*f.SampleRate/Rate, i*f.SampleRate%Rate
		a, b := at(whole), at(whole+1)
		out[i] = int16(a + (b-a)*part/Rate)
	}
	return out
}

// muLaw expands a sample of µ-law (ITU-T G.711).
func muLaw(b byte) int {
	const bias = 0x84
	b = ^b
	v := (int(b&0xf)<<3+bias)<<(b>>4&7) - bias
	if b&0x80 != 0 {
		return -v
	}
	return v
}

// aLaw expands a sample of A-law (ITU-T G.711).
func aLaw(b byte) int {
	b ^= 0x55
	v := int(b&0xf)<<4 + 8
	if exponent := b >> 4 & 7; exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		return -v
	}
	return v
}
