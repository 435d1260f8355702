// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package recognition holds what decoders of speech recognition have in common: the audio that is
// sent, and the utterances that are received.
package recognition

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/multipart"
)

// An Audio counts the audio that is sent, and reads the header of a WAV file. The zero value is ready
// for use.
type Audio struct {
	size   int64
	wav    audioformat.WAV
	format wire.Format // As the content type or the name of the file says it.
}

// Read reads a piece of the audio.
func (a *Audio) Read(p []byte) {
	a.size += int64(len(p))
	a.wav.Read(p, nil)
}

// ReadFile reads a piece of a file in a form.
func (a *Audio) ReadFile(part *multipart.Part, p []byte) {
	a.Read(p)
	if a.format.Codec == "" {
		a.SetContentType(part.ContentType)
	}
	if a.format.Codec == "" {
		a.format = audioformat.OfFile(part.FileName)
	}
}

// SetContentType sets the content type of the audio.
func (a *Audio) SetContentType(contentType string) {
	a.format = audioformat.OfContentType(contentType)
}

// Fill sets the fields of a request that the audio says. The header of a WAV file goes before the
// format that the request names, and that before the content type.
func (a *Audio) Fill(r *wire.Request) {
	r.AudioSize = a.size
	switch {
	case a.wav.Is():
		r.Format, r.Audio = a.wav.Format(), a.wav.Duration()
	case r.Format.Codec == "":
		rate, channels := r.Format.SampleRate, r.Format.Channels
		r.Format = a.format
		if r.Format.SampleRate == 0 {
			r.Format.SampleRate = rate
		}
		if r.Format.Channels == 0 {
			r.Format.Channels = channels
		}
	}
}
