// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strconv"
)

// Usage has the tokens of an answer.
type Usage struct {
	PromptTokens        int `json:"prompt_tokens"`
	CompletionTokens    int `json:"completion_tokens"`
	PromptTokensDetails struct {
		CachedTokens int `json:"cached_tokens"`
		AudioTokens  int `json:"audio_tokens"`
	} `json:"prompt_tokens_details"`
	CompletionTokensDetails struct {
		ReasoningTokens int `json:"reasoning_tokens"`
		AudioTokens     int `json:"audio_tokens"`
	} `json:"completion_tokens_details"`
}

// UnmarshalJSON ignores what it cannot parse, because an answer is valid without its usage. Some
// providers have the cached tokens in another field.
func (u *Usage) UnmarshalJSON(b []byte) error {
	var wire struct {
		Prompt        count `json:"prompt_tokens"`
		Completion    count `json:"completion_tokens"`
		Cached        count `json:"cached_tokens"`           // Moonshot.
		CacheHit      count `json:"prompt_cache_hit_tokens"` // DeepSeek.
		PromptDetails struct {
			Cached count `json:"cached_tokens"`
			Audio  count `json:"audio_tokens"`
		} `json:"prompt_tokens_details"`
		CompletionDetails struct {
			Reasoning count `json:"reasoning_tokens"`
			Audio     count `json:"audio_tokens"`
		} `json:"completion_tokens_details"`
	}
	_ = json.Unmarshal(b, &wire)
	u.PromptTokens, u.CompletionTokens = int(wire.Prompt), int(wire.Completion)
	u.PromptTokensDetails.CachedTokens = int(cmp.Or(wire.PromptDetails.Cached, wire.Cached, wire.CacheHit))
	u.PromptTokensDetails.AudioTokens = int(wire.PromptDetails.Audio)
	u.CompletionTokensDetails.ReasoningTokens = int(wire.CompletionDetails.Reasoning)
	u.CompletionTokensDetails.AudioTokens = int(wire.CompletionDetails.Audio)
	return nil
}

// count is a number of tokens, as a number or a string; 0 is unknown.
type count int

func (c *count) UnmarshalJSON(b []byte) error {
	const most = 1 << 40
	if n, err := strconv.ParseFloat(string(bytes.Trim(b, `"`)), 64); err == nil && n > -most && n < most {
		*c = count(n)
	}
	return nil
}
