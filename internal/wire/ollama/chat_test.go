// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package ollama_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/ollama"
)

func TestNew(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		want               bool
	}{
		{"a chat", "POST", "/api/chat", true},
		{"a completion", "POST", "/api/generate", true},
		{"a chat by a proxy", "POST", "/ollama/api/chat", true},
		{"an embedding", "POST", "/api/embed", false},
		{"models", "GET", "/api/tags", false},
		{"another method", "GET", "/api/chat", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ollama.New(&wire.Target{Method: tt.method, Path: tt.path}, func(*wire.Event) {}) != nil; got != tt.want {
				t.Errorf("has a decoder: %v, want %v", got, tt.want)
			}
		})
	}
}

func stream(tb testing.TB) *wiretest.Exchange {
	tb.Helper()
	return wiretest.Read(tb, filepath.Join("..", "..", "..", "testdata", "wire", "ollama", "chat-stream"))
}

func TestStreamAllocatesNothing(t *testing.T) {
	x := stream(t)
	chunks := strings.SplitAfter(string(x.ResponseBody), "\n")
	if n := wiretest.Allocated(t, x, ollama.New, chunks[0], chunks[2], 10_000, ""); n > 10_000 {
		t.Errorf("10000 chunks allocate %d bytes, want none", n)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	x := stream(t)
	for _, tt := range []struct{ name, prefix, suffix string }{
		{"a long text", `{"message":{"content":"`, `"}}`},
		{"a long model", `{"model":"`, `"}`},
		{"a long error", `{"error":"`, `"}`},
		{"a long context", `{"context":["`, `"]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n := wiretest.Allocated(t, x, ollama.New, tt.prefix, "0123456789abcdef", 1<<18, tt.suffix); n > 256<<10 {
				t.Errorf("4 MB allocate %d bytes", n)
			}
		})
	}
}

func FuzzExchange(f *testing.F) { wiretest.Fuzz(f, "ollama", ollama.New) }
