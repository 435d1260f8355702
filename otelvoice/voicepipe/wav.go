// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"fmt"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
)

// ReadWAV returns the audio of a WAV file as one frame, which shares its memory. A
// header that promises more audio than there is, or none, as those of streams do, is not
// believed. The error wraps [ErrAudio] and says which encoding, rate or number of
// channels is not known.
func ReadWAV(file []byte) (Frame, error) {
	format, samples, err := wav.Parse(file)
	if err != nil {
		return Frame{}, fmt.Errorf("%w: %w", ErrAudio, err)
	}
	return Frame{Format: audioFormat(format), Data: samples}, nil
}

func audioFormat(f wav.Format) otelvoice.AudioFormat {
	out := otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: int(f.SampleRate), Channels: int(f.Channels)}
	switch f.Encoding {
	case wav.MuLaw:
		out.Codec = otelvoice.CodecMuLaw
	case wav.ALaw:
		out.Codec = otelvoice.CodecALaw
	case wav.PCM:
	}
	return out
}

// checkFormat refuses rates and channels that no line has: what is measured by them
// would be wrong.
func checkFormat(f otelvoice.AudioFormat) error {
	if f.SampleRate != 0 && (f.SampleRate < 4000 || f.SampleRate > 192000) {
		return fmt.Errorf("%w: sample rate of %d Hz", ErrAudio, f.SampleRate)
	}
	if f.Channels < 0 || f.Channels > 8 {
		return fmt.Errorf("%w: %d channels", ErrAudio, f.Channels)
	}
	return nil
}

// formats fills in the formats of a stream of frames, from the frame before or from
// a WAV header at the beginning, which it takes off. A frame that is nothing but header
// is empty, and has no format yet if the header goes on in the next.
type formats struct {
	last otelvoice.AudioFormat
	wav  *wav.Decoder // Nil unless a header is being read.
}

func (s *formats) fill(f Frame) (Frame, error) {
	switch {
	case f.Format != (otelvoice.AudioFormat{}):
		s.wav = nil
		if f.Format != s.last {
			if err := checkFormat(f.Format); err != nil {
				return f, err
			}
		}
		s.last = f.Format
		return f, nil
	case s.wav == nil && s.last != (otelvoice.AudioFormat{}):
		f.Format = s.last
		return f, nil
	case s.wav == nil:
		s.wav = new(wav.Decoder)
	}
	samples, err := s.wav.Decode(f.Data)
	if err != nil {
		s.wav = nil
		return f, fmt.Errorf("%w: %w", ErrAudio, err)
	}
	f.Data = samples
	if format, ok := s.wav.Format(); ok {
		f.Data = append(f.Data, s.wav.Flush()...)
		f.Format = audioFormat(format)
		// What follows is audio, whatever size the header has: a line goes on.
		s.last, s.wav = f.Format, nil
	}
	return f, nil
}
