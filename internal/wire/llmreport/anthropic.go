// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package llmreport

// Anthropic reads the usage in a report of Anthropic. It reports whether the report could be read.
//
// The usage is that of the model that answers. The compactions of the context, which only the
// iterations of a report hold, are a part of it. The iterations of other models are not: those of an
// advisor, and those of a model that declined before another one answered.
func Anthropic(report any) (u Usage, ok bool) { return readUsage(report, usageAnthropic) }

// anthropicCounts are the counts of a usage and of each of its iterations.
type anthropicCounts struct {
	InputTokens   tokens `json:"input_tokens"`
	OutputTokens  tokens `json:"output_tokens"`
	CacheRead     tokens `json:"cache_read_input_tokens"`
	CacheCreation tokens `json:"cache_creation_input_tokens"`
	Lifetimes     struct {
		Minutes tokens `json:"ephemeral_5m_input_tokens"`
		Hour    tokens `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
}

// usage returns the usage with these counts, of which the input tokens exclude those of caches.
func (c anthropicCounts) usage() Usage {
	written := tokens(first(c.CacheCreation, sum(c.Lifetimes.Minutes, c.Lifetimes.Hour)))
	return Usage{
		InputTokens:           int(sum(c.InputTokens, c.CacheRead, written)),
		OutputTokens:          int(c.OutputTokens),
		CacheReadInputTokens:  int(c.CacheRead),
		CacheWriteInputTokens: int(written),
	}
}

func usageAnthropic(data []byte) Usage {
	var r struct {
		anthropicCounts

		OutputDetails struct {
			Thinking tokens `json:"thinking_tokens"`
		} `json:"output_tokens_details"`
		Iterations []struct {
			anthropicCounts

			Type string `json:"type"`
		} `json:"iterations"`

		// Of Bedrock's Converse.
		Input  tokens `json:"inputTokens"`
		Output tokens `json:"outputTokens"`
		Read   tokens `json:"cacheReadInputTokens"`
		Write  tokens `json:"cacheWriteInputTokens"`
	}
	unmarshal(data, &r)
	r.InputTokens, r.OutputTokens = tokens(first(r.InputTokens, r.Input)), tokens(first(r.OutputTokens, r.Output))
	r.CacheRead, r.CacheCreation = tokens(first(r.CacheRead, r.Read)), tokens(first(r.CacheCreation, r.Write))
	u := r.usage()
	u.ReasoningOutputTokens = int(r.OutputDetails.Thinking)

	var answers, compactions Usage
	for _, i := range r.Iterations {
		switch i.Type {
		case "message", "fallback_message":
			answers = answers.added(i.usage())
		case "compaction":
			compactions = compactions.added(i.usage())
		}
	}
	if compactions == (Usage{}) {
		return u
	}
	// The end of a stream may leave out what its start said. The compactions must not replace that.
	if u.InputTokens == 0 {
		u.InputTokens, u.CacheReadInputTokens, u.CacheWriteInputTokens = answers.InputTokens, answers.CacheReadInputTokens, answers.CacheWriteInputTokens
	}
	if u.OutputTokens == 0 {
		u.OutputTokens = answers.OutputTokens
	}
	return u.added(compactions)
}

// added returns the sum of two usages, as Plus does. A sum with an invalid count is invalid.
func (u Usage) added(other Usage) Usage {
	counts, more := u.counts(), other.counts()
	for i := range counts {
		*counts[i].n = int(sum(tokens(*counts[i].n), tokens(*more[i].n)))
	}
	return u
}
