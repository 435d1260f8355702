// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cohere_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/testing/wiretest"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/cohere"
)

func TestNew(t *testing.T) {
	for _, tt := range []struct {
		name, method, path string
		want               bool
	}{
		{"a chat", "POST", "/v2/chat", true},
		{"a chat of version 1", "POST", "/v1/chat", false},
		{"an embedding", "POST", "/v2/embed", false},
		{"another method", "GET", "/v2/chat", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := cohere.New(&wire.Target{Method: tt.method, Path: tt.path}, func(*wire.Event) {}) != nil; got != tt.want {
				t.Errorf("has a decoder: %v, want %v", got, tt.want)
			}
		})
	}
}

func stream(tb testing.TB) *wiretest.Exchange {
	tb.Helper()
	return wiretest.Read(tb, filepath.Join("..", "..", "..", "testdata", "wire", "cohere", "chat-stream"))
}

func TestStreamAllocatesNothing(t *testing.T) {
	x := stream(t)
	chunks := strings.SplitAfter(string(x.ResponseBody), "\n\n")
	if n := wiretest.Allocated(t, x, cohere.New, chunks[0], chunks[2], 10_000, ""); n > 10_000 {
		t.Errorf("10000 chunks allocate %d bytes, want none", n)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	x := stream(t)
	x.Response.Header.Set("Content-Type", "application/json")
	for _, tt := range []struct{ name, prefix, suffix string }{
		{"a long text", `{"message":{"content":[{"text":"`, `"}]}}`},
		{"a long ID", `{"id":"`, `"}`},
		{"a long error", `{"message":"`, `"}`},
		{"long arguments", `{"message":{"tool_calls":[{"function":{"arguments":"`, `"}}]}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if n := wiretest.Allocated(t, x, cohere.New, tt.prefix, "0123456789abcdef", 1<<18, tt.suffix); n > 256<<10 {
				t.Errorf("4 MB allocate %d bytes", n)
			}
		})
	}
}

func FuzzExchange(f *testing.F) { wiretest.Fuzz(f, "cohere", cohere.New) }
