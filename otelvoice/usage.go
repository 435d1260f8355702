// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/semconv"
)

// Usage is the tokens that a request used. Fields that are 0 are unknown and left out.
// The cached, reasoning and audio tokens are parts of the totals, not additions.
//
// Providers disagree on that: the input tokens of Anthropic leave cached ones out, the
// output tokens of Gemini leave thoughts out. [UsageOpenAI], [UsageAnthropic] and
// [UsageGemini] read what a provider reports.
type Usage struct {
	InputTokens               int // All of the prompt, cached ones included.
	OutputTokens              int // All of the answer, reasoning included.
	CacheReadInputTokens      int
	CacheWriteInputTokens     int
	ReasoningOutputTokens     int
	AudioInputTokens          int
	AudioOutputTokens         int
	AudioCacheReadInputTokens int

	malformed bool // What the provider reported could not be read.
}

// maxTokens is the greatest count that is believed.
const maxTokens = 1 << 30

// usageCount is one of the counts of a usage.
type usageCount struct {
	n         *int
	key       attribute.Key
	attribute func(int) attribute.KeyValue
}

// counts returns the counts, totals first and each part behind what it is a part of.
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

// merged returns the usage with what a newer report knows in place of what was known.
// Providers report in parts: Anthropic the input at the start and the output at the end.
//
// A newer report may have a total that is less than the parts that were known, and no parts.
// Then it counts without them, and the total that was known stands.
func (u Usage) merged(newer Usage) Usage {
	if cached := u.CacheReadInputTokens + u.CacheWriteInputTokens; newer.InputTokens < min(cached, u.InputTokens) &&
		newer.CacheReadInputTokens == 0 && newer.CacheWriteInputTokens == 0 {
		newer.InputTokens = 0
	}
	if newer.OutputTokens < min(u.ReasoningOutputTokens, u.OutputTokens) && newer.ReasoningOutputTokens == 0 {
		newer.OutputTokens = 0
	}
	was, is := u.counts(), newer.counts()
	for i := range was {
		if *is[i].n != 0 {
			*was[i].n = *is[i].n
		}
	}
	return u
}

// plausible returns the usage without counts that are negative or absurd. It calls dropped for
// each of them.
func (u Usage) plausible(dropped func(key attribute.Key, reason string)) Usage {
	for _, c := range u.counts() {
		reason := semconv.VoiceDropReasonNegative
		switch {
		case *c.n > maxTokens:
			reason = semconv.VoiceDropReasonOutOfRange
		case *c.n >= 0:
			continue
		}
		dropped(attribute.Key(strings.Clone(string(c.key))), reason) // The key itself would take u to the heap.
		*c.n = 0
	}
	return u
}

// consistent returns the usage without parts that are greater than their total or have none. It
// calls dropped for each of them.
func (u Usage) consistent(dropped func(key attribute.Key, reason string)) Usage {
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

// beyond returns by how much each count exceeds that of another usage.
func (u Usage) beyond(other Usage) Usage {
	more, less := u.counts(), other.counts()
	for i := range more {
		*more[i].n = max(*more[i].n-*less[i].n, 0)
	}
	return u
}

// atLeast returns the greater of the counts of two usages.
func (u Usage) atLeast(other Usage) Usage {
	more, less := u.counts(), other.counts()
	for i := range more {
		*more[i].n = max(*more[i].n, *less[i].n)
	}
	return u
}

func (u Usage) attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	for _, c := range u.counts() {
		if *c.n > 0 {
			attrs = append(attrs, c.attribute(*c.n))
		}
	}
	return attrs
}

func (u Usage) tokens() instrument.Tokens {
	return instrument.Tokens{
		Input: int64(u.InputTokens), AudioInput: int64(u.AudioInputTokens),
		Output: int64(u.OutputTokens), AudioOutput: int64(u.AudioOutputTokens),
		CacheRead: int64(u.CacheReadInputTokens), AudioCacheRead: int64(u.AudioCacheReadInputTokens), CacheWrite: int64(u.CacheWriteInputTokens),
		Reasoning: int64(u.ReasoningOutputTokens),
	}
}

// SetUsage sets the tokens used, as far as usage knows them: what it does not know
// stays what an earlier call set. It may be called for each chunk with the counts so
// far. Counts that cannot be, such as more cached tokens than there are in all, are
// left out and counted in voice.measurements.dropped.
//
// Usage that comes after the end of the stage, as realtime and chat providers send it
// for an answer that a barge-in cut short, is accepted for a minute, after the turn and
// the session have ended, too. It is then in the metrics and in a line "llm usage" with
// the call's ids, but not on the span, which was sent. Line and metrics have what the
// stage had not recorded yet, so that nothing is counted twice.
func (l *LLM) SetUsage(usage Usage) {
	if l == nil {
		return
	}
	if usage.malformed {
		l.stage.turn.session.tel.dropped(l.stage.record, semconv.GenAIUsageInputTokensKey, semconv.VoiceDropReasonMalformed)
	}
	if usage == (Usage{malformed: usage.malformed}) {
		return
	}
	usage = usage.plausible(l.dropUsage)
	if !l.stage.set(func() { l.usage = l.usage.merged(usage) }) {
		l.lateUsage(usage)
	}
}

// dropUsage counts a count that is left out.
func (l *LLM) dropUsage(key attribute.Key, reason string) {
	l.stage.turn.session.tel.dropped(l.stage.record, key, reason)
}

// lateUsage records usage that comes after the end of the stage.
func (l *LLM) lateUsage(usage Usage) {
	var more, all Usage
	if !l.stage.afterwards(func(meter *instrument.StageMeter) {
		all = l.usage.merged(usage).atLeast(l.usage).consistent(l.dropUsage)
		more = all.beyond(l.usage)
		l.usage = all
		meter.Tokens(l.stage.record, more.tokens())
	}) {
		for _, c := range usage.counts() {
			if *c.n != 0 {
				l.dropUsage(c.key, semconv.VoiceDropReasonLate)
			}
		}
		return
	}
	if more != (Usage{}) {
		l.stage.tellLate("usage", more.attributes(nil), all.attributes(nil))
	}
}
