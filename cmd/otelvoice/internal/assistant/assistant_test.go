// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assistant_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/assistant"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/view"
	"github.com/voice-agents/telemetry/semconv"
)

var began = time.Now().UTC().Add(-time.Hour).Truncate(time.Second)

// callOf is a call of a version of an agent: one turn with a response latency, in which the model takes most time.
func callOf(n byte, version string, latency float64) *signal.Batch {
	attrs := func(more ...signal.Attribute) signal.Attributes {
		return signal.NewAttributes(append(more,
			signal.Attribute{Key: string(semconv.SessionIDKey), Value: "sess_" + string('a'+rune(n))},
			signal.Attribute{Key: string(semconv.GenAIAgentNameKey), Value: "concierge"},
			signal.Attribute{Key: string(semconv.GenAIAgentVersionKey), Value: version}))
	}
	resource, scope := new(signal.Resource), new(signal.Scope)
	span := func(id byte, name string, attrs signal.Attributes) *signal.Span {
		return &signal.Span{
			TraceID: trace.TraceID{1, n + 1}, SpanID: trace.SpanID{id, n}, Name: name, Kind: "internal", Start: began, End: began.Add(5 * time.Second),
			Attributes: attrs, Resource: resource, Scope: scope,
		}
	}
	turn := span(2, semconv.SpanVoiceTurn, attrs(
		signal.Attribute{Key: string(semconv.VoiceTurnIDKey), Value: "turn_" + string('a'+rune(n))},
		signal.Attribute{Key: string(semconv.VoiceTurnIndexKey), Value: int64(1)},
		signal.Attribute{Key: string(semconv.VoiceTurnOutcomeKey), Value: "completed"},
		signal.Attribute{Key: string(semconv.VoiceTurnResponseLatencyKey), Value: latency},
		signal.Attribute{Key: string(semconv.VoiceTurnSegmentGenerationKey), Value: latency - 0.1},
		signal.Attribute{Key: string(semconv.VoiceTurnSegmentSynthesisKey), Value: 0.1}))
	turn.ParentID = trace.SpanID{1, n}
	return &signal.Batch{Spans: []*signal.Span{turn, span(1, semconv.SpanVoiceSession, attrs())}}
}

// connect returns a client of a server that asks a viewer with calls of two versions.
func connect(t *testing.T) (client *mcp.ClientSession, address string) {
	t.Helper()
	ready, done := make(chan view.Addresses, 1), make(chan error, 1)
	ctx, stop := context.WithCancel(t.Context())
	cfg := &view.Config{
		Address: "127.0.0.1:0", Slow: 2 * time.Second, Ready: func(a view.Addresses) { ready <- a },
		Read: func(ctx context.Context, add func(context.Context, *signal.Batch) error) error {
			for n := range byte(20) {
				version, latency := "1", 0.5+float64(n)/1000
				if n >= 10 {
					version, latency = "2", 2.5+float64(n)/1000
				}
				if err := add(ctx, callOf(n, version, latency)); err != nil {
					return err
				}
			}
			return nil
		},
	}
	go func() { done <- view.Run(ctx, cfg, io.Discard) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	address = (<-ready).Pages
	v := &assistant.Viewer{URL: "http://" + address}
	here, there := mcp.NewInMemoryTransports()
	server, err := assistant.New(v, "1.0.0").Connect(t.Context(), there, nil)
	if err != nil {
		t.Fatal(err)
	}
	client, err = mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = client.Close()
		_ = server.Wait()
	})
	return client, address
}

func ask(t *testing.T, client *mcp.ClientSession, tool string, arguments map[string]any) (text string, isError bool) {
	t.Helper()
	result, err := client.CallTool(t.Context(), &mcp.CallToolParams{Name: tool, Arguments: arguments})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range result.Content {
		if c, ok := c.(*mcp.TextContent); ok {
			text += c.Text
		}
	}
	return text, result.IsError
}

func TestQuestions(t *testing.T) {
	client, address := connect(t)
	tools, err := client.ListTools(t.Context(), nil)
	if err != nil || len(tools.Tools) != 5 {
		t.Fatalf("%d tools, %v", len(tools.Tools), err)
	}
	for _, tool := range tools.Tools {
		if !tool.Annotations.ReadOnlyHint || tool.Description == "" {
			t.Errorf("%s: %+v", tool.Name, tool)
		}
	}
	viewer.Eventually(t, address, "the calls are listed", func() bool {
		text, _ := ask(t, client, "list_calls", map[string]any{"limit": 1})
		return strings.Contains(text, `"total":20`)
	})
	for _, tt := range []struct {
		name, tool string
		arguments  map[string]any
		want       []string
		isError    bool
	}{
		{"slow calls", "list_calls", map[string]any{"slow": true, "agent": "concierge"}, []string{`"total":10`, `"version":"2"`}, false},
		{"a call by its turn", "explain_call", map[string]any{"id": "turn_c"}, []string{"sess_c", "generation", "0.50s"}, false},
		{"a call in detail", "explain_call", map[string]any{"id": "sess_c", "details": true}, []string{`"schema":"otelvoice.call/1"`}, false},
		{"no such call", "explain_call", map[string]any{"id": "sess_x"}, []string{"no call has the ID"}, true},
		{"latency", "latency_summary", map[string]any{"by": "version", "segment": "generation"}, []string{`"name":"2","count":10`, `"name":"synthesis"`}, false},
		{"a wrong group", "latency_summary", map[string]any{"by": "mood"}, []string{"mood"}, true},
		{"a comparison", "compare_calls", map[string]any{"base": map[string]any{"version": "1"}, "new": map[string]any{"version": "2"}}, []string{`"series":"response_latency","statistic":"p50"`, `"change":2.01`}, false},
		{"health", "telemetry_health", map[string]any{}, []string{`"spans":40`}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, isError := ask(t, client, tt.tool, tt.arguments)
			if isError != tt.isError {
				t.Errorf("error %v: %s", isError, text)
			}
			for _, want := range tt.want {
				if !strings.Contains(text, want) {
					t.Errorf("%q is not in %s", want, text)
				}
			}
		})
	}
}

func TestNoViewer(t *testing.T) {
	here, there := mcp.NewInMemoryTransports()
	if _, err := assistant.New(&assistant.Viewer{URL: "http://127.0.0.1:1"}, "1").Connect(t.Context(), there, nil); err != nil {
		t.Fatal(err)
	}
	client, err := mcp.NewClient(&mcp.Implementation{Name: "test"}, nil).Connect(t.Context(), here, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	if text, isError := ask(t, client, "list_calls", nil); !isError || !strings.Contains(text, "otelvoice view") {
		t.Errorf("%v: %s", isError, text)
	}
}
