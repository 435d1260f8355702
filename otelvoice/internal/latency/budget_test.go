// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

func TestExceeded(t *testing.T) {
	const ms = time.Millisecond
	t0 := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name    string
		budgets map[SegmentName]time.Duration
		marks   map[Mark]int
		want    []string
		slowest SegmentName
	}{
		{"no budgets", nil, map[Mark]int{FirstByte: 3_000_000, AgentStarted: 3_599_000}, nil, semconv.VoiceSegmentSynthesis},
		{"equal to its budget", map[SegmentName]time.Duration{"playout": 940 * ms}, map[Mark]int{AgentStarted: 940}, nil, "playout"},
		{"merged, others without a budget", map[SegmentName]time.Duration{"playout": ms}, map[Mark]int{AgentStarted: 940}, nil, "playout"},
		{"not merged", map[SegmentName]time.Duration{"playout": 39 * ms}, map[Mark]int{FirstByte: 900, AgentStarted: 940}, []string{"playout"}, "synthesis"},
		{
			"merged, all with budgets",
			map[SegmentName]time.Duration{"transcription": 100 * ms, "endpointing": 200 * ms},
			map[Mark]int{TurnCommitted: 301, AgentStarted: 600},
			[]string{"endpointing"},
			"endpointing",
		},
		{
			"of two equal ones the first is the slowest", nil,
			map[Mark]int{FinalTranscript: 300, AgentStarted: 600},
			nil, "transcription",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b Budgets
			for name, d := range tt.budgets {
				if !b.SetSegment(name, d) {
					t.Fatalf("no segment %s", name)
				}
			}
			var m Marks
			m.Add(Occurrence{Mark: UserStopped, At: t0})
			for mark, at := range tt.marks {
				m.Add(Occurrence{Mark: mark, At: t0.Add(time.Duration(at) * ms)})
			}
			of, ok, _ := m.Latency(time.Time{})
			if !ok {
				t.Fatal("no latency")
			}
			if got := b.Exceeded(&of).Names(); !slices.Equal(got, tt.want) {
				t.Errorf("exceeded %v, want %v", got, tt.want)
			}
			if got := of.Slowest().Name(); got != tt.slowest {
				t.Errorf("slowest %s, want %s", got, tt.slowest)
			}
		})
	}
}

func TestUnknownSegmentHasNoBudget(t *testing.T) {
	var b Budgets
	if b.SetSegment("response", time.Second) || b.SetSegment("", time.Second) || b.HasSegments() {
		t.Error("a budget of an unknown segment")
	}
	b.SetSegment("playout", time.Second)
	b.SetSegment("playout", 0)
	if b.HasSegments() {
		t.Error("a budget that was removed")
	}
}

// For any marks in any order: the parts of a wait are not negative and sum to it, the next deadline is
// that of a budget that was not told, and an answer at the end of the wait leads to the same segments.
func TestWaitsAlwaysSum(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	base := time.Now()
	budgets := Budgets{Response: time.Second}
	for i := range maxSegments {
		budgets.SetSegment(nameOf(i), 200*time.Millisecond)
	}
	waits := 0
	for range 50_000 {
		var m Marks
		for range rng.IntN(12) {
			m.Add(Occurrence{Mark: Mark(1 + rng.IntN(int(FirstByte))), At: base.Add(time.Duration(rng.Int64N(int64(3 * time.Second))))})
		}
		until := base.Add(time.Duration(rng.Int64N(int64(4 * time.Second))))
		w, ok := m.Waiting(until)
		if !ok {
			continue
		}
		waits++
		soFar := w.SoFar()
		var sum time.Duration
		for _, s := range soFar.Segments() {
			if s.Duration < 0 {
				t.Fatalf("seed %d: negative %s of %v", seed, s.Name, m.list)
			}
			sum += s.Duration
		}
		if w.open >= 0 && sum != soFar.Response {
			t.Fatalf("seed %d: parts of %v sum to %v, marks %v", seed, soFar.Response, sum, m.list)
		}
		told := Exceeded(rng.IntN(256))
		if next, ok := budgets.Next(&w, told); ok && (told.Has(next.Set) || next.At <= 0 || next.Since.Before(w.UserStopped)) {
			t.Fatalf("seed %d: next %+v, told %b", seed, next, told)
		}
		m.Add(Occurrence{Mark: AgentStarted, At: until})
		answered, ok, _ := m.Latency(time.Time{})
		if !ok || answered.Response != soFar.Response || !slices.Equal(answered.Segments()[:w.Over.count], w.Over.Segments()) {
			t.Fatalf("seed %d: answered %v, %+v, so far %+v", seed, ok, answered, soFar)
		}
	}
	if waits < 1000 {
		t.Errorf("only %d of 50,000 runs were waits: too few to test", waits)
	}
}
