// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package audio buffers the frames of a call on their way to the recognizers, and completes
// their formats.
package audio

import (
	"fmt"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// checkFormat rejects sample rates and channels that are out of range, because durations
// computed from them would be wrong.
func checkFormat(f otelvoice.AudioFormat) error {
	if f.SampleRate != 0 && (f.SampleRate < 4000 || f.SampleRate > 192000) {
		return fmt.Errorf("%w: sample rate of %d Hz", voiceprovider.ErrAudio, f.SampleRate)
	}
	if f.Channels < 0 || f.Channels > 8 {
		return fmt.Errorf("%w: %d channels", voiceprovider.ErrAudio, f.Channels)
	}
	return nil
}

// Formats completes the formats of a stream of frames, from the frame before or from a WAV
// header at the beginning, which it removes. The zero Formats is ready to use.
type Formats struct {
	last   otelvoice.AudioFormat
	header *wav.Decoder // Nil unless a header is being read.
}

// Fill returns the frame with its format. A frame that has only a part of a header is
// returned empty, and has no format if the header continues in the next frame.
func (s *Formats) Fill(f voiceprovider.Frame) (voiceprovider.Frame, error) {
	switch {
	case f.Format != (otelvoice.AudioFormat{}):
		s.header = nil
		if f.Format != s.last {
			if err := checkFormat(f.Format); err != nil {
				return f, err
			}
		}
		s.last = f.Format
		return f, nil
	case s.header == nil && s.last != (otelvoice.AudioFormat{}):
		f.Format = s.last
		return f, nil
	case s.header == nil:
		s.header = new(wav.Decoder)
	}
	samples, err := s.header.Decode(f.Data)
	if err != nil {
		s.header = nil
		return f, fmt.Errorf("%w: %w", voiceprovider.ErrAudio, err)
	}
	f.Data = samples
	if format, ok := s.header.Format(); ok {
		f.Data = append(f.Data, s.header.Flush()...)
		f.Format = format.AudioFormat()
		// All that follows is audio, whatever size the header has: the stream continues.
		s.last, s.header = f.Format, nil
	}
	return f, nil
}
