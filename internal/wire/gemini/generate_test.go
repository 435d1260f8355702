// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package gemini_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/gemini"
)

func TestNew(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		want               string // The provider and the model, or "" if there is no decoder.
	}{
		{"the Gemini API", "POST", "/v1beta/models/gemini-2.5-flash:generateContent", "gcp.gemini gemini-2.5-flash"},
		{"a tuned model", "POST", "/v1beta/tunedModels/mine:generateContent", "gcp.gemini mine"},
		{"Vertex AI", "POST", "/v1/projects/p/locations/l/publishers/google/models/m:streamGenerateContent", "gcp.vertex_ai m"},
		{"Vertex AI without a project", "POST", "/v1/publishers/google/models/m:generateContent", "gcp.vertex_ai m"},
		{"an endpoint of Vertex AI", "POST", "/v1/projects/p/locations/l/endpoints/123:generateContent", "gcp.vertex_ai 123"},
		{"a count of tokens", "POST", "/v1beta/models/gemini-2.5-flash:countTokens", ""},
		{"a batch", "POST", "/v1beta/models/gemini-2.5-flash:batchGenerateContent", ""},
		{"no model", "POST", ":generateContent", "gcp.gemini "},
		{"another method", "GET", "/v1beta/models/gemini-2.5-flash:generateContent", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if d := gemini.New(&wire.Target{Method: tt.method, Path: tt.path}, func(e *wire.Event) {
				if e.Request != nil {
					got = e.Request.Provider + " " + e.Request.Model
				}
			}); d != nil {
				d.SentAll()
			}
			if got != tt.want {
				t.Errorf("got a decoder for %q, want %q", got, tt.want)
			}
		})
	}
}

func stream(tb testing.TB) *wiretest.Exchange {
	tb.Helper()
	return wiretest.Read(tb, filepath.Join("..", "..", "..", "testdata", "wire", "gemini", "stream-sse"))
}

func TestStreamAllocatesNothing(t *testing.T) {
	x := stream(t)
	chunks := strings.SplitAfter(string(x.ResponseBody), "\r\n\r\n")
	if n := wiretest.Allocated(t, x, gemini.New, chunks[0], chunks[1], 10_000, ""); n > 10_000 {
		t.Errorf("10000 chunks allocate %d bytes, want none", n)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	x := stream(t)
	x.Response.Header.Set("Content-Type", "application/json")
	for _, tt := range []struct{ name, prefix, suffix string }{
		{"a long text", `{"candidates":[{"content":{"parts":[{"text":"`, `"}]}}]}`},
		{"a long image", `{"candidates":[{"content":{"parts":[{"inlineData":{"data":"`, `"}}]}}]}`},
		{"a long ID", `{"responseId":"`, `"}`},
		{"a long name of a modality", `{"usageMetadata":{"promptTokensDetails":[{"modality":"`, `"}]}}`},
		{"a long error", `{"error":{"message":"`, `"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n := wiretest.Allocated(t, x, gemini.New, tt.prefix, "0123456789abcdef", 1<<18, tt.suffix); n > 256<<10 {
				t.Errorf("4 MB allocate %d bytes", n)
			}
		})
	}
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct{ name, usage, want string }{
		{
			"audio before its name", `{"promptTokenCount":9,"promptTokensDetails":[{"tokenCount":4,"modality":"TEXT"},{"tokenCount":5,"modality":"AUDIO"}],"candidatesTokenCount":2}`,
			"Used input_tokens=9 output_tokens=2 audio.input_tokens=5",
		},
		{
			"audio in every list", `{"promptTokenCount":9,"cachedContentTokenCount":4,"toolUsePromptTokenCount":3,"candidatesTokenCount":2,` +
				`"promptTokensDetails":[{"modality":"AUDIO","tokenCount":5}],"cacheTokensDetails":[{"modality":"AUDIO","tokenCount":4}],` +
				`"toolUsePromptTokensDetails":[{"modality":"AUDIO","tokenCount":1}],"candidatesTokensDetails":[{"modality":"AUDIO","tokenCount":2}]}`,
			"Used input_tokens=12 output_tokens=2 cache_read.input_tokens=4 audio.input_tokens=6 audio.output_tokens=2 audio.cache_read.input_tokens=4",
		},
		{"a fraction of 0", `{"promptTokenCount":9.0,"candidatesTokenCount":null}`, "Used input_tokens=9"},
		{"no counts", `{"trafficType":"ON_DEMAND"}`, ""},
		{"null", `null`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := stream(t)
			x.Response.Header.Set("Content-Type", "application/json")
			x.ResponseBody = []byte(`{"usageMetadata":` + tt.usage + `}`)
			_, got, _ := strings.Cut(strings.TrimSpace(x.Events(t, gemini.New, 1<<20)), "\n")
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func FuzzExchange(f *testing.F) { wiretest.Fuzz(f, "gemini", gemini.New) }
