// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package llmreport reads the responses and stream chunks of LLM providers: the tokens that a
// request used, and whether a chunk holds a token of the answer.
package llmreport

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// Usage is the tokens that a request used. A count of 0 is unknown, and a negative one was impossible. Package
// otelvoice documents the counts.
type Usage struct {
	InputTokens               int
	OutputTokens              int
	CacheReadInputTokens      int
	CacheWriteInputTokens     int
	ReasoningOutputTokens     int
	AudioInputTokens          int
	AudioOutputTokens         int
	AudioCacheReadInputTokens int
}

// maxTokens is the greatest count that is recorded.
const maxTokens = 1 << 30

// usageCount is one of the counts of a usage.
type usageCount struct {
	n         *int
	key       attribute.Key
	attribute func(int) attribute.KeyValue
}

// counts returns the counts: totals first, each part after its total.
func (u *Usage) counts() [8]usageCount {
	return [...]usageCount{
		{&u.InputTokens, semconv.GenAIUsageInputTokensKey, semconv.GenAIUsageInputTokens},
		{&u.OutputTokens, semconv.GenAIUsageOutputTokensKey, semconv.GenAIUsageOutputTokens},
		{&u.CacheReadInputTokens, semconv.GenAIUsageCacheReadInputTokensKey, semconv.GenAIUsageCacheReadInputTokens},
		{&u.CacheWriteInputTokens, semconv.GenAIUsageCacheWriteInputTokensKey, semconv.GenAIUsageCacheWriteInputTokens},
		{&u.ReasoningOutputTokens, semconv.GenAIUsageReasoningOutputTokensKey, semconv.GenAIUsageReasoningOutputTokens},
		{&u.AudioInputTokens, semconv.GenAIUsageAudioInputTokensKey, semconv.GenAIUsageAudioInputTokens},
		{&u.AudioOutputTokens, semconv.GenAIUsageAudioOutputTokensKey, semconv.GenAIUsageAudioOutputTokens},
		{&u.AudioCacheReadInputTokens, semconv.GenAIUsageAudioCacheReadInputTokensKey, semconv.GenAIUsageAudioCacheReadInputTokens},
	}
}

// Merged returns the usage updated with the counts of a newer report.
// Providers report in parts: Anthropic the input at the start and the output at the end.
//
// A newer report may have no parts and a total below the known parts. Such a total excludes
// the parts, and Merged keeps the known total.
func (u Usage) Merged(newer Usage) Usage {
	if cached := max(u.CacheReadInputTokens, 0) + max(u.CacheWriteInputTokens, 0); newer.InputTokens > 0 &&
		newer.InputTokens < min(cached, u.InputTokens) && newer.CacheReadInputTokens == 0 && newer.CacheWriteInputTokens == 0 {
		newer.InputTokens = 0
	}
	if newer.OutputTokens > 0 && newer.OutputTokens < min(u.ReasoningOutputTokens, u.OutputTokens) && newer.ReasoningOutputTokens == 0 {
		newer.OutputTokens = 0
	}
	was, is := u.counts(), newer.counts()
	for i := range was {
		if *is[i].n > 0 || *was[i].n == 0 { // A count that is known stays, if the newer one is impossible.
			*was[i].n = *is[i].n
		}
	}
	return u
}

// impossible takes the place of a count that is left out, until a newer report has a possible one.
const impossible = -1

// Plausible returns the usage without counts that are negative or above maxTokens: they are impossible. It
// calls dropped for each of them.
func (u Usage) Plausible(dropped func(key attribute.Key, reason string)) Usage {
	for _, c := range u.counts() {
		reason := semconv.VoiceDropReasonNegative
		switch {
		case *c.n > maxTokens:
			reason = semconv.VoiceDropReasonOutOfRange
		case *c.n >= 0:
			continue
		}
		dropped(attribute.Key(strings.Clone(string(c.key))), reason) // A reference to the key would move u to the heap.
		*c.n = impossible
	}
	return u
}

// Consistent returns the usage without impossible counts and without parts that exceed their total. It calls
// dropped for each of the latter.
func (u Usage) Consistent(dropped func(key attribute.Key, reason string)) Usage {
	for _, c := range u.counts() {
		*c.n = max(*c.n, 0)
	}
	fit := func(part *int, key attribute.Key, total int) {
		if *part > total {
			dropped(key, semconv.VoiceDropReasonOutOfRange)
			*part = 0
		}
	}
	fit(&u.CacheReadInputTokens, semconv.GenAIUsageCacheReadInputTokensKey, u.InputTokens)
	fit(&u.CacheWriteInputTokens, semconv.GenAIUsageCacheWriteInputTokensKey, u.InputTokens-u.CacheReadInputTokens)
	fit(&u.AudioInputTokens, semconv.GenAIUsageAudioInputTokensKey, u.InputTokens)
	fit(&u.AudioCacheReadInputTokens, semconv.GenAIUsageAudioCacheReadInputTokensKey, min(u.CacheReadInputTokens, u.AudioInputTokens))
	fit(&u.ReasoningOutputTokens, semconv.GenAIUsageReasoningOutputTokensKey, u.OutputTokens)
	fit(&u.AudioOutputTokens, semconv.GenAIUsageAudioOutputTokensKey, u.OutputTokens-u.ReasoningOutputTokens)
	return u
}

// IsContradictory reports whether counts are impossible or parts exceed their total, so that it is not known
// what the request used.
func (u Usage) IsContradictory() bool {
	return u.Consistent(func(attribute.Key, string) {}) != u
}

// Beyond returns by how much each count exceeds that of another usage.
func (u Usage) Beyond(other Usage) Usage {
	more, less := u.counts(), other.counts()
	for i := range more {
		*more[i].n = max(*more[i].n-*less[i].n, 0)
	}
	return u
}

// Plus returns the sum of each of the counts of two usages. That of an impossible count is impossible.
func (u Usage) Plus(other Usage) Usage {
	sum, more := u.counts(), other.counts()
	for i := range sum {
		if min(*sum[i].n, *more[i].n) < 0 {
			*sum[i].n = impossible
		} else {
			*sum[i].n += *more[i].n
		}
	}
	return u
}

// Max returns the greater of each of the counts of two usages.
func (u Usage) Max(other Usage) Usage {
	more, less := u.counts(), other.counts()
	for i := range more {
		*more[i].n = max(*more[i].n, *less[i].n)
	}
	return u
}

// Attributes appends the counts that are known.
func (u Usage) Attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	for _, c := range u.counts() {
		if *c.n > 0 {
			attrs = append(attrs, c.attribute(*c.n))
		}
	}
	return attrs
}

// Keys calls yield with the key of each count that is known.
func (u Usage) Keys(yield func(key attribute.Key)) {
	for _, c := range u.counts() {
		if *c.n > 0 {
			yield(c.key)
		}
	}
}
