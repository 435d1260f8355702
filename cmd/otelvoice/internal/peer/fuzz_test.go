// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package peer_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/peer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

func FuzzTranslate(f *testing.F) {
	for _, name := range []string{"livekit-tool", "pipecat"} {
		text, err := os.ReadFile(filepath.Join("testdata", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"resourceSpans":[{"scopeSpans":[{"scope":{"name":"livekit-agents"},"spans":[` +
		`{"spanId":"01","name":"user_turn","attributes":[{"key":"lk.end_of_turn_delay","value":{"intValue":"5"}}]},` +
		`{"spanId":"02","parentSpanId":"01","name":"llm_node"},{"spanId":"03","parentSpanId":"02","name":"llm_request_run"}]}]}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		if batch, err := otlpdata.JSON(text); err == nil {
			document(batch)
		}
	})
}

// Spans that are deep within each other, and many turns, take no more than their share.
func TestManySpans(t *testing.T) {
	scope, resource := &signal.Scope{Name: "livekit-agents"}, &signal.Resource{}
	id := func(n int) trace.SpanID { return trace.SpanID{byte(n >> 16), byte(n >> 8), byte(n), 1} }
	var spans []*signal.Span
	add := func(name string, parent trace.SpanID, at time.Duration) {
		start := time.Unix(1000, 0).Add(at)
		spans = append(spans, &signal.Span{
			SpanID: id(len(spans)), ParentID: parent, Name: name, Start: start, End: start.Add(time.Second), Scope: scope, Resource: resource,
		})
	}
	for i := range 10_000 {
		add("user_turn", trace.SpanID{}, time.Duration(i)*time.Second)
		add("agent_turn", trace.SpanID{}, time.Duration(i)*time.Second+time.Second)
	}
	for i := range 10_000 {
		add("tts_request", id(len(spans)-1), 0)
		if i%2 == 0 {
			add("tts_request_run", id(len(spans)-1), 0)
		}
	}
	batch := peer.Translate(&signal.Batch{Spans: spans})
	turns := 0
	for _, s := range batch.Spans {
		if s.Name == "voice.turn" {
			turns++
		}
	}
	if turns != 10_000 {
		t.Errorf("%d turns, want 10,000", turns)
	}
}
