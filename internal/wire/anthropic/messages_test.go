// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package anthropic_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/anthropic"
)

func TestNew(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, provider string
		want                         string // The provider, or "" if there is no decoder.
	}{
		{"the provider's host", "POST", "/v1/messages", "anthropic", "anthropic"},
		{"a proxy", "POST", "/anthropic/v1/messages", "", "anthropic"},
		{"another provider", "POST", "/anthropic/v1/messages", "deepseek", "deepseek"},
		{"a list of messages", "GET", "/v1/messages", "anthropic", ""},
		{"a count of tokens", "POST", "/v1/messages/count_tokens", "anthropic", ""},
		{"batches", "POST", "/v1/messages/batches", "anthropic", ""},
		{"Vertex AI", "POST", "/v1/projects/p/locations/global/publishers/anthropic/models/claude:rawPredict", "", "gcp.vertex_ai"},
		{"Vertex AI's count of tokens", "POST", "/v1/projects/p/locations/global/publishers/anthropic/models/count-tokens:rawPredict", "", ""},
		{"Vertex AI's other models", "POST", "/v1/projects/p/locations/global/publishers/mistralai/models/m:rawPredict", "", ""},
		{"Bedrock", "POST", "/model/anthropic.claude-3/invoke", "", "aws.bedrock"},
		{"Bedrock by the ARN of a profile", "POST", "/model/arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-3/invoke", "", "aws.bedrock"},
		{"Bedrock's other models", "POST", "/model/amazon.nova-lite/invoke", "", ""},
		{"Bedrock's Converse", "POST", "/model/anthropic.claude-3/converse", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			target := &wire.Target{Method: tt.method, Path: tt.path, Provider: tt.provider}
			got := ""
			if d := anthropic.New(target, func(e *wire.Event) {
				if e.Request != nil {
					got = e.Request.Provider
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
	return wiretest.Read(tb, filepath.Join("..", "..", "..", "testdata", "wire", "anthropic", "messages-stream"))
}

func TestStreamAllocatesNothing(t *testing.T) {
	start, _, _ := strings.Cut(string(stream(t).ResponseBody), "event: ping")
	const delta = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"text_delta\",\"text\":\"For what name\"}}\n\n"
	if n := wiretest.Allocated(t, stream(t), anthropic.New, start, delta, 10_000, ""); n > 10_000 {
		t.Errorf("10000 chunks allocate %d bytes, want none", n)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	x := stream(t)
	x.Response.Header.Set("Content-Type", "application/json")
	for _, tt := range []struct{ name, prefix, suffix string }{
		{"a long text", `{"content":[{"type":"text","text":"`, `"}]}`},
		{"a long ID", `{"id":"`, `"}`},
		{"a long key", `{"`, `":1}`},
		{"a long usage", `{"usage":{"x":"`, `"}}`},
		{"a long error", `{"error":{"message":"`, `"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n := wiretest.Allocated(t, x, anthropic.New, tt.prefix, "0123456789abcdef", 1<<18, tt.suffix); n > 256<<10 {
				t.Errorf("4 MB allocate %d bytes", n)
			}
		})
	}
}

func FuzzExchange(f *testing.F) { wiretest.Fuzz(f, "anthropic", anthropic.New) }

func BenchmarkStream(b *testing.B) {
	x := stream(b)
	b.SetBytes(int64(len(x.ResponseBody)))
	b.ReportAllocs()
	for b.Loop() {
		d := anthropic.New(x.Target(), func(*wire.Event) {})
		d.SentAll()
		d.Answered(x.Response.StatusCode, x.Response.Header)
		d.Received(x.ResponseBody)
		d.ReceivedAll()
	}
}
