// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminiusage_test

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/wire/geminiusage"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

const first = 7

var plan = jsonscan.NewPlan(geminiusage.Fields(first)...)

func read(document []byte) (llmreport.GeminiCounts, bool) {
	var c geminiusage.Counter
	isUsage := false
	s := jsonscan.NewScanner(plan, func(v *jsonscan.Value) {
		isUsage = c.Read(v, first) || isUsage
	})
	s.Scan(document)
	s.End()
	return c.Counts(), isUsage
}

func TestCounter(t *testing.T) {
	for _, tt := range []struct {
		name, usage string
		want        llmreport.GeminiCounts
	}{
		{
			"generateContent", `{"promptTokenCount":9,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":14}`,
			llmreport.GeminiCounts{Prompt: 9, Candidates: 2, Thoughts: 3, Total: 14},
		},
		{
			"a live session", `{"promptTokenCount":9,"responseTokenCount":2,"responseTokensDetails":[{"modality":"TEXT","tokenCount":1},{"tokenCount":1,"modality":"AUDIO"}]}`,
			llmreport.GeminiCounts{Prompt: 9, Candidates: 2, CandidatesAudio: 1},
		},
		{
			"both names of an answer", `{"candidatesTokenCount":2,"responseTokenCount":2,"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":2}],"responseTokensDetails":[{"modality":"AUDIO","tokenCount":2}]}`,
			llmreport.GeminiCounts{Candidates: 2, CandidatesAudio: 2},
		},
		{
			"names with underscores", `{"prompt_token_count":9,"cached_content_token_count":4,"tool_use_prompt_token_count":1,"cache_tokens_details":[{"modality":"AUDIO","token_count":4}]}`,
			llmreport.GeminiCounts{Prompt: 9, Cached: 4, ToolUse: 1, CachedAudio: 4},
		},
		{
			"counts that are none", `{"promptTokenCount":-1,"responseTokenCount":"2","totalTokenCount":1.5,"cachedContentTokenCount":null}`,
			llmreport.GeminiCounts{Prompt: -1, Candidates: -1, Total: -1},
		},
		{"nothing", `{}`, llmreport.GeminiCounts{}},
		{"another type", `5`, llmreport.GeminiCounts{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, name := range []string{"usageMetadata", "usage_metadata"} {
				got, isUsage := read([]byte(`{"` + name + `":` + tt.usage + `}`))
				if got != tt.want || !isUsage {
					t.Errorf("%s: %+v (%v), want %+v", name, got, isUsage, tt.want)
				}
			}
		})
	}
	if _, isUsage := read([]byte(`{"usage":{"promptTokenCount":9}}`)); isUsage {
		t.Error("another field is a usage")
	}
}

func FuzzCounter(f *testing.F) {
	f.Add([]byte(`{"usageMetadata":{"promptTokenCount":9,"promptTokensDetails":[{"modality":"AUDIO","tokenCount":4}]}}`))
	f.Fuzz(func(_ *testing.T, document []byte) { read(document) })
}
