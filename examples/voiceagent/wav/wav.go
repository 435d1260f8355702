// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wav reads and writes WAV files of constant rate.
package wav

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
)

// An Encoding is a number that WAV files have for how samples are written.
type Encoding uint16

// The encodings that phones and browsers send.
const (
	PCM   Encoding = 1
	ALaw  Encoding = 6
	MuLaw Encoding = 7
)

// A Format is what is needed to make sound of samples.
type Format struct {
	Encoding      Encoding `json:"encoding"`
	SampleRate    uint32   `json:"sample_rate"` // Hz
	Channels      uint16   `json:"channels"`
	BitsPerSample uint16   `json:"bits_per_sample"`
}

// Check returns what is wrong with the format, or nil.
func (f Format) Check() error {
	width := map[Encoding]uint16{PCM: 16, ALaw: 8, MuLaw: 8}[f.Encoding]
	switch {
	case width == 0:
		return fmt.Errorf("wav: unknown encoding %d", f.Encoding)
	case f.BitsPerSample != width:
		return fmt.Errorf("wav: %d bits a sample, want %d", f.BitsPerSample, width)
	case f.SampleRate < 4000 || f.SampleRate > 192000:
		return fmt.Errorf("wav: sample rate of %d Hz", f.SampleRate)
	case f.Channels < 1 || f.Channels > 8:
		return fmt.Errorf("wav: %d channels", f.Channels)
	}
	return nil
}

// frame is the size of one sample of every channel.
func (f Format) frame() int { return int(f.Channels) * int(f.BitsPerSample) / 8 }

// Size returns how many bytes of samples play for d, whole samples only.
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

// Parse finds the format and the samples of a WAV file. The samples are a part
// of file.
func Parse(file []byte) (f Format, samples []byte, err error) {
	le := binary.LittleEndian
	if len(file) < 12 || string(file[:4]) != "RIFF" || string(file[8:12]) != "WAVE" {
		return f, nil, errors.New("wav: not a RIFF/WAVE file")
	}
	for rest := file[12:]; len(rest) >= 8; {
		id, size := string(rest[:4]), uint64(le.Uint32(rest[4:]))
		chunk := rest[8:]
		chunk = chunk[:min(size, uint64(len(chunk)))]
		switch {
		case id == "fmt " && len(chunk) >= 16:
			f = Format{
				Encoding: Encoding(le.Uint16(chunk)), Channels: le.Uint16(chunk[2:]),
				SampleRate: le.Uint32(chunk[4:]), BitsPerSample: le.Uint16(chunk[14:]),
			}
		case id == "data":
			return f, chunk, f.Check()
		}
		size += size % 2 // Chunks begin at even offsets.
		rest = rest[min(8+size, uint64(len(rest))):]
	}
	return f, nil, errors.New("wav: no data")
}

// Header returns what comes before size bytes of samples in a WAV file.
func (f Format) Header(size int) []byte {
	const fmtSize, headerSize = 16, 44
	le := binary.LittleEndian
	h := make([]byte, 0, headerSize)
	h = append(h, "RIFF"...)
	h = le.AppendUint32(h, uint32(headerSize-8+size))
	h = append(h, "WAVEfmt "...)
	h = le.AppendUint32(h, fmtSize)
	h = le.AppendUint16(h, uint16(f.Encoding))
	h = le.AppendUint16(h, f.Channels)
	h = le.AppendUint32(h, f.SampleRate)
	h = le.AppendUint32(h, f.SampleRate*uint32(f.frame()))
	h = le.AppendUint16(h, uint16(f.frame()))
	h = le.AppendUint16(h, f.BitsPerSample)
	h = append(h, "data"...)
	return le.AppendUint32(h, uint32(size))
}
