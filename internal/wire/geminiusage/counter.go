// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package geminiusage reads usageMetadata, the tokens that Google's language models report: those of
// generateContent (https://ai.google.dev/api/generate-content) and those of the Live API
// (https://ai.google.dev/api/live), which names the answer's tokens otherwise.
package geminiusage

import (
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/internal/wire/protojson"
)

// The fields of a usage, from the first ID on.
const (
	begin = iota
	prompt
	cached
	toolUse
	candidates
	thoughts
	total
	modalityBegin
	modalityName
	promptModality
	cachedModality
	toolUseModality
	candidatesModality
	responseModality
)

const of = "usageMetadata"

// Fields returns the fields of a usage, whose IDs begin with first.
func Fields(first int) []jsonscan.Field {
	fields := []jsonscan.Field{
		{Path: of, ID: first + begin, Mode: jsonscan.Begin},
		{Path: of + ".promptTokenCount", ID: first + prompt},
		{Path: of + ".cachedContentTokenCount", ID: first + cached},
		{Path: of + ".toolUsePromptTokenCount", ID: first + toolUse},
		{Path: of + ".candidatesTokenCount", ID: first + candidates},
		{Path: of + ".responseTokenCount", ID: first + candidates}, // Of the Live API.
		{Path: of + ".thoughtsTokenCount", ID: first + thoughts},
		{Path: of + ".totalTokenCount", ID: first + total},
	}
	for _, list := range []struct {
		name string
		id   int
	}{
		{"promptTokensDetails", promptModality},
		{"cacheTokensDetails", cachedModality},
		{"toolUsePromptTokensDetails", toolUseModality},
		{"candidatesTokensDetails", candidatesModality},
		{"responseTokensDetails", responseModality}, // Of the Live API.
	} {
		element := of + "." + list.name + ".*"
		fields = append(fields,
			jsonscan.Field{Path: element, ID: first + modalityBegin, Mode: jsonscan.Begin},
			jsonscan.Field{Path: element + ".modality", ID: first + modalityName},
			jsonscan.Field{Path: element + ".tokenCount", ID: first + list.id})
	}
	return protojson.Fields(fields...)
}

// A Counter reads a usage. Its tokens are also given by modality, as a list of objects with a modality
// and a count. The zero Counter is ready for use.
type Counter struct {
	counts        llmreport.GeminiCounts
	responseAudio int

	// Of the current modality.
	isAudio bool
	tokens  int
	audio   *int // The count of audio to which the tokens belong, or nil if they are not known.
}

// Counts returns the counts of the usage that was read last.
func (c *Counter) Counts() llmreport.GeminiCounts {
	counts := c.counts
	if counts.CandidatesAudio == 0 {
		counts.CandidatesAudio = c.responseAudio
	}
	return counts
}

// Read reads a value, and reports whether it is one of a usage. first is that of [Fields].
func (c *Counter) Read(v *jsonscan.Value, first int) bool {
	switch v.Field - first {
	case begin:
		*c = Counter{}
	case prompt:
		c.counts.Prompt = count(v)
	case cached:
		c.counts.Cached = count(v)
	case toolUse:
		c.counts.ToolUse = count(v)
	case candidates:
		c.counts.Candidates = count(v)
	case thoughts:
		c.counts.Thoughts = count(v)
	case total:
		c.counts.Total = count(v)
	case modalityBegin:
		c.isAudio, c.audio = false, nil
	case modalityName:
		c.isAudio = isAudio(v)
		c.addAudio()
	case promptModality:
		c.modality(v, &c.counts.PromptAudio)
	case cachedModality:
		c.modality(v, &c.counts.CachedAudio)
	case toolUseModality:
		c.modality(v, &c.counts.ToolUseAudio)
	case candidatesModality:
		c.modality(v, &c.counts.CandidatesAudio)
	case responseModality:
		c.modality(v, &c.responseAudio)
	default:
		return false
	}
	return true
}

// modality reads the count of a modality, whose name may follow.
func (c *Counter) modality(v *jsonscan.Value, audio *int) {
	c.tokens, c.audio = count(v), audio
	c.addAudio()
}

// addAudio adds the count of the current modality when its name and its count are known.
func (c *Counter) addAudio() {
	switch {
	case !c.isAudio || c.audio == nil:
	case c.tokens < 0:
		*c.audio = c.tokens
	case *c.audio >= 0:
		*c.audio += c.tokens
	}
}

// count returns the value of a count of tokens, or -1 if it is none. Most counts are a few digits,
// for which it does not allocate.
func count(v *jsonscan.Value) int {
	if v.Kind == jsonscan.Null {
		return 0
	}
	if v.Kind != jsonscan.Number {
		return -1
	}
	if n, err := strconv.Atoi(string(v.Text)); err == nil {
		return max(n, -1)
	}
	if n := v.Int(); n != nil {
		return max(*n, -1)
	}
	return -1
}

func isAudio(v *jsonscan.Value) bool { return strings.EqualFold(string(v.Text), "AUDIO") }
