// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package synthesis

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/body"
)

// ContentOf returns what a response to a request for audio holds if its content type does not say
// it: audio, unless the type is text, as of a page of a proxy.
func ContentOf(h http.Header) body.Content {
	if strings.HasPrefix(strings.ToLower(h.Get("Content-Type")), "text/") {
		return body.Unknown
	}
	return body.Audio
}

// An Audio reports the format of synthesised audio and its pieces. The header of a WAV file is no
// audio, and says the format if there is one. Use [NewAudio] to make one.
type Audio struct {
	base    *wire.Base
	format  wire.Format
	wav     audioformat.WAV
	base64  audioformat.Base64
	isSent  bool // The format was reported.
	read    func([]byte)
	decoded func([]byte)
}

// NewAudio returns an Audio that reports by a decoder's base.
func NewAudio(base *wire.Base) *Audio {
	a := &Audio{base: base}
	a.read, a.decoded = a.send, a.Read // Made once, because each method value is allocated.
	return a
}

// Begin begins audio that has a format unless its header says another.
func (a *Audio) Begin(format wire.Format) { a.format = format }

// Read reads a piece of the audio.
func (a *Audio) Read(p []byte) { a.wav.Read(p, a.read) }

// ReadBase64 reads a piece of the audio in base64.
func (a *Audio) ReadBase64(p []byte) { a.base64.Decode(p, a.decoded) }

// EndBase64 reads the end of the audio in base64, and reports whether it was base64.
func (a *Audio) EndBase64() (ok bool) { return a.base64.End(a.decoded) }

func (a *Audio) send(p []byte) {
	if !a.isSent {
		a.isSent = true
		if f := a.wav.Format(); f != (wire.Format{}) {
			a.format = f
		}
		if a.format != (wire.Format{}) {
			a.base.Send(wire.Event{Kind: wire.AudioFormat, Format: a.format})
		}
	}
	if len(p) > 0 {
		a.base.Send(wire.Event{Kind: wire.Audio, Data: p})
	}
}
