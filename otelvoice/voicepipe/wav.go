// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"encoding/binary"
	"fmt"

	"github.com/voice-agents/telemetry/otelvoice"
)

// Encodings of WAV files (RFC 2361).
const (
	wavPCM   = 1
	wavALaw  = 6
	wavMuLaw = 7
	// wavExtensible has the encoding in the first two bytes of its sub-format.
	wavExtensible = 0xfffe
)

// ReadWAV returns the audio of a WAV file as one frame, which shares its memory. A
// header that promises more audio than there is, as those of streams do, is not
// believed. The error wraps [ErrAudio] and says which encoding, rate or number of
// channels is not known.
func ReadWAV(file []byte) (Frame, error) {
	le := binary.LittleEndian
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return Frame{}, fmt.Errorf("%w: no WAV header", ErrAudio)
	}
	var format otelvoice.AudioFormat
	for rest := file[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), uint64(le.Uint32(rest[4:]))
		chunk := rest[8:]
		chunk = chunk[:min(size, uint64(len(chunk)))]
		switch id {
		case "fmt ":
			var err error
			if format, err = wavFormat(chunk); err != nil {
				return Frame{}, err
			}
		case "data":
			if format == (otelvoice.AudioFormat{}) {
				return Frame{}, fmt.Errorf("%w: WAV data before its format", ErrAudio)
			}
			return Frame{Format: format, Data: chunk}, nil
		}
		size += size % 2 // Chunks begin at even offsets.
		rest = rest[min(8+size, uint64(len(rest))):]
	}
	return Frame{}, fmt.Errorf("%w: WAV header without data", ErrAudio)
}

func wavFormat(chunk []byte) (f otelvoice.AudioFormat, err error) {
	le := binary.LittleEndian
	if len(chunk) < 16 {
		return f, fmt.Errorf("%w: WAV format of %d bytes", ErrAudio, len(chunk))
	}
	encoding, bits := le.Uint16(chunk), le.Uint16(chunk[14:])
	if encoding == wavExtensible && len(chunk) >= 26 {
		encoding = le.Uint16(chunk[24:])
	}
	f = otelvoice.AudioFormat{Channels: int(le.Uint16(chunk[2:])), SampleRate: int(le.Uint32(chunk[4:]))}
	switch {
	case encoding == wavPCM && bits == 16:
		f.Codec = otelvoice.CodecPCM16
	case encoding == wavMuLaw && bits == 8:
		f.Codec = otelvoice.CodecMuLaw
	case encoding == wavALaw && bits == 8:
		f.Codec = otelvoice.CodecALaw
	default:
		return f, fmt.Errorf("%w: encoding %d of %d bits, want PCM of 16, µ-law or A-law", ErrAudio, encoding, bits)
	}
	return f, checkFormat(f)
}

// checkFormat refuses rates and channels that no line has: what is measured by them
// would be wrong.
func checkFormat(f otelvoice.AudioFormat) error {
	if f.SampleRate != 0 && (f.SampleRate < 4000 || f.SampleRate > 192000) {
		return fmt.Errorf("%w: sample rate of %d Hz", ErrAudio, f.SampleRate)
	}
	if f.Channels < 0 || f.Channels > 8 {
		return fmt.Errorf("%w: %d channels", ErrAudio, f.Channels)
	}
	return nil
}

// formats fills in the formats of a stream of frames, from the frame before or from
// a WAV header at the beginning, which it takes off.
type formats struct {
	last otelvoice.AudioFormat
}

func (s *formats) fill(f Frame) (Frame, error) {
	switch {
	case f.Format != (otelvoice.AudioFormat{}):
		if f.Format != s.last {
			if err := checkFormat(f.Format); err != nil {
				return f, err
			}
		}
	case s.last != (otelvoice.AudioFormat{}):
		f.Format = s.last
	default:
		var err error
		if f, err = ReadWAV(f.Data); err != nil {
			return f, err
		}
	}
	s.last = f.Format
	return f, nil
}
