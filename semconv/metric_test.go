// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package semconv_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/semconv"
)

func TestMetricDefinitionsAreComplete(t *testing.T) {
	for _, m := range semconv.Metrics() {
		if m.Name == "" || m.Unit == "" || m.Description == "" {
			t.Errorf("metric %q: got unit %q and description %q, want all three", m.Name, m.Unit, m.Description)
		}
		if m.Kind.String() == "unknown" {
			t.Errorf("%s: got kind %d, want one of the four", m.Name, m.Kind)
		}
		if got, want := m.Buckets != nil, m.Kind == semconv.Histogram; got != want {
			t.Errorf("%s: got a %s with buckets %v", m.Name, m.Kind, m.Buckets)
		}
		if !slices.IsSorted(m.Buckets) {
			t.Errorf("%s: got buckets %v, want them to rise", m.Name, m.Buckets)
		}
	}
}

// Durations in milliseconds, and units in words, cannot be compared with what
// others record.
func TestMetricUnitsAreUCUM(t *testing.T) {
	for _, m := range semconv.Metrics() {
		annotated := strings.HasPrefix(m.Unit, "{") && strings.HasSuffix(m.Unit, "}")
		if !annotated && !slices.Contains([]string{"s", "By", "Hz", "1"}, m.Unit) {
			t.Errorf("%s: got unit %q", m.Name, m.Unit)
		}
	}
}

// A latency that interrupted work shares with completed work misleads. Calls, rooms,
// networks and what is sent are not interrupted.
func TestEveryStageAndTurnHistogramHasTheOutcome(t *testing.T) {
	for _, m := range semconv.Metrics() {
		if m.Kind != semconv.Histogram || ofTheLine(m.Name) {
			continue
		}
		if !slices.ContainsFunc(m.Attributes, func(name string) bool { return strings.HasSuffix(name, ".outcome") }) {
			t.Errorf("%s: got attributes %q, want an outcome among them", m.Name, m.Attributes)
		}
	}
}

func ofTheLine(name string) bool {
	return slices.ContainsFunc([]string{
		"voice.session.", "voice.room.", "voice.media.", "voice.spool.", "voice.stream.connect.", "voice.stream.reconnect.",
		"voice.stream.first_message.", "voice.stream.round_trip_time", "voice.playout.underrun.", "voice.hold.",
		"voice.talk.", "voice.dead_air.", "voice.interruption.", "voice.agent_interruption.",
	}, func(prefix string) bool {
		return strings.HasPrefix(name, prefix)
	})
}

func TestResponseLatencyBucketsAreDenseWherePeopleNotice(t *testing.T) {
	n := 0
	for _, bound := range semconv.MetricVoiceTurnResponseLatency().Buckets {
		if bound >= 0.05 && bound <= 5 {
			n++
		}
	}
	if n < 15 {
		t.Errorf("got %d bounds between 50 ms and 5 s, want at least 15", n)
	}
}
