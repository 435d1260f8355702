// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"math"
	"strconv"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// The fields of a usage. They are above those of all decoders and of errors.
const (
	useInput = 2000 + iota
	useOutput
	useTotal
	useCached
	useCacheWrite
	useReasoning
	useInputAudio
	useOutputAudio
	useInputAudioRead
	useSeconds
)

// usageFields returns the fields of usages at the given paths.
func usageFields(paths ...string) (fields []jsonscan.Field) {
	for _, path := range paths {
		add := func(id int, keys ...string) {
			for _, key := range keys {
				fields = append(fields, jsonscan.Field{Path: path + "." + key, ID: id})
			}
		}
		add(useInput, "prompt_tokens", "input_tokens")
		add(useOutput, "completion_tokens", "output_tokens")
		add(useTotal, "total_tokens")
		add(useCached, "prompt_cache_hit_tokens", "cached_tokens") // Of DeepSeek, of Moonshot.
		add(useSeconds, "seconds", "prompt_audio_seconds")         // Of whisper-1, of Mistral.
		for _, in := range []string{"prompt_tokens_details.", "input_tokens_details.", "input_token_details."} {
			add(useCached, in+"cached_tokens")
			add(useCacheWrite, in+"cache_write_tokens")
			add(useInputAudio, in+"audio_tokens")
			add(useInputAudioRead, in+"cached_tokens_details.audio_tokens")
		}
		for _, out := range []string{"completion_tokens_details.", "output_tokens_details.", "output_token_details."} {
			add(useReasoning, out+"reasoning_tokens")
			add(useOutputAudio, out+"audio_tokens")
		}
	}
	return fields
}

// A usageReader reads the usage of a document. xAI, Perplexity and vLLM repeat it in each chunk; one
// that does not change is reported once. A usage is not read as raw JSON, because decoding that
// allocates.
type usageReader struct {
	counts  llmreport.OpenAICounts
	seconds float64 // Of audio.
	has     bool
	last    llmreport.Usage
}

// read reads a value of a usage. It reports whether the value is one.
func (u *usageReader) read(v *jsonscan.Value) bool {
	if v.Field < useInput {
		return false
	}
	if v.Field == useSeconds {
		if n, err := strconv.ParseFloat(string(v.Text), 64); err == nil && v.Kind == jsonscan.Number {
			u.seconds = n
		}
		return true
	}
	n := count(v)
	u.has = u.has || n != 0
	if to := u.of(v.Field); *to == 0 { // A usage may have a count in two places.
		*to = n
	}
	return true
}

func (u *usageReader) of(field int) *int {
	switch c := &u.counts; field {
	case useInput:
		return &c.Input
	case useOutput:
		return &c.Output
	case useTotal:
		return &c.Total
	case useCached:
		return &c.Cached
	case useCacheWrite:
		return &c.CacheWrite
	case useReasoning:
		return &c.Reasoning
	case useInputAudio:
		return &c.InputAudio
	case useOutputAudio:
		return &c.OutputAudio
	default:
		return &c.InputAudioRead
	}
}

// maxCount is the greatest count that is read. Package llmreport drops counts above the half of it.
const maxCount = 1 << 31

// count returns a count: a whole number, or 0 for null. Any other value is -1, which is counted as
// dropped when it is recorded.
func count(v *jsonscan.Value) int {
	if v.Kind == jsonscan.Null {
		return 0
	}
	n, err := strconv.ParseFloat(string(v.Text), 64)
	if err != nil || v.Kind != jsonscan.Number || n < 0 || n != math.Trunc(n) {
		return -1
	}
	return int(min(n, maxCount))
}

// end reports the usage of the document that has ended.
func (u *usageReader) end(b *wire.Base) {
	if !u.has {
		return
	}
	usage := u.counts.Usage()
	u.counts, u.has = llmreport.OpenAICounts{}, false
	if usage != u.last {
		u.last = usage
		b.Send(wire.Event{Kind: wire.Used, Usage: usage})
	}
}
