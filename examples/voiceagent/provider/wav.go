// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// wavAudio is the audio of a WAV file.
type wavAudio struct {
	format  wav.Format
	samples []byte
}

// duration returns the duration of the audio.
func (a wavAudio) duration() time.Duration { return a.format.Duration(len(a.samples)) }

func parseWAV(b []byte) (wavAudio, error) {
	format, samples, err := wav.Parse(b)
	return wavAudio{format, samples}, err
}

// The format of synthesized speech, the vendor's pcm: mono, little-endian.
const (
	sampleRate     = 24000
	bytesPerSample = 2
)

// streamedWAVHeader returns the header of a WAV file of unknown length.
func streamedWAVHeader() []byte {
	voice := wav.Format{Encoding: wav.PCM, SampleRate: sampleRate, Channels: 1, BitsPerSample: 8 * bytesPerSample}
	return voice.Header(wav.Unknown)
}
