// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voiceprovider

import (
	"fmt"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// A Frame is a piece of audio.
type Frame struct {
	// Format describes the audio. The zero Format stands for the format of the frame
	// before. A stream whose first frame has none must begin with a WAV header.
	Format otelvoice.AudioFormat
	// Data is the audio. The receiver of a frame must not change it.
	Data []byte
}

// Duration is how long the frame plays, or 0 if its format does not determine that.
func (f Frame) Duration() time.Duration { return f.Format.Duration(int64(len(f.Data))) }

// ReadWAV returns the audio of a WAV file as one frame, which shares its memory. If the size
// in the header is 0 or larger than the file, as in streams, the file is read to its end.
// The error wraps [ErrAudio] and names the unsupported encoding, rate or number of channels.
func ReadWAV(file []byte) (Frame, error) {
	format, samples, err := wav.Parse(file)
	if err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrAudio, err)
	}
	return Frame{Format: format.AudioFormat(), Data: samples}, nil
}
