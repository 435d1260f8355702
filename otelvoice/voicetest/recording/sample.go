// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"encoding/binary"
	"math"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// decoderOf returns the function that decodes the first sample of b to the range from -1 to 1, or nil if
// the encoding is not supported.
func decoderOf(f wav.Format) func(b []byte) float64 {
	le := binary.LittleEndian
	switch kind := [2]uint16{uint16(f.Encoding), f.BitsPerSample}; kind {
	case [2]uint16{uint16(wav.PCM), 8}: // Unsigned.
		return func(b []byte) float64 { return (float64(b[0]) - 128) / (1 << 7) }
	case [2]uint16{uint16(wav.PCM), 16}:
		return func(b []byte) float64 { return float64(int16(le.Uint16(b))) / (1 << 15) }
	case [2]uint16{uint16(wav.PCM), 24}:
		return func(b []byte) float64 {
			return float64(int32(uint32(b[0])<<8|uint32(b[1])<<16|uint32(b[2])<<24)) / (1 << 31)
		}
	case [2]uint16{uint16(wav.PCM), 32}:
		return func(b []byte) float64 { return float64(int32(le.Uint32(b))) / (1 << 31) }
	case [2]uint16{uint16(wav.Float), 32}:
		return func(b []byte) float64 { return float64(math.Float32frombits(le.Uint32(b))) }
	case [2]uint16{uint16(wav.Float), 64}:
		return func(b []byte) float64 { return math.Float64frombits(le.Uint64(b)) }
	case [2]uint16{uint16(wav.MuLaw), 8}:
		return func(b []byte) float64 { return muLaw(b[0]) / (1 << 15) }
	case [2]uint16{uint16(wav.ALaw), 8}:
		return func(b []byte) float64 { return aLaw(b[0]) / (1 << 15) }
	}
	return nil
}

// muLaw expands a sample of µ-law to 16 bits (ITU-T G.711).
func muLaw(b byte) float64 {
	const bias = 0x84
	b = ^b
	v := float64((int(b&0xf)<<3+bias)<<(b>>4&7) - bias)
	if b&0x80 != 0 {
		return -v
	}
	return v
}

// aLaw expands a sample of A-law to 16 bits (ITU-T G.711).
func aLaw(b byte) float64 {
	b ^= 0x55
	v := int(b&0xf)<<4 + 8
	if exponent := b >> 4 & 7; exponent > 0 {
		v = (v + 0x100) << (exponent - 1)
	}
	if b&0x80 == 0 {
		return -float64(v)
	}
	return float64(v)
}
