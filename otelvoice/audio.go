// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"errors"
	"io"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// A Model says who does a stage's work. Both fields become dimensions of
// metrics: they must be few.
type Model struct {
	// Provider is the vendor, in lower case: "openai", "deepgram".
	Provider string
	// Name is the model as the request names it: "nova-3", "gpt-4o-mini".
	Name string
}

// component is what log lines call the model.
func (m Model) component(fallback string) string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Provider != "":
		return m.Provider
	}
	return fallback
}

// attributes adds what is known of the model.
func (m Model) attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if m.Provider != "" {
		attrs = append(attrs, semconv.GenAIProviderName(m.Provider))
	}
	if m.Name != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(m.Name))
	}
	return attrs
}

// AudioFormat describes audio. Fields that are zero are unknown and left out.
type AudioFormat struct {
	// Codec is the name of the encoding: "pcm_s16le", "pcm_mulaw", "opus".
	Codec string
	// SampleRate is in Hz.
	SampleRate int
	// Channels is 1 for mono.
	Channels int
}

// The codecs of constant rate, whose size gives their duration.
const (
	// CodecPCM16 is linear PCM of 16 bits, little-endian.
	CodecPCM16 = "pcm_s16le"
	// CodecMuLaw is G.711 µ-law, 8 bits.
	CodecMuLaw = "pcm_mulaw"
	// CodecALaw is G.711 A-law, 8 bits.
	CodecALaw = "pcm_alaw"
)

// bytesPerSecond returns the rate of a codec of constant rate, or 0.
func (f AudioFormat) bytesPerSecond() int {
	width := 0
	switch f.Codec {
	case CodecPCM16:
		width = 2
	case CodecMuLaw, CodecALaw:
		width = 1
	}
	return width * f.SampleRate * max(f.Channels, 1)
}

// Duration returns how long size bytes of audio play, or 0 if the codec is none of
// constant rate or the rate is unknown.
func (f AudioFormat) Duration(size int64) time.Duration {
	rate := f.bytesPerSecond()
	if rate <= 0 || size <= 0 {
		return 0
	}
	return time.Duration(float64(size) / float64(rate) * float64(time.Second))
}

// audio is what a stage knows of its audio. None of the audio is kept.
type audio struct {
	format   AudioFormat
	duration time.Duration
	size     int64
	header   int64 // The part of size that is a header and no audio.
}

// length returns the duration as it was set or as the size gives it, or 0.
func (a audio) length() time.Duration {
	if a.duration > 0 {
		return a.duration
	}
	return a.format.Duration(a.size - a.header)
}

func (a audio) attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if a.format.Codec != "" {
		attrs = append(attrs, semconv.VoiceAudioCodec(a.format.Codec))
	}
	if a.format.SampleRate > 0 {
		attrs = append(attrs, semconv.VoiceAudioSampleRate(a.format.SampleRate))
	}
	if a.format.Channels > 0 {
		attrs = append(attrs, semconv.VoiceAudioChannels(a.format.Channels))
	}
	if a.size > 0 {
		attrs = append(attrs, semconv.VoiceAudioSize(int(a.size)))
	}
	return attrs
}

// meter is a reader that calls functions with what passes through it.
type meter struct {
	r      io.Reader
	before func() // May be nil.
	read   func(data []byte, err error)
	closed func() // May be nil.
}

// Read reads and tells.
func (m *meter) Read(p []byte) (int, error) {
	if m.before != nil {
		m.before()
	}
	n, err := m.r.Read(p)
	m.read(p[:min(max(n, 0), len(p))], err) // A reader that lies does not take the call with it.
	return n, err
}

// Close tells and closes what can be closed.
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
