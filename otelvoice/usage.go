// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/metric/instrument"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/spend"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/semconv"
)

// Usage holds the tokens that a request used. Fields that are 0 are unknown and left out.
// Cached, reasoning and audio tokens are included in the totals.
//
// Providers count differently: Anthropic's input tokens exclude cached ones, Gemini's
// output tokens exclude thoughts. [UsageOpenAI], [UsageAnthropic] and [UsageGemini] read
// a provider's report.
type Usage struct {
	InputTokens               int // All of the prompt, cached ones included.
	OutputTokens              int // All of the answer, reasoning included.
	CacheReadInputTokens      int
	CacheWriteInputTokens     int
	ReasoningOutputTokens     int
	AudioInputTokens          int
	AudioOutputTokens         int
	AudioCacheReadInputTokens int

	malformed bool // The provider's report could not be decoded.
}

// UsageOpenAI returns the usage that OpenAI or a compatible provider reports for chat
// completions, responses, transcriptions or realtime. Its totals include cached,
// reasoning and audio tokens.
//
// The report is the SDK's value or the provider's JSON, as a string, []byte or
// [encoding/json.RawMessage]: the usage itself, or the response, chunk or event that
// holds it. A report without usage gives the zero Usage. With openai-go, for example:
//
//	llm.SetUsage(otelvoice.UsageOpenAI(completion.Usage))
func UsageOpenAI(report any) Usage { return newUsage(llmreport.OpenAI(report)) }

// UsageAnthropic returns the usage that Anthropic reports for messages, whose input
// tokens exclude the tokens that were read from or written to the cache. The report is
// as for [UsageOpenAI]. In a stream, message_start and message_delta hold one usage each;
// pass both to [LLM.SetUsage]. UsageAnthropic also reads the reports of Bedrock's Converse API,
// for any model.
//
// The tokens are those of the model that answers, with what it used to compact the context. The
// iterations of an advisor, and of a model that declined before, are left out.
func UsageAnthropic(report any) Usage { return newUsage(llmreport.Anthropic(report)) }

// UsageGemini returns the usage that Gemini reports as usageMetadata for generated
// content and live sessions. Its candidates' tokens exclude thoughts, and its prompt
// tokens exclude the results of tools. The report is as for [UsageOpenAI].
func UsageGemini(report any) Usage { return newUsage(llmreport.Gemini(report)) }

// newUsage returns the usage that was read from a report. ok is whether it could be decoded.
func newUsage(u llmreport.Usage, ok bool) Usage {
	return Usage{
		InputTokens: u.InputTokens, OutputTokens: u.OutputTokens,
		CacheReadInputTokens: u.CacheReadInputTokens, CacheWriteInputTokens: u.CacheWriteInputTokens,
		ReasoningOutputTokens: u.ReasoningOutputTokens,
		AudioInputTokens:      u.AudioInputTokens, AudioOutputTokens: u.AudioOutputTokens,
		AudioCacheReadInputTokens: u.AudioCacheReadInputTokens,
		malformed:                 !ok,
	}
}

func (u Usage) counts() llmreport.Usage {
	return llmreport.Usage{
		InputTokens: u.InputTokens, OutputTokens: u.OutputTokens,
		CacheReadInputTokens: u.CacheReadInputTokens, CacheWriteInputTokens: u.CacheWriteInputTokens,
		ReasoningOutputTokens: u.ReasoningOutputTokens,
		AudioInputTokens:      u.AudioInputTokens, AudioOutputTokens: u.AudioOutputTokens,
		AudioCacheReadInputTokens: u.AudioCacheReadInputTokens,
	}
}

// SetUsage sets the tokens that the request used. Counts that are unknown in usage keep the value
// of an earlier call. SetUsage may be called for each chunk with the counts so far. Impossible
// counts, such as more cached tokens than input tokens, are left out and counted in
// voice.measurements.dropped. The cost of such a request is unknown.
//
// Realtime and chat providers send the usage of an interrupted answer after the end of the stage.
// SetUsage accepts it for a minute after the end, even if the turn and the session have ended.
// Such usage is recorded in the metrics and in a log line "llm usage" with the call's ids, but not
// on the span, which has been exported. The line and the metrics have only the tokens that were
// not recorded before, so that no token is counted twice.
func (l *LLM) SetUsage(usage Usage) {
	if l != nil {
		l.stage.setUsage(&l.usage, usage)
	}
}

// setUsage merges the tokens of a report into those of the stage, which the stage's lock guards.
func (s *stage) setUsage(to *llmreport.Usage, usage Usage) {
	if usage.malformed {
		s.dropUsage(semconv.GenAIUsageInputTokensKey, semconv.VoiceDropReasonMalformed)
	}
	counts := usage.counts()
	if counts == (llmreport.Usage{}) {
		return
	}
	counts = counts.Plausible(s.dropUsage)
	if !s.Set(func() { *to = to.Merged(counts) }) {
		s.lateUsage(to, counts)
	}
}

// dropUsage records a token count that is left out.
func (s *stage) dropUsage(key attribute.Key, reason string) {
	s.turn.session.tel.emit.Dropped(s.Uncancelled, key, reason)
}

// consistent returns the tokens of a stage that ends, without parts that exceed their total. Their cost is unknown
// then. The lock of Set is held.
func (s *stage) consistent(usage llmreport.Usage) llmreport.Usage {
	s.reported = usage
	return usage.Consistent(s.dropUsage)
}

// tokens returns the tokens to charge for. A cost that is computed without what was left out would be wrong, so
// that package pricing gets a count that it refuses, if the model is charged by token. The lock of Set is held.
func (s *stage) tokens(usage llmreport.Usage) pricing.Tokens {
	if s.isContradictory || s.reported.IsContradictory() {
		return pricing.Tokens{InputTokens: -1}
	}
	return pricing.Tokens(usage)
}

// lateUsage records usage that is set after the end of the stage.
func (s *stage) lateUsage(to *llmreport.Usage, usage llmreport.Usage) {
	var more, all llmreport.Usage
	var moreCost, cost spend.Charge
	if !s.RecordLate(func(meter *instrument.StageMeter) {
		s.reported = s.reported.Merged(usage)
		all = to.Merged(usage).Max(*to).Consistent(s.dropUsage)
		more = all.Beyond(*to)
		*to = all
		meter.Tokens(s.Uncancelled, instrument.Tokens(more))
		cost, moreCost = s.recharge()
	}) {
		usage.Keys(func(key attribute.Key) { s.dropUsage(key, semconv.VoiceDropReasonLate) })
		return
	}
	if more != (llmreport.Usage{}) || moreCost.State == spend.Known {
		s.logLate("usage", moreCost.Attributes(more.Attributes(nil)), cost.Attributes(all.Attributes(nil)))
	}
}
