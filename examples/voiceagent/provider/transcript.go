// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package provider

import (
	"math"
	"strings"
)

// transcript is the answer in json.
type transcript struct {
	Text     string          `json:"text"`
	Logprobs []logprob       `json:"logprobs,omitempty"`
	Usage    transcriptUsage `json:"usage"`
}

type logprob struct {
	Token   string  `json:"token"`
	Logprob float64 `json:"logprob"`
	Bytes   []int   `json:"bytes"`
}

// transcriptUsage has a duration or tokens, never both.
type transcriptUsage struct {
	Type    string `json:"type"`
	Seconds int    `json:"seconds,omitempty"`

	InputTokens       int           `json:"input_tokens,omitempty"`
	InputTokenDetails *audioDetails `json:"input_token_details,omitempty"`
	OutputTokens      int           `json:"output_tokens,omitempty"`
	TotalTokens       int           `json:"total_tokens,omitempty"`
}

type audioDetails struct {
	TextTokens  int `json:"text_tokens"`
	AudioTokens int `json:"audio_tokens"`
}

func plainTranscript(req transcriptionRequest, d dice) transcript {
	words := splitWords(req.said.Text)
	t := transcript{Text: req.said.Text, Usage: durationUsage(req)}
	if req.timed() {
		return t
	}
	if req.logprobs {
		for _, word := range words {
			t.Logprobs = append(t.Logprobs, newLogprob(word, d.confidence()))
		}
	}
	heard := int(math.Ceil(req.audio.duration().Seconds() * 10)) // ten tokens a second
	t.Usage = transcriptUsage{
		Type: "tokens", InputTokens: heard, InputTokenDetails: &audioDetails{AudioTokens: heard},
		OutputTokens: len(words), TotalTokens: heard + len(words),
	}
	return t
}

func durationUsage(req transcriptionRequest) transcriptUsage {
	return transcriptUsage{Type: "duration", Seconds: int(math.Ceil(req.audio.duration().Seconds()))}
}

func newLogprob(token string, confidence float64) logprob {
	bytes := make([]int, len(token))
	for i := range len(token) {
		bytes[i] = int(token[i])
	}
	return logprob{Token: token, Logprob: math.Log(confidence), Bytes: bytes}
}

// confidence returns a confidence from 0.85 to 1.
func (d dice) confidence() float64 { return 0.85 + 0.15*d.rng.Float64() }

// verbose is the answer in verbose_json.
type verbose struct {
	Task     string          `json:"task"`
	Language string          `json:"language"`
	Duration float64         `json:"duration"` // seconds
	Text     string          `json:"text"`
	Segments []segment       `json:"segments"`
	Usage    transcriptUsage `json:"usage"`
}

type segment struct {
	ID               int     `json:"id"`
	Seek             int     `json:"seek"`
	Start            float64 `json:"start"` // seconds
	End              float64 `json:"end"`   // seconds
	Text             string  `json:"text"`
	Tokens           []int   `json:"tokens"`
	Temperature      float64 `json:"temperature"`
	AvgLogprob       float64 `json:"avg_logprob"`
	CompressionRatio float64 `json:"compression_ratio"`
	NoSpeechProb     float64 `json:"no_speech_prob"`
}

func verboseTranscript(req transcriptionRequest, d dice) verbose {
	seconds := req.audio.duration().Seconds()
	v := verbose{
		Task: "transcribe", Language: languageName(req.said.Language), Duration: seconds,
		Text: req.said.Text, Segments: []segment{}, Usage: durationUsage(req),
	}
	if req.said.Text == "" {
		return v
	}
	tokens := make([]int, len(splitWords(req.said.Text)))
	for i := range tokens {
		tokens[i] = 50364 + d.rng.IntN(1000)
	}
	v.Segments = append(v.Segments, segment{
		End: seconds, Text: " " + req.said.Text, Tokens: tokens, AvgLogprob: math.Log(d.confidence()),
		CompressionRatio: 1, NoSpeechProb: 0.05 * d.rng.Float64(),
	})
	return v
}

// languageName returns the word that verbose_json uses for a language tag.
func languageName(tag string) string {
	switch base, _, _ := strings.Cut(tag, "-"); base {
	case "", "en":
		return "english"
	case "de":
		return "german"
	case "es":
		return "spanish"
	case "fr":
		return "french"
	default:
		return base
	}
}

// splitWords splits a text into words. Each word except for the first has the space before it,
// so that the concatenated words are the text.
func splitWords(text string) []string {
	var words []string
	for start := 0; start < len(text); {
		end := len(text)
		if i := strings.IndexByte(text[start+1:], ' '); i >= 0 {
			end = start + 1 + i
		}
		words = append(words, text[start:end])
		start = end
	}
	return words
}
