// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recognition

import (
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
)

// An Input reports the audio that a program sends on a connection. If the request does not name the
// codec, the header of a WAV file says it, and is no audio. Use [NewInput] to make one.
type Input struct {
	base *wire.Base
	wav  audioformat.WAV
	size int64 // Of the audio that was sent.
	read func([]byte)
}

// NewInput returns an Input that reports by a decoder's base.
func NewInput(base *wire.Base) *Input {
	i := &Input{base: base}
	i.read = i.send // Made once, because each method value is allocated.
	return i
}

// Read reads a piece of the audio. It reports the request first.
func (i *Input) Read(p []byte) {
	if i.wav.Is() || i.base.Request.Format.Codec == "" {
		i.ReadFile(p)
		return
	}
	i.send(p)
}

// ReadFile reads a piece of audio that may have the header of a WAV file.
func (i *Input) ReadFile(p []byte) { i.wav.Read(p, i.read) }

// BeginFile begins another file. Its header, if it has one, is no audio.
func (i *Input) BeginFile() { i.wav = audioformat.WAV{} }

func (i *Input) send(p []byte) {
	f := &i.base.Request.Format
	if i.wav.Is() {
		*f = i.wav.Format()
	}
	i.base.Asked()
	if len(p) > 0 {
		i.base.Send(wire.Event{Kind: wire.UserAudio, Data: p, Audio: i.add(len(p))})
	}
}

// Skip counts a number of bytes of audio that are not in hand, and reports them.
func (i *Input) Skip(size int) {
	i.base.Asked()
	if size > 0 {
		i.base.Send(wire.Event{Kind: wire.UserAudio, Audio: i.add(size)})
	}
}

// add counts bytes, and returns their duration. The durations of all pieces add up to that of the
// audio, whatever the size of the pieces is.
func (i *Input) add(size int) time.Duration {
	before := i.Sent()
	i.size += int64(size)
	return i.Sent() - before
}

// Sent returns how long the audio is that was sent. It is 0 if the bit rate is unknown.
func (i *Input) Sent() time.Duration {
	rate := int64(bytesPerSecond(&i.base.Request.Format))
	if rate == 0 {
		return 0
	}
	return time.Duration(i.size/rate)*time.Second + time.Duration(i.size%rate)*time.Second/time.Duration(rate)
}

// bytesPerSecond returns the bit rate of a format in bytes. It is 0 if the rate is not constant, or
// not known.
func bytesPerSecond(f *wire.Format) int {
	rate := f.SampleRate * max(f.Channels, 1)
	switch f.Codec {
	case audioformat.MuLaw, audioformat.ALaw:
		return rate
	case audioformat.PCM:
		return 2 * rate
	case "pcm_f32le", "pcm_s32le":
		return 4 * rate
	}
	return 0
}
