// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
)

// UsageOpenAI returns the usage that OpenAI reports, or a provider that speaks its
// language, in any of its shapes: chat completions, responses, transcriptions and
// realtime. Cached, reasoning and audio tokens are inside its totals.
//
// The report is the SDK's value or the provider's JSON, as a string, []byte or
// [encoding/json.RawMessage]: the usage itself, or the response, chunk or event that
// holds it. What holds none gives the zero Usage. With openai-go, for example:
//
//	llm.SetUsage(otelvoice.UsageOpenAI(completion.Usage))
func UsageOpenAI(report any) Usage { return readUsage(report, usageOpenAI) }

func usageOpenAI(data []byte) Usage {
	var r openAIUsage
	unmarshal(data, &r)
	in, out := r.in(), r.out()
	u := Usage{
		InputTokens:               first(r.PromptTokens, r.InputTokens),
		OutputTokens:              first(r.CompletionTokens, r.OutputTokens),
		CacheReadInputTokens:      first(in.Cached, r.PromptCacheHit, r.Cached),
		CacheWriteInputTokens:     int(in.CacheWrite),
		ReasoningOutputTokens:     int(out.Reasoning),
		AudioInputTokens:          int(in.Audio),
		AudioOutputTokens:         int(out.Audio),
		AudioCacheReadInputTokens: int(in.CachedDetails.Audio),
	}
	if outside(u.ReasoningOutputTokens, int(r.Total), u.InputTokens, u.OutputTokens) { // As of xAI.
		u.OutputTokens += u.ReasoningOutputTokens
	}
	return u
}

// UsageAnthropic returns the usage that Anthropic reports for messages, which leaves
// the tokens that were read from or written to the cache out of its input tokens. The
// report is as for [UsageOpenAI]; of a stream, the events message_start and
// message_delta hold one each, and [LLM.SetUsage] takes both. What Bedrock's Converse reports,
// of whatever model, is in the same terms and is read, too.
func UsageAnthropic(report any) Usage { return readUsage(report, usageAnthropic) }

func usageAnthropic(data []byte) Usage {
	var r struct {
		InputTokens   tokens `json:"input_tokens"`
		OutputTokens  tokens `json:"output_tokens"`
		CacheRead     tokens `json:"cache_read_input_tokens"`
		CacheCreation tokens `json:"cache_creation_input_tokens"`
		Lifetimes     struct {
			Minutes tokens `json:"ephemeral_5m_input_tokens"`
			Hour    tokens `json:"ephemeral_1h_input_tokens"`
		} `json:"cache_creation"`
		OutputDetails struct {
			Thinking tokens `json:"thinking_tokens"`
		} `json:"output_tokens_details"`

		// Of Bedrock's Converse.
		Input  tokens `json:"inputTokens"`
		Output tokens `json:"outputTokens"`
		Read   tokens `json:"cacheReadInputTokens"`
		Write  tokens `json:"cacheWriteInputTokens"`
	}
	unmarshal(data, &r)
	in, read := tokens(first(r.InputTokens, r.Input)), tokens(first(r.CacheRead, r.Read))
	written := tokens(first(r.CacheCreation, sum(r.Lifetimes.Minutes, r.Lifetimes.Hour), r.Write))
	return Usage{
		InputTokens:           int(sum(in, read, written)),
		OutputTokens:          first(r.OutputTokens, r.Output),
		CacheReadInputTokens:  int(read),
		CacheWriteInputTokens: int(written),
		ReasoningOutputTokens: int(r.OutputDetails.Thinking),
	}
}

// UsageGemini returns the usage that Gemini reports as usageMetadata, of generated
// content and of live sessions. It leaves thoughts out of the tokens of its candidates,
// and the results of tools out of those of the prompt. The report is as for
// [UsageOpenAI].
func UsageGemini(report any) Usage { return readUsage(report, usageGemini) }

func usageGemini(data []byte) Usage {
	var r struct {
		Prompt          tokens     `json:"promptTokenCount"`
		Cached          tokens     `json:"cachedContentTokenCount"`
		Candidates      tokens     `json:"candidatesTokenCount"`
		Response        tokens     `json:"responseTokenCount"` // Of live sessions.
		Thoughts        tokens     `json:"thoughtsTokenCount"`
		ToolUse         tokens     `json:"toolUsePromptTokenCount"`
		Total           tokens     `json:"totalTokenCount"`
		PromptParts     modalities `json:"promptTokensDetails"`
		CacheParts      modalities `json:"cacheTokensDetails"`
		CandidatesParts modalities `json:"candidatesTokensDetails"`
		ResponseParts   modalities `json:"responseTokensDetails"`
		ToolUseParts    modalities `json:"toolUsePromptTokensDetails"`
	}
	unmarshal(data, &r)
	u := Usage{
		InputTokens:               int(sum(r.Prompt, r.ToolUse)),
		OutputTokens:              first(r.Candidates, r.Response),
		CacheReadInputTokens:      int(r.Cached),
		ReasoningOutputTokens:     int(r.Thoughts),
		AudioInputTokens:          int(sum(r.PromptParts.audio(), r.ToolUseParts.audio())),
		AudioOutputTokens:         first(r.CandidatesParts.audio(), r.ResponseParts.audio()),
		AudioCacheReadInputTokens: int(r.CacheParts.audio()),
	}
	// Some totals have the results of tools in them, and some do not.
	inside := r.Total > 0 && u.OutputTokens >= u.ReasoningOutputTokens &&
		(int(r.Total) == u.InputTokens+u.OutputTokens || int(r.Total) == int(r.Prompt)+u.OutputTokens)
	if !inside {
		u.OutputTokens = int(sum(tokens(u.OutputTokens), r.Thoughts))
	}
	return u
}

// outside reports whether the tokens of reasoning are none of those of the answer: the sum
// of all is reached only with them, or there are more of them.
func outside(reasoning, total, input, output int) bool {
	return reasoning > 0 && (total > 0 && total == input+output+reasoning || output > 0 && reasoning > output)
}

type openAIUsage struct {
	PromptTokens     tokens `json:"prompt_tokens"` // Of chat completions.
	CompletionTokens tokens `json:"completion_tokens"`
	InputTokens      tokens `json:"input_tokens"` // Of responses and realtime.
	OutputTokens     tokens `json:"output_tokens"`
	Total            tokens `json:"total_tokens"`
	PromptCacheHit   tokens `json:"prompt_cache_hit_tokens"` // Of DeepSeek.
	Cached           tokens `json:"cached_tokens"`           // Of Moonshot.

	PromptDetails     openAIDetails `json:"prompt_tokens_details"`
	CompletionDetails openAIDetails `json:"completion_tokens_details"`
	InputDetails      openAIDetails `json:"input_tokens_details"`
	OutputDetails     openAIDetails `json:"output_tokens_details"`
	LiveInputDetails  openAIDetails `json:"input_token_details"` // Of realtime and transcriptions.
	LiveOutputDetails openAIDetails `json:"output_token_details"`
}

type openAIDetails struct {
	Cached        tokens `json:"cached_tokens"`
	CacheWrite    tokens `json:"cache_write_tokens"`
	Audio         tokens `json:"audio_tokens"`
	Reasoning     tokens `json:"reasoning_tokens"`
	CachedDetails struct {
		Audio tokens `json:"audio_tokens"`
	} `json:"cached_tokens_details"`
}

// in returns the details of the prompt, of which a report has those of its shape.
func (r openAIUsage) in() openAIDetails {
	return firstDetails(r.PromptDetails, r.InputDetails, r.LiveInputDetails)
}

// out returns the details of the answer.
func (r openAIUsage) out() openAIDetails {
	return firstDetails(r.CompletionDetails, r.OutputDetails, r.LiveOutputDetails)
}

func firstDetails(of ...openAIDetails) (d openAIDetails) {
	for _, d = range of {
		if d != (openAIDetails{}) {
			break
		}
	}
	return d
}

// modalities is a count by what the tokens stand for.
type modalities []struct {
	Modality string `json:"modality"`
	Count    tokens `json:"tokenCount"`
}

func (m modalities) audio() (n tokens) {
	for _, part := range m {
		if strings.EqualFold(part.Modality, "AUDIO") {
			n = sum(n, part.Count)
		}
	}
	return n
}

// tokens is a count as providers write it: a number, with or without a fraction of 0, or
// null. What is none is -1, which SetUsage counts as dropped.
type tokens int

// UnmarshalJSON reads a count and does not fail: the others may be good.
func (t *tokens) UnmarshalJSON(data []byte) error {
	var n *float64
	switch err := json.Unmarshal(data, &n); {
	case err != nil:
		*t = -1
	case n == nil:
		*t = 0
	case *n < 0 || *n != math.Trunc(*n):
		*t = -1
	default:
		*t = tokens(min(*n, 2*maxTokens)) // What is more is not believed either.
	}
	return nil
}

// sum adds counts. It is negative if one of them is.
func sum(counts ...tokens) (n tokens) {
	for _, c := range counts {
		if c < 0 {
			return -1
		}
		n += c
	}
	return n
}

// first returns the first count that is known.
func first(counts ...tokens) int {
	for _, c := range counts {
		if c != 0 {
			return int(c)
		}
	}
	return 0
}

// maxNesting is how deep in a report its usage lies: event, response, usage.
const maxNesting = 4

// readUsage finds the usage in a report and decodes it.
func readUsage(report any, decode func(data []byte) Usage) Usage {
	data, ok := reportJSON(report)
	u := Usage{malformed: true}
	if ok {
		u = usageWithin(data, maxNesting, decode)
	}
	if raw, ok := report.(interface{ RawJSON() string }); ok && (u.malformed || u == Usage{}) {
		// An event of an SDK, whose fields are those of all events.
		u = usageWithin([]byte(raw.RawJSON()), maxNesting, decode)
	}
	return u
}

// usageWithin decodes the usage that a response or an event holds, or that data is itself.
func usageWithin(data []byte, depth int, decode func(data []byte) Usage) Usage {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || bytes.Equal(data, []byte("null")) || depth == 0 {
		return Usage{}
	}
	var holder struct {
		Usage         json.RawMessage `json:"usage"`
		UsageMetadata json.RawMessage `json:"usageMetadata"`
		Groq          json.RawMessage `json:"x_groq"`
		Response      json.RawMessage `json:"response"` // Of realtime and responses.
		Message       json.RawMessage `json:"message"`  // Of message_start.
		Metadata      json.RawMessage `json:"metadata"` // Of the end of Bedrock's streams.
		Value         json.RawMessage `json:"value"`    // The same in its SDK.
	}
	if err := json.Unmarshal(data, &holder); err != nil {
		return Usage{malformed: true}
	}
	itself := true
	for _, inner := range []json.RawMessage{holder.Usage, holder.UsageMetadata, holder.Groq, holder.Response, holder.Message, holder.Metadata, holder.Value} {
		if inner = bytes.TrimSpace(inner); len(inner) == 0 || inner[0] != '{' && !bytes.Equal(inner, []byte("null")) {
			continue
		}
		itself = false
		if u := usageWithin(inner, depth-1, decode); u != (Usage{}) {
			return u
		}
	}
	if itself {
		return decode(data)
	}
	return Usage{}
}

// unmarshal decodes what can be decoded. Fields of another type than the provider's are
// passed over.
func unmarshal(data []byte, into any) { _ = json.Unmarshal(data, into) }

// reportJSON returns a report as JSON. It is false for what cannot be written as such.
func reportJSON(report any) (data []byte, ok bool) {
	defer func() {
		if recover() != nil { // A method of the SDK's.
			data, ok = nil, false
		}
	}()
	switch report := report.(type) {
	case nil:
		return nil, true
	case string:
		return []byte(report), true
	case []byte:
		return report, true
	case json.RawMessage:
		return report, true
	}
	// Not RawJSON, which SDKs have: what accumulates chunks adds up the fields alone.
	data, err := json.Marshal(report)
	return data, err == nil
}
