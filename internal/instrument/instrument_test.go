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
	stage := Stage{Name: "stt", Operation: "chat", Outcome: "completed", Provider: "p", Model: "m", Language: "en", ErrorType: "e"}
	s.SessionStarted(ctx, "web")
	s.SessionEnded(ctx, Session{Channel: "web", EndReason: "completed"}, 1)
	s.FirstAudio(ctx, "web", 1)
	turn := Turn{Outcome: "completed", Anchor: "vad", Initiator: "user", Channel: "web"}
	s.TurnEnded(ctx, turn)
	s.ResponseLatency(ctx, turn, 1)
	s.SegmentLatency(ctx, turn, "playout", 1)
	s.Interrupted(ctx, "audio_activity", "web")
	s.StageEnded(ctx, stage, 1)
	s.STTFinalLatency(ctx, stage, 1)
	s.STTRealTimeFactor(ctx, stage, 1)
	s.STTConfidence(ctx, stage, 1)
	s.STTAudio(ctx, stage, 1)
	s.TTSFirstByte(ctx, stage, 1)
	s.TTSRealTimeFactor(ctx, stage, 1)
	s.TTSCharacters(ctx, stage, 1)
	s.TTSAudio(ctx, stage, 1)
	s.InferenceEnded(ctx, stage, 1)
	s.InferenceFirstChunk(ctx, stage, 1)
	s.InputTokens(ctx, stage, 1)
	s.OutputTokens(ctx, stage, 1)
	s.OperationEnded(ctx, Operation{Name: "o", Outcome: "completed"}, 1)
	s.Dropped(ctx, "x", "negative")
	if err := s.ObserveDroppedLines(map[string]func() uint64{"console": func() uint64 { return 1 }}); err != nil {
		t.Fatal(err)
	}
}

// Every metric of the registry is made, with its unit and its buckets.
func ofOthers(name string) bool {
	for _, prefix := range []string{"voice.webhook.", "voice.room.", "voice.participant.", "voice.media.", "voice.spool."} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func TestEveryMetricIsMade(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	s, err := New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)), "scope", "v")
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
			continue // Made by their package, whose test it is.
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
	s, err := New(metricnoop.NewMeterProvider(), "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 10_000 {
		s.StageEnded(t.Context(), Stage{Name: "stt", Model: fmt.Sprint(i)}, 1)
	}
	if n := len(s.byStage.options); n != maxCached {
		t.Errorf("%d combinations are kept, want %d", n, maxCached)
	}
}

func TestRecordingAllocatesNothing(t *testing.T) {
	s, err := New(sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader())), "scope", "v")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	stage := Stage{Name: "stt", Outcome: "completed", Provider: "p", Model: "m", Language: "en"}
	if n := testing.AllocsPerRun(100, func() {
		s.StageEnded(ctx, stage, .1)
		s.STTConfidence(ctx, stage, .9)
		s.InputTokens(ctx, stage, 1)
	}); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}
