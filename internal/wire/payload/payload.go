// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package payload reads the audio in the messages of connections: raw bytes, or base64 in JSON. It keeps
// no audio.
package payload

import (
	"encoding/base64"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
)

// Rate returns how many bytes of audio a second has. It is 0 if the format has no constant bit rate, or
// if its sample rate is unknown. A format without a number of channels has one.
func Rate(f wire.Format) int {
	samples := f.SampleRate * max(f.Channels, 1)
	switch f.Codec {
	case audioformat.PCM, "pcm_f16le":
		return 2 * samples
	case audioformat.MuLaw, audioformat.ALaw:
		return samples
	case "pcm_f32le", "pcm_s32le":
		return 4 * samples
	}
	return 0
}

// Duration returns how long size bytes of audio are, or 0 if the format does not say it.
func Duration(f wire.Format, size int) time.Duration {
	rate := Rate(f)
	if rate <= 0 {
		return 0
	}
	return time.Duration(size/rate)*time.Second + time.Duration(size%rate)*time.Second/time.Duration(rate)
}

// Size returns how many bytes a text in base64 decodes to. It does not read the text but its padding.
func Size(text []byte) int {
	n := len(text)
	for n > 0 && text[n-1] == '=' && len(text)-n < 2 {
		n--
	}
	return n * 3 / 4
}

// The limits of a piece of decoded audio: a message of 32 KiB, which is 0.3 s of PCM at 48 kHz, is one piece.
const (
	maxPiece = 24 << 10
	maxText  = maxPiece / 3 * 4
)

// A Base64 decodes audio in base64. Its buffer is used again for each message, so that messages are not
// allocated. The zero value is ready for use.
type Base64 struct {
	buffer  []byte
	lenient audioformat.Base64
}

// Decode decodes a text, and calls audio with its bytes, in pieces of at most 24 KiB. They are valid
// until audio returns. It reports whether the text is base64. Other characters are ignored.
func (b *Base64) Decode(text []byte, audio func([]byte)) (ok bool) {
	for len(text) > 0 {
		part := text[:min(len(text), maxText)]
		if n := base64.StdEncoding.DecodedLen(len(part)); n > len(b.buffer) {
			b.buffer = make([]byte, n)
		}
		n, err := base64.StdEncoding.Decode(b.buffer, part)
		if err != nil { // It has no padding, or the alphabet of URLs, or is no base64.
			b.lenient.Decode(text, audio)
			return b.lenient.End(audio)
		}
		if n > 0 {
			audio(b.buffer[:n])
		}
		text = text[len(part):]
	}
	return true
}
