// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"encoding/binary"
	"errors"
	"time"
)

// wavAudio is the audio of a WAV file.
type wavAudio struct {
	bytesPerSecond uint32
	samples        []byte
}

// duration returns how long the audio plays.
func (a wavAudio) duration() time.Duration {
	return time.Duration(float64(len(a.samples)) / float64(a.bytesPerSecond) * float64(time.Second))
}

// parseWAV finds the samples of a WAV file in any encoding of constant rate.
// A data chunk that claims more than there is ends with the file: a recorder
// that streams does not know the length when it writes the header.
func parseWAV(b []byte) (wavAudio, error) {
	if len(b) < 12 || string(b[:4]) != "RIFF" || string(b[8:12]) != "WAVE" {
		return wavAudio{}, errors.New("not a RIFF/WAVE file")
	}
	var audio wavAudio
	for rest := b[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), uint64(binary.LittleEndian.Uint32(rest[4:]))
		body := rest[8:]
		body = body[:min(size, uint64(len(body)))]
		switch id {
		case "fmt ":
			if len(body) < 16 {
				return wavAudio{}, errors.New("no usable fmt chunk before the data")
			}
			audio.bytesPerSecond = binary.LittleEndian.Uint32(body[8:])
		case "data":
			if audio.bytesPerSecond == 0 {
				return wavAudio{}, errors.New("no usable fmt chunk before the data")
			}
			audio.samples = body
			return audio, nil
		}
		next := 8 + size + size%2 // chunks start at even offsets
		rest = rest[min(next, uint64(len(rest))):]
	}
	return wavAudio{}, errors.New("no data chunk")
}

// The format of synthesized speech, as the vendor's pcm: mono, little-endian.
const (
	sampleRate     = 24000
	bytesPerSample = 2
)

// streamedWAVHeader returns the header of a WAV file whose length is not known
// yet, which is what its two sizes say.
func streamedWAVHeader() []byte {
	const unknown = 0xFFFFFFFF
	le := binary.LittleEndian
	h := make([]byte, 0, 44)
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, unknown)
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, 16) // size of this chunk
	h = le.AppendUint16(h, 1)  // PCM
	h = le.AppendUint16(h, 1)  // channels
	h = le.AppendUint32(h, sampleRate)
	h = le.AppendUint32(h, sampleRate*bytesPerSample)
	h = le.AppendUint16(h, bytesPerSample)
	h = le.AppendUint16(h, 8*bytesPerSample)
	h = append(h, "data"...)
	return le.AppendUint32(h, unknown)
}
