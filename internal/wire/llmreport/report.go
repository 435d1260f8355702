// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package llmreport

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
)

// OpenAI reads the usage in a report of OpenAI. It reports whether the report could be read.
func OpenAI(report any) (u Usage, ok bool) { return readUsage(report, usageOpenAI) }

func usageOpenAI(data []byte) Usage {
	var r openAIUsage
	unmarshal(data, &r)
	in, out := r.in(), r.out()
	return OpenAICounts{
		Input:          first(r.PromptTokens, r.InputTokens),
		Output:         first(r.CompletionTokens, r.OutputTokens),
		Total:          int(r.Total),
		Cached:         first(in.Cached, r.PromptCacheHit, r.Cached),
		CacheWrite:     int(in.CacheWrite),
		Reasoning:      int(out.Reasoning),
		InputAudio:     int(in.Audio),
		OutputAudio:    int(out.Audio),
		InputAudioRead: int(in.CachedDetails.Audio),
	}.Usage()
}

// OpenAICounts are the counts of a usage of OpenAI, for a decoder that reads them one by one. Some
// servers send a usage with every chunk of a stream, so that a decoder of its JSON would allocate
// for each chunk. An invalid count is -1.
type OpenAICounts struct {
	Input, Output, Total, Cached, CacheWrite, Reasoning int
	InputAudio, OutputAudio, InputAudioRead             int
}

// Usage returns the usage with these counts.
func (c OpenAICounts) Usage() Usage {
	u := Usage{
		InputTokens:               c.Input,
		OutputTokens:              c.Output,
		CacheReadInputTokens:      c.Cached,
		CacheWriteInputTokens:     c.CacheWrite,
		ReasoningOutputTokens:     c.Reasoning,
		AudioInputTokens:          c.InputAudio,
		AudioOutputTokens:         c.OutputAudio,
		AudioCacheReadInputTokens: c.InputAudioRead,
	}
	if outside(u.ReasoningOutputTokens, c.Total, u.InputTokens, u.OutputTokens) { // As of xAI.
		u.OutputTokens += u.ReasoningOutputTokens
	}
	return u
}

// Gemini reads the usage in a report of Gemini. It reports whether the report could be read.
func Gemini(report any) (u Usage, ok bool) { return readUsage(report, usageGemini) }

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
	return GeminiCounts{
		Prompt: int(r.Prompt), Cached: int(r.Cached), ToolUse: int(r.ToolUse), Total: int(r.Total),
		Candidates: first(r.Candidates, r.Response), Thoughts: int(r.Thoughts),
		PromptAudio: int(r.PromptParts.audio()), CachedAudio: int(r.CacheParts.audio()), ToolUseAudio: int(r.ToolUseParts.audio()),
		CandidatesAudio: first(r.CandidatesParts.audio(), r.ResponseParts.audio()),
	}.Usage()
}

// GeminiCounts are the counts of a usage of Gemini, for a decoder that reads them one by one. Every
// chunk of a stream has a usage, so that a decoder of its JSON would allocate for each chunk. An
// invalid count is -1.
type GeminiCounts struct {
	Prompt, Cached, ToolUse, Candidates, Thoughts, Total    int
	PromptAudio, CachedAudio, ToolUseAudio, CandidatesAudio int
}

// Usage returns the usage with these counts.
func (c GeminiCounts) Usage() Usage {
	u := Usage{
		InputTokens:               int(sum(tokens(c.Prompt), tokens(c.ToolUse))),
		OutputTokens:              c.Candidates,
		CacheReadInputTokens:      c.Cached,
		ReasoningOutputTokens:     c.Thoughts,
		AudioInputTokens:          int(sum(tokens(c.PromptAudio), tokens(c.ToolUseAudio))),
		AudioOutputTokens:         c.CandidatesAudio,
		AudioCacheReadInputTokens: c.CachedAudio,
	}
	// Some totals include the results of tools, and some do not.
	inside := c.Total > 0 && u.OutputTokens >= u.ReasoningOutputTokens &&
		(c.Total == u.InputTokens+u.OutputTokens || c.Total == c.Prompt+u.OutputTokens)
	if !inside {
		u.OutputTokens = int(sum(tokens(u.OutputTokens), tokens(c.Thoughts)))
	}
	return u
}

// outside reports whether the output tokens exclude the reasoning tokens: the total is only
// reached with them, or there are more reasoning tokens than output tokens.
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

// in returns the details of the input tokens.
func (r openAIUsage) in() openAIDetails {
	return firstDetails(r.PromptDetails, r.InputDetails, r.LiveInputDetails)
}

// out returns the details of the output tokens.
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

// modalities is a count by modality.
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

// tokens is a count in a provider's JSON: a number, with or without a fraction of 0, or null.
// Any other value is -1, which LLM.SetUsage counts as dropped.
type tokens int

// UnmarshalJSON reads a count. It does not fail, so that the other counts are read.
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
		*t = tokens(min(*n, 2*maxTokens)) // Any greater count is dropped, too.
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

// maxNesting bounds how deep in a report its usage lies: event, response, usage.
const maxNesting = 4

// readUsage finds the usage in a report and decodes it. It is not ok if the report cannot be
// read.
func readUsage(report any, decode func(data []byte) Usage) (u Usage, ok bool) {
	data, ok := reportJSON(report)
	if ok {
		u, ok = usageWithin(data, maxNesting, decode)
	}
	if raw, isRaw := report.(RawChunk); isRaw && u == (Usage{}) {
		// The event types of some SDKs have the fields of all events.
		u, ok = usageWithin([]byte(raw.RawJSON()), maxNesting, decode)
	}
	return u, ok
}

// usageWithin decodes the usage that a response or an event holds, or data itself if it is
// a usage.
func usageWithin(data []byte, depth int, decode func(data []byte) Usage) (u Usage, ok bool) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || bytes.Equal(data, []byte("null")) || depth == 0 {
		return Usage{}, true
	}
	var holder struct {
		Usage         json.RawMessage `json:"usage"`
		UsageMetadata json.RawMessage `json:"usageMetadata"`
		Groq          json.RawMessage `json:"x_groq"`
		Response      json.RawMessage `json:"response"` // Of realtime and responses.
		Message       json.RawMessage `json:"message"`  // Of message_start.
		Metadata      json.RawMessage `json:"metadata"` // Of the last event of Bedrock's streams.
		Value         json.RawMessage `json:"value"`    // The same in Bedrock's SDK.
	}
	if err := json.Unmarshal(data, &holder); err != nil {
		return Usage{}, false
	}
	itself := true
	for _, inner := range []json.RawMessage{holder.Usage, holder.UsageMetadata, holder.Groq, holder.Response, holder.Message, holder.Metadata, holder.Value} {
		if inner = bytes.TrimSpace(inner); len(inner) == 0 || inner[0] != '{' && !bytes.Equal(inner, []byte("null")) {
			continue
		}
		itself = false
		if u, ok := usageWithin(inner, depth-1, decode); !ok || u != (Usage{}) {
			return u, ok
		}
	}
	if itself {
		return decode(data), true
	}
	return Usage{}, true
}

// unmarshal decodes the fields that have the expected type and ignores the others.
func unmarshal(data []byte, into any) { _ = json.Unmarshal(data, into) }

// reportJSON returns a report as JSON. It is false if the report cannot be encoded.
func reportJSON(report any) (data []byte, ok bool) {
	defer func() {
		if recover() != nil { // A method of the SDK panicked.
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
	// RawJSON of an SDK's accumulator holds no accumulated counts; the fields do.
	data, err := json.Marshal(report)
	return data, err == nil
}
