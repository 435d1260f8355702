// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package transcript collects what recognisers report of an utterance: the text up to a limit, the offsets
// and the confidence of its segments, and its language. It also reads subtitles in SRT and WebVTT.
package transcript

import (
	"bytes"
	"math"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
)

// MaxText is how many bytes of a transcript are kept.
const MaxText = 64 << 10

// A Transcript is what is known of the text and its segments. The zero value keeps no text.
type Transcript struct {
	// Keep is true if the text is kept, and not only its size.
	Keep bool

	text        []byte
	size        int64
	first, last time.Duration // The start of the first segment and the end of the last.
	hasOffsets  bool
	logProb     float64 // The sum of the segments' or the tokens' logarithms, by their weight.
	weight      float64
}

// Reset drops the text. The segments stay.
func (t *Transcript) Reset() { t.text, t.size = t.text[:0], 0 }

// Size returns the size of the text in bytes.
func (t *Transcript) Size() int64 { return t.size }

// Add adds a piece of text.
func (t *Transcript) Add(p []byte) {
	t.size += int64(len(p))
	if t.Keep {
		t.text = append(t.text, p[:min(len(p), MaxText-len(t.text))]...)
	}
}

// Text returns the text without space around it, or nil if it is not kept. It is valid until more is
// added.
func (t *Transcript) Text() []byte {
	if !t.Keep {
		return nil
	}
	text := bytes.TrimSpace(t.text)
	if len(t.text) == MaxText {
		text = bytes.ToValidUTF8(text, nil)
	}
	if text == nil {
		text = []byte{}
	}
	return text
}

// A Segment is a part of a transcript.
type Segment struct {
	// Start and End are offsets in the audio, if HasOffsets is true.
	Start, End time.Duration
	HasOffsets bool
	// LogProb is the mean logarithm of the probability of the segment's tokens, or nil.
	LogProb *float64
}

// SetStart sets the start of the segment.
func (s *Segment) SetStart(d time.Duration) { s.Start, s.HasOffsets = d, true }

// EndSegment adds a segment to the transcript, and clears it for the next.
func (t *Transcript) EndSegment(s *Segment) {
	if s.HasOffsets {
		if !t.hasOffsets {
			t.first = s.Start
		}
		t.hasOffsets, t.last = true, max(t.last, s.End)
	}
	if s.LogProb != nil {
		weight := (s.End - s.Start).Seconds()
		if weight <= 0 {
			weight = minWeight
		}
		t.logProb += *s.LogProb * weight
		t.weight += weight
	}
	*s = Segment{}
}

// minWeight is the weight of a segment whose duration is unknown.
const minWeight = 0.01

// AddToken adds the logarithm of the probability of a token, if it is not nil.
func (t *Transcript) AddToken(logProb *float64) {
	if logProb != nil {
		t.logProb += *logProb
		t.weight++
	}
}

// Speech returns the offsets and the confidence: the geometric mean of the tokens' probabilities, in
// which segments count by their duration.
func (t *Transcript) Speech() (s wire.Speech) {
	if t.hasOffsets && t.last >= t.first {
		s.Start, s.End, s.HasOffsets = t.first, t.last, true
	}
	if t.weight > 0 {
		if p := math.Exp(t.logProb / t.weight); p >= 0 && p <= 1 {
			s.Confidence, s.HasConfidence = math.Round(p*1e4)/1e4, true
		}
	}
	return s
}

// maxSeconds is the greatest duration that is read: a month.
const maxSeconds = 31 * 24 * 3600

// Seconds returns a duration that a provider reports in seconds, to the microsecond. It is 0 if it is
// negative or longer than a month.
func Seconds(n float64) time.Duration {
	if n > 0 && n < maxSeconds {
		return time.Duration(math.Round(n*1e6)) * time.Microsecond
	}
	return 0
}
