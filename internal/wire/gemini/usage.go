// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gemini

import (
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// A usage is a usageMetadata as far as it was read. Its tokens are also given by modality, as a list
// of objects with a modality and a count.
type usage struct {
	counts llmreport.GeminiCounts

	// Of the current modality.
	isAudio bool
	tokens  int
	audio   *int // The count of audio to which the tokens belong, or nil if they are not known.
}

// read reads a value, and reports whether it is one of a usage.
func (u *usage) read(v *jsonscan.Value) bool {
	switch v.Field {
	case usageBegin:
		*u = usage{}
	case promptCount:
		u.counts.Prompt = count(v)
	case cachedCount:
		u.counts.Cached = count(v)
	case toolUseCount:
		u.counts.ToolUse = count(v)
	case candidatesCount:
		u.counts.Candidates = count(v)
	case thoughtsCount:
		u.counts.Thoughts = count(v)
	case totalCount:
		u.counts.Total = count(v)
	case modalityBegin:
		u.isAudio, u.audio = false, nil
	case modalityName:
		u.isAudio = isAudio(v)
		u.addAudio()
	case promptModalityCount:
		u.modalityCount(v, &u.counts.PromptAudio)
	case cachedModalityCount:
		u.modalityCount(v, &u.counts.CachedAudio)
	case toolUseModalityCount:
		u.modalityCount(v, &u.counts.ToolUseAudio)
	case candidatesModalityCount:
		u.modalityCount(v, &u.counts.CandidatesAudio)
	default:
		return false
	}
	return true
}

// modalityCount reads the count of a modality, whose name may follow.
func (u *usage) modalityCount(v *jsonscan.Value, audio *int) {
	u.tokens, u.audio = count(v), audio
	u.addAudio()
}

// addAudio adds the count of the current modality when its name and its count are known.
func (u *usage) addAudio() {
	switch {
	case !u.isAudio || u.audio == nil:
	case u.tokens < 0:
		*u.audio = u.tokens
	case *u.audio >= 0:
		*u.audio += u.tokens
	}
}
