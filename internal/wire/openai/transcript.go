// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// maxTranscript is how many bytes of a transcript are kept to be reported, if content is wanted.
const maxTranscript = 64 << 10

// A transcript is what is known of the text and its segments.
type transcript struct {
	isKept bool // The text is kept.
	text   []byte
	size   int64

	first, last time.Duration // The start of the first segment and the end of the last.
	hasOffsets  bool
	logprob     float64 // The sum of the segments' or the tokens' logarithms, by their weight.
	weight      float64
}

// reset drops the text, as a text that is whole follows.
func (t *transcript) reset() { t.text, t.size = t.text[:0], 0 }

func (t *transcript) add(p []byte) {
	t.size += int64(len(p))
	if t.isKept {
		t.text = append(t.text, p[:min(len(p), maxTranscript-len(t.text))]...)
	}
}

// bytes returns the text, or nil if it is not kept. It is valid until more is added.
func (t *transcript) bytes() []byte {
	if !t.isKept {
		return nil
	}
	text := bytes.TrimSpace(t.text)
	if len(t.text) == maxTranscript {
		text = bytes.ToValidUTF8(text, nil)
	}
	if text == nil {
		text = []byte{}
	}
	return text
}

// A segment is a part of a transcript.
type segment struct {
	start, end time.Duration
	hasOffsets bool
	logprob    *float64 // The mean logarithm of the probability of its tokens.
}

func (s *segment) setStart(v *jsonscan.Value) { s.start, s.hasOffsets = seconds(v), true }

func (s *segment) setEnd(v *jsonscan.Value) { s.end = seconds(v) }

// endSegment adds a segment, and begins another.
func (t *transcript) endSegment(s *segment) {
	if s.hasOffsets {
		if !t.hasOffsets {
			t.first = s.start
		}
		t.hasOffsets, t.last = true, max(t.last, s.end)
	}
	if s.logprob != nil {
		weight := (s.end - s.start).Seconds()
		if weight <= 0 {
			weight = 0.01
		}
		t.logprob += *s.logprob * weight
		t.weight += weight
	}
	*s = segment{}
}

// token adds the logarithm of the probability of a token.
func (t *transcript) token(logprob *float64) {
	if logprob != nil {
		t.logprob += *logprob
		t.weight++
	}
}

// speech returns the offsets and the confidence: the geometric mean of the tokens' probabilities, in
// which segments count by their duration.
func (t *transcript) speech() (s wire.Speech) {
	if t.hasOffsets && t.last >= t.first {
		s.Start, s.End, s.HasOffsets = t.first, t.last, true
	}
	if t.weight > 0 {
		if p := math.Exp(t.logprob / t.weight); p >= 0 && p <= 1 {
			s.Confidence, s.HasConfidence = math.Round(p*1e4)/1e4, true
		}
	}
	return s
}

// maxSeconds is the greatest duration that is read: a month.
const maxSeconds = 31 * 24 * 3600

// seconds reads a duration: a number or, of whisper-1, a text. It is 0 if it is none.
func seconds(v *jsonscan.Value) time.Duration {
	if v.Kind != jsonscan.Number && v.Kind != jsonscan.String {
		return 0
	}
	n, err := strconv.ParseFloat(string(v.Text), 64)
	if err != nil {
		return 0
	}
	return duration(n)
}

func duration(seconds float64) time.Duration {
	if seconds > 0 && seconds < maxSeconds {
		return time.Duration(math.Round(seconds*1e6)) * time.Microsecond
	}
	return 0
}

// used reports a usage: by tokens, by the duration of audio, or by both, as of Mistral.
func (t *transcription) used(v *jsonscan.Value) {
	var usage struct {
		Seconds float64 `json:"seconds"`
		Prompt  float64 `json:"prompt_audio_seconds"`
	}
	if v.Kind == jsonscan.Object && !v.Cut && json.Unmarshal(v.Text, &usage) == nil {
		if t.billed = duration(max(usage.Seconds, usage.Prompt)); t.billed > 0 {
			t.Send(wire.Event{Kind: wire.Billed, Audio: t.billed})
		}
	}
	t.usage.read(&t.Base, v)
}
