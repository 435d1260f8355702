// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// A duration that cannot be one is absent, so that it changes no mean and no percentile.
func TestDurationsOfStrangers(t *testing.T) {
	for _, tt := range []struct {
		name  string
		value any
		want  string
	}{
		{"seconds", 0.8, "0.8"},
		{"whole seconds", int64(2), "2"},
		{"zero", 0.0, "0"},
		{"negative", -1.0, "absent"},
		{"less than nothing", math.Copysign(0, -1), "-0"},
		{"NaN", math.NaN(), "absent"},
		{"infinite", math.Inf(1), "absent"},
		{"longer than a century", 1e18, "absent"},
		{"nanoseconds", int64(1764000000000000000), "absent"},
		{"text", "0.8", "absent"},
		{"nothing", nil, "absent"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			turn := span(2, 1, semconv.SpanVoiceTurn, 0, 5)
			var attrs []signal.Attribute
			for _, key := range []string{
				string(semconv.VoiceTurnResponseLatencyKey), string(semconv.VoiceTurnSegmentGenerationKey), string(semconv.VoiceTurnToolTimeKey), string(semconv.VoicePlayoutPlayedKey),
			} {
				attrs = append(attrs, signal.Attribute{Key: key, Value: tt.value})
			}
			turn.Attributes = signal.NewAttributes(append(attrs, turn.Attributes...))
			c := call.New("s", []*signal.Span{span(1, 0, semconv.SpanVoiceSession, 0, 9), turn}, nil)
			got := c.Turns[0]
			var segment, played *float64
			if len(got.Segments) > 0 {
				segment = &got.Segments[0].Duration
			}
			if got.Playout != nil {
				played = got.Playout.Played
			}
			for name, v := range map[string]*float64{"response latency": got.ResponseLatency, "segment": segment, "tool time": got.ToolTime, "playout": played} {
				text := "absent"
				if v != nil {
					text = fmt.Sprint(*v)
				}
				if text != tt.want {
					t.Errorf("%s is %s, want %s", name, text, tt.want)
				}
			}
		})
	}
}
