// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"fmt"
	"strings"
	"testing"

	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/semconv"
)

// recordEverything uses every instrument once.
func recordEverything(t *testing.T, s *Set) {
	t.Helper()
	ctx := t.Context()
	stage := Stage{Kind: "stt", Operation: "chat", Outcome: "completed", Provider: "p", Model: "m", Language: "en", ErrorType: "e"}
	s.SessionActive(ctx, "web", 1)
	s.SessionEnded(ctx, Session{Channel: "web", EndReason: "completed"}, 1)
	s.FirstAudio(ctx, "web", 1)
	turn := Turn{Outcome: "completed", Anchor: "vad", Initiator: "user", Channel: "web"}
	s.Turn(turn).Ended(ctx)
	s.Turn(turn).ResponseLatency(ctx, 1)
	s.Turn(turn).SegmentLatency(ctx, "playout", 1)
	s.Interrupted(ctx, "audio_activity", "web")
	s.Talked(ctx, "user", "web", 1, 1)
	s.TalkUnknown(ctx, "user", "web")
	s.AgentRatio(ctx, "web", .5)
	s.Conversed(ctx, "web", 1, 1, 1, 1)
	s.DeadAir(ctx, "tool", "web", 1, 4)
	s.LongestDeadAir(ctx, "web", 4)
	s.StopTime(ctx, "audio_activity", "web", 1)
	s.OverlapByUser(ctx, "audio_activity", "web", 1)
	s.OverlapByAgent(ctx, "web", 1)
	s.Recovered(ctx, "resumed", "web", 1)
	s.FalselyInterrupted(ctx, "dismissed", "web", 1)
	m := s.Stage(stage)
	m.Ended(ctx, 1)
	m.Resent(ctx, 1)
	m.STTFinalLatency(ctx, 1)
	m.STTRealTimeFactor(ctx, 1)
	m.STTConfidence(ctx, 1)
	m.STTAudio(ctx, 1)
	m.TTSFirstByte(ctx, 1)
	m.TTSRealTimeFactor(ctx, 1)
	m.TTSCharacters(ctx, 1)
	m.TTSAudio(ctx, 1)
	m.RealtimeFirstAudio(ctx, 1)
	m.RealtimeInputAudio(ctx, 1)
	m.RealtimeOutputAudio(ctx, 1)
	m.InferenceEnded(ctx, 1)
	m.InferenceFirstChunk(ctx, 1)
	m.FirstToken(ctx, 1)
	m.TTSFirstAudible(ctx, 1)
	m.Tokens(ctx, Tokens{InputTokens: 1, OutputTokens: 1, CacheReadInputTokens: 1, CacheWriteInputTokens: 1, ReasoningOutputTokens: 1})
	stream := s.Stream(Stream{Kind: "stt", Provider: "p", Model: "m", ErrorType: "e"})
	stream.Ended(ctx, "completed", 1)
	stream.Connected(ctx, 1)
	stream.Reconnected(ctx, 1)
	stream.Reconnect(ctx)
	stream.Sent(ctx, 1)
	stream.Dropped(ctx, 1)
	stream.Billed(ctx, 1)
	stream.FirstMessage(ctx, 1)
	stream.RoundTrip(ctx, 1)
	stream.NotUnderstood(ctx, "json")
	s.Underrun(ctx, "clock", "phone", 1)
	s.Media(ctx, 1, 1, 1, 1)
	s.MediaGap(ctx, 1)
	s.Charged(ctx, Cost{Kind: "llm", Provider: "p", Model: "m", Currency: "USD"}, 0.5)
	s.OperationEnded(ctx, Operation{Name: "o", Outcome: "completed"}, 1)
	s.Dropped(ctx, "x", "negative")
	v, _ := s.Variant("concierge", "1.4.0", "short")
	s.Outcome(ctx, "booked", "phone", v)
	s.Evaluated(ctx, "relevance", "pass", v)
	s.Transferred(ctx, "human", "connected", "phone")
	s.Answered(ctx, "human", "phone")
	s.Held(ctx, "phone", 1)
	s.Prompted(ctx, "phone")
	s.Pressed(ctx, "phone", 4)
	s.OverBudget(ctx, "generation", "phone", v)
	if err := s.ObservePanics(func() uint64 { return 1 }); err != nil {
		t.Fatal(err)
	}
}

func ofOthers(name string) bool {
	for _, prefix := range []string{"voice.webhook.", "voice.room.", "voice.participant.", "voice.media.round_trip_time", "voice.spool.", "voice.scrape.", "voice.metrics.", "voice.logs.", "voice.provider."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// Every metric of the registry is created with its unit and its buckets.
func TestEveryMetricIsMade(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	s, err := New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), nil, "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	recordEverything(t, s)
	var rm metricdata.ResourceMetrics
	if err := reader.Collect(t.Context(), &rm); err != nil {
		t.Fatal(err)
	}
	made := make(map[string]metricdata.Metrics)
	for _, m := range rm.ScopeMetrics[0].Metrics {
		made[m.Name] = m
	}
	for _, def := range semconv.Metrics() {
		if ofOthers(def.Name) {
			continue // Another package creates and tests them.
		}
		m, ok := made[def.Name]
		if !ok || m.Unit != def.Unit || m.Description != def.Description {
			t.Errorf("%s: made %v, in %q", def.Name, ok, m.Unit)
		}
		if h, ok := m.Data.(metricdata.Histogram[float64]); ok && fmt.Sprint(h.DataPoints[0].Bounds) != fmt.Sprint(def.Buckets) {
			t.Errorf("%s has buckets %v, want %v", def.Name, h.DataPoints[0].Bounds, def.Buckets)
		}
	}
	for name := range made {
		if !strings.HasPrefix(name, "voice.") && !strings.HasPrefix(name, "gen_ai.") {
			t.Errorf("%s is in no namespace of ours", name)
		}
	}
}

func TestCacheIsBounded(t *testing.T) {
	s, err := New(metricnoop.NewMeterProvider(), nil, "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		s.Stage(Stage{Kind: "stt", Model: fmt.Sprint(i)}).Ended(t.Context(), 1)
	}
	if n := len(s.byStage.made); n != maxCached {
		t.Errorf("%d combinations are kept, want %d", n, maxCached)
	}
}

func TestRecordingAllocatesNothing(t *testing.T) {
	s, err := New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())), nil, "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	stage := Stage{Kind: "stt", Outcome: "completed", Provider: "p", Model: "m", Language: "en"}
	variant, _ := s.Variant("concierge", "1.4.0", "")
	if n := testing.AllocsPerRun(100, func() {
		m := s.Stage(stage)
		m.Ended(ctx, .1)
		m.STTConfidence(ctx, .9)
		m.Tokens(ctx, Tokens{InputTokens: 2, AudioInputTokens: 1})
		s.Turn(Turn{Outcome: "completed"}).SegmentLatency(ctx, "playout", .1)
		s.Turn(Turn{Outcome: "completed", Variant: variant}).SegmentLatency(ctx, "playout", .1)
		s.Outcome(ctx, "booked", "phone", variant)
		s.Evaluated(ctx, "relevance", "pass", variant)
		s.Transferred(ctx, "human", "connected", "phone")
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
