// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile_test

import (
	"encoding/json"
	"math"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/testing/samplecall"
	"github.com/voice-agents/telemetry/semconv"
)

// Whatever a span holds, exports do not panic, JSON is JSON, and what was there stays.
func FuzzAppend(f *testing.F) {
	f.Add("chat gpt", "chat", "id", 0.5, int64(12), "voice.user.started", int64(-5))
	f.Add("voice.turn", "invoke_agent", "\xff", math.Inf(1), int64(math.MaxInt64), "voice.agent.started", int64(1<<62))
	f.Add("voice.session", "", `{"`, math.NaN(), int64(-1), "voice.user.stopped", int64(0))
	f.Fuzz(func(t *testing.T, name, operation, text string, x float64, n int64, event string, at int64) {
		start := time.Unix(1e9, 0)
		attrs := []attribute.KeyValue{semconv.GenAIOperationName(operation), semconv.VoiceTurnID(text), semconv.VoiceCostCurrency("USD")}
		for _, key := range []attribute.Key{
			semconv.VoiceCostKey, semconv.GenAIResponseTimeToFirstChunkKey, semconv.VoiceTTSTimeToFirstByteKey, semconv.GenAIRequestTemperatureKey,
			semconv.VoiceTurnSegmentEndpointingKey, semconv.VoiceTurnResponseLatencyKey,
		} {
			attrs = append(attrs, key.Float64(x))
		}
		for _, key := range []attribute.Key{
			semconv.GenAIUsageInputTokensKey, semconv.GenAIUsageOutputTokensKey, semconv.GenAIUsageCacheReadInputTokensKey,
			semconv.VoiceStageAttemptKey, semconv.GenAIRequestTopPKey,
		} {
			attrs = append(attrs, key.Int64(n))
		}
		for _, key := range []attribute.Key{semconv.GenAIInputMessagesKey, semconv.VoiceSTTConfidenceKey, semconv.GenAIResponseFinishReasonsKey} {
			attrs = append(attrs, key.String(text))
		}
		s := tracetest.SpanStub{
			Name: name, StartTime: start, EndTime: start.Add(time.Second), Attributes: attrs,
			SpanContext: trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled}),
			Events: []sdktrace.Event{
				{Name: event, Time: start.Add(time.Duration(at))},
				{Name: semconv.EventVoiceUserStarted, Time: start},
				{Name: semconv.EventVoiceUserStopped, Time: start.Add(time.Duration(at))},
				{Name: event, Time: start},
				{Name: semconv.EventVoiceAgentStarted, Time: start},
			},
		}.Snapshot()
		for _, p := range profile.Profiles() {
			for _, out := range p.Append(nil, s) {
				if out.SpanContext().SpanID() == s.SpanContext().SpanID() && len(out.Attributes()) < len(attrs) {
					t.Errorf("%s: attributes are lost", p)
				}
				for _, kv := range out.Attributes() {
					isObject := strings.HasSuffix(string(kv.Key), "_details") || kv.Key == "metadata" || kv.Key == "llm.invocation_parameters" || strings.HasSuffix(string(kv.Key), "completion_start_time")
					if isObject && (!json.Valid([]byte(kv.Value.AsString())) || !utf8.ValidString(kv.Value.AsString())) {
						t.Errorf("%s: %s is no JSON: %q", p, kv.Key, kv.Value.AsString())
					}
				}
			}
		}
	})
}

// A turn with very many events becomes a bounded number of spans.
func TestSpansAreBounded(t *testing.T) {
	start := time.Unix(1e9, 0)
	var events []sdktrace.Event
	for i := range 1000 {
		at := start.Add(time.Duration(i) * time.Second)
		name := []string{semconv.EventVoiceUserStarted, semconv.EventVoiceUserStopped}
		if i >= 500 {
			name = []string{semconv.EventVoiceAgentStarted, semconv.EventVoiceAgentStopped}
		}
		events = append(events, sdktrace.Event{Name: name[i%2], Time: at})
	}
	s := tracetest.SpanStub{Name: semconv.SpanVoiceTurn, StartTime: start, EndTime: start.Add(time.Hour), Events: events}.Snapshot()
	if n := len(profile.LiveKit.Append(nil, s)); n != 2+16+16 {
		t.Errorf("the turn became %d spans, want 34", n)
	}
}

func TestConcurrentSafe(t *testing.T) {
	originals := samplecall.Spans(t)
	var all sync.WaitGroup
	for _, p := range profile.Profiles() {
		exporter := profile.NewExporter(p, tracetest.NewNoopExporter())
		for range 4 {
			all.Go(func() {
				if err := exporter.ExportSpans(t.Context(), originals); err != nil {
					t.Error(err)
				}
			})
		}
	}
	all.Wait()
}

// The allocations of each profile for a request to a language model.
func TestAllocations(t *testing.T) {
	chat := request(t)
	for p, want := range map[profile.Profile]float64{0: 0, profile.Langfuse: 8, profile.OpenInference: 5, profile.LiveKit: 7} {
		space := make([]sdktrace.ReadOnlySpan, 0, 4)
		if got := testing.AllocsPerRun(100, func() { p.Append(space, chat) }); got > want {
			t.Errorf("%s: %v allocations, want %v at most", p, got, want)
		}
	}
}

func request(tb testing.TB) sdktrace.ReadOnlySpan {
	tb.Helper()
	return tracetest.SpanStub{
		Name: "chat gpt-4o-mini", StartTime: time.Unix(1e9, 0), EndTime: time.Unix(1e9+1, 0),
		Attributes: []attribute.KeyValue{
			semconv.GenAIOperationName(semconv.GenAIOperationNameChat), semconv.VoiceCorrelationID("b5c1"), semconv.SessionID("call-1"),
			semconv.VoiceTurnID("turn-1"), semconv.VoiceTurnIndex(2), semconv.GenAIProviderName("openai"), semconv.GenAIRequestModel("gpt-4o-mini"),
			semconv.VoiceStageOutcome("completed"), semconv.GenAIResponseTimeToFirstChunk(0.3), semconv.VoiceLLMTimeToFirstToken(0.3),
			semconv.GenAIUsageInputTokens(120), semconv.GenAIUsageOutputTokens(40), semconv.GenAIResponseModel("gpt-4o-mini-2024"),
			semconv.VoiceCost(0.000124), semconv.VoiceCostCurrency("USD"),
		},
	}.Snapshot()
}

func BenchmarkAppend(b *testing.B) {
	chat := request(b)
	for _, p := range profile.Profiles() {
		b.Run(p.String(), func(b *testing.B) {
			b.ReportAllocs()
			space := make([]sdktrace.ReadOnlySpan, 0, 4)
			for b.Loop() {
				p.Append(space, chat)
			}
		})
	}
}
