// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package transcript_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/transcript"
)

func TestLanguageTag(t *testing.T) {
	for name, want := range map[string]string{
		"german": "de", "English": "en", "haitian creole": "ht", "cantonese": "yue", "de-CH": "de-CH", "en": "en", "": "", "klingon": "klingon", ":": ":",
	} {
		if got := transcript.LanguageTag(name); got != want {
			t.Errorf("LanguageTag(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSeconds(t *testing.T) {
	for n, want := range map[float64]time.Duration{0: 0, -1: 0, 2.890000104904175: 2890 * time.Millisecond, 1e9: 0, 0.0000004: 0} {
		if got := transcript.Seconds(n); got != want {
			t.Errorf("Seconds(%v) = %v, want %v", n, got, want)
		}
	}
}

func TestTextLimit(t *testing.T) {
	s := transcript.Transcript{Keep: true}
	s.Add([]byte("a"))
	s.Add(bytes.Repeat([]byte("ü"), transcript.MaxText))
	if text := s.Text(); len(text) != transcript.MaxText-1 || s.Size() != 1+2*transcript.MaxText {
		t.Errorf("%d bytes of %d, want %d without half a code point", len(text), s.Size(), transcript.MaxText-1)
	}
	s.Reset()
	if text := s.Text(); text == nil || len(text) != 0 {
		t.Errorf("after Reset: %q", text)
	}
	if text := new(transcript.Transcript).Text(); text != nil {
		t.Errorf("without Keep: %q, want nil", text)
	}
}

func TestSpeech(t *testing.T) {
	logProb := func(p float64) *float64 { return &p }
	segment := func(start, end time.Duration, p *float64) transcript.Segment {
		return transcript.Segment{Start: start, End: end, HasOffsets: true, LogProb: p}
	}
	for _, tt := range []struct {
		name     string
		segments []transcript.Segment
		want     wire.Speech
	}{
		{"none", nil, wire.Speech{}},
		{"one", []transcript.Segment{segment(1, 2, nil)}, wire.Speech{Start: 1, End: 2, HasOffsets: true}},
		{"long segments count more", []transcript.Segment{segment(0, 3*time.Second, logProb(0)), segment(3*time.Second, 4*time.Second, logProb(-4))}, wire.Speech{End: 4 * time.Second, HasOffsets: true, Confidence: 0.3679, HasConfidence: true}},
		{"a probability above 1", []transcript.Segment{segment(0, 1, logProb(1))}, wire.Speech{End: 1, HasOffsets: true}},
		{"an end before the start", []transcript.Segment{segment(2, 1, nil)}, wire.Speech{}},
	} {
		var s transcript.Transcript
		for _, part := range tt.segments {
			s.EndSegment(&part)
		}
		if got := s.Speech(); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
}

func FuzzCues(f *testing.F) {
	f.Add("1\n00:00:00,000 --> 00:00:01,640\nA table.\n\n", true, byte(1))
	f.Add("WEBVTT\n\n00:01.000 --> 00:02.000 align:start\nHi.\n", false, byte(2))
	f.Add("WEB", false, byte(0))
	f.Fuzz(func(t *testing.T, text string, isTimed bool, size byte) {
		read := func(size int) (string, wire.Speech) {
			s := transcript.Transcript{Keep: true}
			c := transcript.NewCues(&s, isTimed)
			for p := range slices.Chunk([]byte(text), size) {
				c.Scan(p)
			}
			c.End()
			return string(s.Text()), s.Speech()
		}
		whole, speech := read(1 << 20)
		if got, other := read(int(size) + 1); got != whole || other != speech {
			t.Errorf("in pieces of %d bytes: %q %+v, as a whole %q %+v", int(size)+1, got, other, whole, speech)
		}
	})
}
