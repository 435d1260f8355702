// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording

import (
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording/internal/speechtrack"
)

// Sound is where the two sides of a call really speak.
type Sound struct {
	// User and Agent are the intervals in which each side speaks, in order. The intervals of one side
	// do not overlap. Their resolution is 1 ms.
	User, Agent []Interval
	// Duration is the length of the recording.
	Duration time.Duration
	// Format is that of the file.
	Format wav.Format
}

// Measure reads a stereo WAV file, with the user on the left and the agent on the right, and finds where
// each of them speaks.
//
// The samples are PCM of 8, 16, 24 or 32 bits, floating point of 32 or 64 bits, or G.711, at 4 to 192 kHz.
// The file may be a stream whose header does not know its size, or be cut off. Measure returns an error
// for a file of another kind, with another number of channels, without samples, or with a sample that is
// not a number.
//
// The file is read as a stream. The memory does not depend on its length, except for the intervals. A
// recording of an hour takes one to two seconds.
func Measure(r io.Reader, opts ...Option) (*Sound, error) {
	cfg := newConfig(opts)
	l := listener{gap: cfg.gap}
	l.decoder.AnyEncoding = true
	buf := make([]byte, 64<<10)
	for {
		n, err := r.Read(buf)
		if n > 0 {
			samples, err := l.decoder.Decode(buf[:n])
			if err != nil {
				return nil, fmt.Errorf("recording: %w", err)
			}
			if err := l.hear(samples); err != nil {
				return nil, err
			}
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("recording: read: %w", err)
		}
	}
	if err := l.hear(l.decoder.Flush()); err != nil {
		return nil, err
	}
	return l.sound(cfg.swapped)
}

// listener decodes the samples of a file and passes each channel to its tracker.
type listener struct {
	decoder wav.Decoder
	gap     time.Duration
	format  wav.Format
	decode  func([]byte) float64
	width   int    // The size of a sample of one channel, in bytes.
	partial []byte // The start of a frame whose rest is in the next piece.
	frames  int64
	sides   [2]*speechtrack.Tracker
	pieces  [2][]float32
}

// hear reads samples.
func (l *listener) hear(samples []byte) error {
	if format, ok := l.decoder.Format(); ok && format != l.format {
		if err := l.begin(format); err != nil {
			return err
		}
	}
	frame := 2 * l.width
	if len(l.partial) > 0 {
		n := min(frame-len(l.partial), len(samples))
		l.partial = append(l.partial, samples[:n]...)
		samples = samples[n:]
		if len(l.partial) < frame {
			return nil
		}
		if err := l.read(l.partial); err != nil {
			return err
		}
		l.partial = l.partial[:0]
	}
	if len(samples) == 0 {
		return nil
	}
	whole := len(samples) / frame * frame
	l.partial = append(l.partial, samples[whole:]...)
	return l.read(samples[:whole])
}

// begin prepares for a format.
func (l *listener) begin(f wav.Format) error {
	switch {
	case l.format != (wav.Format{}):
		return fmt.Errorf("recording: the format changes from %s to %s within the file", describe(l.format), describe(f))
	case f.Channels != 2:
		return fmt.Errorf("recording: %s, want 2 channels: the user left, the agent right", describe(f))
	case f.SampleRate < 4000 || f.SampleRate > 192000:
		return fmt.Errorf("recording: sample rate of %d Hz, want 4000 to 192000", f.SampleRate)
	}
	if l.decode = decoderOf(f); l.decode == nil {
		return fmt.Errorf("recording: encoding %d of %d bits, want PCM of 8, 16, 24 or 32, floating point of 32 or 64, µ-law or A-law",
			f.Encoding, f.BitsPerSample)
	}
	l.format, l.width = f, int(f.BitsPerSample)/8
	for i := range l.sides {
		l.sides[i] = speechtrack.New(int(f.SampleRate), l.gap)
	}
	return nil
}

// describe describes a format in an error.
func describe(f wav.Format) string {
	plural := "s"
	if f.Channels == 1 {
		plural = ""
	}
	return fmt.Sprintf("%d channel%s of %d Hz", f.Channels, plural, f.SampleRate)
}

// read passes whole frames to the trackers.
func (l *listener) read(frames []byte) error {
	l.pieces[0], l.pieces[1] = l.pieces[0][:0], l.pieces[1][:0]
	for len(frames) > 0 {
		for side := range l.sides {
			s := l.decode(frames)
			if math.IsNaN(s) {
				return fmt.Errorf("recording: sample %d of channel %d is not a number", l.frames, side+1)
			}
			l.pieces[side] = append(l.pieces[side], float32(min(max(s, -1), 1)))
			frames = frames[l.width:]
		}
		l.frames++
	}
	for side, t := range l.sides {
		t.Write(l.pieces[side])
	}
	return nil
}

// sound ends the file.
func (l *listener) sound(swapped bool) (*Sound, error) {
	if l.frames == 0 {
		return nil, errors.New("recording: the file has no samples")
	}
	rate := int64(l.format.SampleRate)
	d := time.Duration(l.frames/rate)*time.Second + time.Duration(l.frames%rate)*time.Second/time.Duration(rate)
	s := &Sound{Format: l.format, Duration: d, User: intervals(l.sides[0], d), Agent: intervals(l.sides[1], d)}
	if swapped {
		s.User, s.Agent = s.Agent, s.User
	}
	return s, nil
}

func intervals(t *speechtrack.Tracker, d time.Duration) (out []Interval) {
	for _, i := range t.Close() {
		out = append(out, Interval{i.Start, min(i.End, d)}) // The last block of 1 ms may be shorter.
	}
	return out
}
