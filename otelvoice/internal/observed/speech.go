// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package observed

import (
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
)

// A TTS is what is observed of a synthesis. Its user guards it with a lock.
type TTS struct {
	Voice        string
	Characters   int
	Text         string
	Format       audioclock.Format
	Size         int64 // Of the audio, with its header.
	Header       int64
	Duration     time.Duration
	FirstByte    time.Time
	FirstAudible time.Time

	playout     audioclock.Playout
	earlier     int // The characters of requests that were answered before.
	earlierText string
	answered    bool // The newest request got audio.
}

// Event adds an event.
func (s *TTS) Event(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.Requested:
		// A stage may have a request for each sentence. One that failed is sent again.
		if s.answered {
			s.earlier, s.earlierText, s.answered = s.Characters, s.Text, false
		}
		s.Characters = s.earlier + e.Request.Characters
		s.Text = s.earlierText + e.Request.Text[:min(len(e.Request.Text), maxText-len(s.earlierText))]
		s.Voice = e.Request.Voice
		s.Format = audioclock.Format(e.Request.Format)
	case wire.AudioFormat:
		s.Format = audioclock.Format(e.Format)
	case wire.TextSent: // On a connection, after Requested.
		s.Characters += e.Characters
		s.Text += string(e.Text[:min(len(e.Text), maxText-len(s.Text))])
	case wire.Audio:
		s.add(e.Data, now)
	case wire.Playing: // Its audio is not seen.
		if s.FirstByte.IsZero() {
			s.FirstByte = now
		}
	case wire.Billed:
		if e.Characters > 0 && s.Characters == s.earlier {
			s.Characters += e.Characters
		}
		if e.Audio > 0 {
			s.Duration = e.Audio
		}
	default:
	}
}

func (s *TTS) add(data []byte, now time.Time) {
	if len(data) == 0 {
		return
	}
	s.answered = true
	if s.FirstByte.IsZero() {
		s.FirstByte = now
	}
	if s.FirstAudible.IsZero() {
		s.FirstAudible = s.playout.Add(s.Format, data, s.Size, s.FirstByte, now)
		s.Header = s.playout.Header()
	}
	s.Size += int64(len(data))
}

// An STT is what is observed of a recognition. Its user guards it with a lock.
type STT struct {
	Language      string
	Format        audioclock.Format
	Size          int64
	Duration      time.Duration
	Partials      int
	Final         time.Time
	Confidence    float64
	HasConfidence bool
	Transcript    string
	Usage         llmreport.Usage // Of recognisers that charge by token.
}

// Event adds an event.
func (s *STT) Event(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.Requested:
		s.Language, s.Format = e.Request.Language, audioclock.Format(e.Request.Format)
		s.Size, s.Duration = e.Request.AudioSize, e.Request.Audio
	case wire.Partial:
		s.Partials++
	case wire.Final:
		s.Final = now
		s.Transcript = string(e.Text)
		if e.Speech.HasConfidence {
			s.Confidence, s.HasConfidence = e.Speech.Confidence, true
		}
		setText(&s.Language, e.Speech.Language)
		s.heard(e.Audio)
	case wire.Billed:
		s.heard(e.Audio)
	case wire.Used:
		s.Usage = s.Usage.Merged(e.Usage)
	default:
	}
}

// heard sets the duration that the provider reports, if the audio itself does not say it.
func (s *STT) heard(d time.Duration) {
	if d > 0 && s.Duration == 0 {
		s.Duration = d
	}
}
