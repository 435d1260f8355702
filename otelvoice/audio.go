// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"errors"
	"io"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
)

// A Model is the model that does a stage's work. Both fields are dimensions of metrics and
// must have few values.
type Model struct {
	// Provider is the vendor, in lower case: "openai", "deepgram".
	Provider string
	// Name is the model as the request names it: "nova-3", "gpt-4o-mini".
	Name string
}

// AudioFormat describes audio. Zero fields are unknown and left out.
type AudioFormat struct {
	// Codec is the name of the encoding: "pcm_s16le", "pcm_mulaw", "opus".
	Codec string
	// SampleRate is in Hz.
	SampleRate int
	// Channels is 1 for mono.
	Channels int
}

// The codecs with a constant bit rate. The duration of their audio follows from its size.
const (
	// CodecPCM16 is linear PCM of 16 bits, little-endian.
	CodecPCM16 = audioclock.PCM16
	// CodecMuLaw is G.711 µ-law, 8 bits.
	CodecMuLaw = audioclock.MuLaw
	// CodecALaw is G.711 A-law, 8 bits.
	CodecALaw = audioclock.ALaw
)

// Duration returns how long size bytes of audio play. It is 0 if the codec has no constant
// rate or the sample rate is unknown.
func (f AudioFormat) Duration(size int64) time.Duration {
	return audioclock.Format(f).Duration(size)
}

// Audible reports whether a piece of raw PCM or G.711 audio has an audible sample. It is
// false for other codecs.
func (f AudioFormat) Audible(data []byte) bool {
	_, found := audioclock.Format(f).FirstAudible(0, data, 0)
	return found
}

// meter is a reader that calls functions with the data that passes through it.
type meter struct {
	r      io.Reader
	before func() // May be nil.
	read   func(data []byte, err error)
	closed func() // May be nil.
}

// Read reads and calls the functions.
func (m *meter) Read(p []byte) (int, error) {
	if m.before != nil {
		m.before()
	}
	n, err := m.r.Read(p)
	m.read(p[:min(max(n, 0), len(p))], err) // A defective reader may return a wrong n.
	return n, err
}

// Close calls closed, and closes the reader if it is an [io.Closer].
func (m *meter) Close() error {
	if m.closed != nil {
		m.closed()
	}
	if c, ok := m.r.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

func readCloser(r io.Reader) io.ReadCloser {
	if rc, ok := r.(io.ReadCloser); ok {
		return rc
	}
	return io.NopCloser(r)
}

func eofIsNil(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
