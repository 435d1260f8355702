// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wav reads and writes the WAV files of telephones, speech services, ffmpeg and
// browsers, whole or as a stream.
//
// Stability: experimental; may change in a minor release.
//
// Samples are 16-bit PCM or G.711. Other encodings are rejected, unless
// [Decoder.AnyEncoding] is set.
//
// The Go libraries for WAV need a seekable file of a correct size, which streams are not:
// github.com/go-audio/wav v1.1.0 (May 2022, its newest) fails 16 of the 26 cases of
// TestParse, among them sizes of 0 and 0xFFFFFFFF, RF64 and extensible formats.
package wav

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// An Encoding is the number of a sample encoding in WAV files (RFC 2361).
type Encoding uint16

// The supported encodings, and Float, which [Format.Check] rejects.
const (
	PCM   Encoding = 1
	Float Encoding = 3 // IEEE 754.
	ALaw  Encoding = 6
	MuLaw Encoding = 7

	// extensible stores the encoding in the first two bytes of its sub-format.
	extensible Encoding = 0xfffe
)

// A Format describes samples.
type Format struct {
	Encoding      Encoding `json:"encoding"`
	SampleRate    uint32   `json:"sample_rate"` // Hz
	Channels      uint16   `json:"channels"`
	BitsPerSample uint16   `json:"bits_per_sample"`
}

// Check returns an error if the format is not supported.
func (f Format) Check() error {
	width := uint16(8)
	if f.Encoding == PCM {
		width = 16
	}
	switch {
	case f.Encoding != PCM && f.Encoding != ALaw && f.Encoding != MuLaw, f.BitsPerSample != width:
		return fmt.Errorf("wav: encoding %d of %d bits, want PCM of 16, µ-law or A-law", f.Encoding, f.BitsPerSample)
	case f.SampleRate < 4000 || f.SampleRate > 192000:
		return fmt.Errorf("wav: sample rate of %d Hz", f.SampleRate)
	case f.Channels < 1 || f.Channels > 8:
		return fmt.Errorf("wav: %d channels", f.Channels)
	}
	return nil
}

// frame is the size of one sample of all channels, in bytes.
func (f Format) frame() int { return int(f.Channels) * int(f.BitsPerSample) / 8 }

// Size returns the size of samples that play for d, in bytes, rounded down to whole samples.
func (f Format) Size(d time.Duration) int {
	return int(d*time.Duration(f.SampleRate)/time.Second) * f.frame()
}

// Duration returns how long n bytes of samples play.
func (f Format) Duration(n int) time.Duration {
	rate := int(f.SampleRate) * f.frame()
	if rate == 0 {
		return 0
	}
	return time.Duration(n) * time.Second / time.Duration(rate)
}

// AudioFormat returns the format as telemetry and audio frames have it.
func (f Format) AudioFormat() otelvoice.AudioFormat {
	out := otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: int(f.SampleRate), Channels: int(f.Channels)}
	switch f.Encoding {
	case MuLaw:
		out.Codec = otelvoice.CodecMuLaw
	case ALaw:
		out.Codec = otelvoice.CodecALaw
	case PCM, Float, extensible:
	}
	return out
}

// Unknown is the size of the samples of a stream, for [Format.Header].
const Unknown = -1

// Header returns the header of a WAV file with size bytes of samples. The size may be
// [Unknown]. A size that does not fit into the header is written as unknown.
func (f Format) Header(size int) []byte {
	const fmtSize, headerSize, most = 16, 44, math.MaxUint32
	length := uint64(most)
	if size >= 0 {
		length = min(uint64(size), most)
	}
	le := binary.LittleEndian
	h := make([]byte, 0, headerSize)
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, uint32(min(headerSize-8+length, most)))
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, fmtSize)
	h = le.AppendUint16(h, uint16(f.Encoding))
	h = le.AppendUint16(h, f.Channels)
	h = le.AppendUint32(h, f.SampleRate)
	h = le.AppendUint32(h, f.SampleRate*uint32(f.frame()))
	h = le.AppendUint16(h, uint16(f.frame()))
	h = le.AppendUint16(h, f.BitsPerSample)
	h = append(h, "data"...)
	return le.AppendUint32(h, uint32(length))
}

// parseFormat parses the "fmt " chunk.
func parseFormat(chunk []byte) Format {
	le := binary.LittleEndian
	f := Format{
		Encoding: Encoding(le.Uint16(chunk)), Channels: le.Uint16(chunk[2:]),
		SampleRate: le.Uint32(chunk[4:]), BitsPerSample: le.Uint16(chunk[14:]),
	}
	if f.Encoding == extensible && len(chunk) >= 26 {
		f.Encoding = Encoding(le.Uint16(chunk[24:]))
	}
	return f
}
