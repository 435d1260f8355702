// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// describe formats a latency for comparison.
func describe(l Breakdown) string {
	var parts []string
	for _, s := range l.Segments() {
		parts = append(parts, fmt.Sprintf("%s %v", s.Name, s.Duration))
	}
	return fmt.Sprintf("%v = %s", l.Response, strings.Join(parts, " + "))
}

func TestLatencyOfMarks(t *testing.T) {
	t0 := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	at := func(mark Mark, ms int) Occurrence {
		return Occurrence{Mark: mark, At: t0.Add(time.Duration(ms) * time.Millisecond)}
	}
	for _, tt := range []struct {
		name     string
		marks    []Occurrence
		previous time.Time
		want     string // "" if the latency is unknown
		reason   string
	}{
		{
			name: "every mark",
			marks: []Occurrence{
				at(UserStopped, 0), at(FinalTranscript, 120), at(TurnCommitted, 300), at(LLMRequested, 305),
				at(FirstToken, 700), at(TTSRequested, 760), at(FirstByte, 900), at(AgentStarted, 940),
			},
			want: "940ms = transcription 120ms + endpointing 180ms + dispatch 5ms + generation 395ms + aggregation 60ms + synthesis 140ms + playout 40ms",
		},
		{
			name: "marks of another clock bound no segment",
			marks: []Occurrence{
				{Mark: TurnCommitted, At: time.UnixMilli(500)},
				{Mark: FirstToken, At: time.UnixMilli(500)},
				{Mark: FirstByte, At: t0.AddDate(50, 0, 0)},
				at(UserStopped, 0), at(TTSRequested, 760), at(AgentStarted, 940),
			},
			want: "940ms = aggregation 760ms + playout 180ms",
		},
		{
			name:  "a missing mark merges its segment into the next",
			marks: []Occurrence{at(UserStopped, 0), at(TurnCommitted, 300), at(FirstByte, 900), at(AgentStarted, 940)},
			want:  "940ms = endpointing 300ms + synthesis 600ms + playout 40ms",
		},
		{
			name:  "both ends alone",
			marks: []Occurrence{at(UserStopped, 0), at(AgentStarted, 940)},
			want:  "940ms = playout 940ms",
		},
		{
			name:  "the end of speech unknown",
			marks: []Occurrence{at(FinalTranscript, 120), at(AgentStarted, 940)},
		},
		{
			name:  "no agent audio",
			marks: []Occurrence{at(UserStopped, 0), at(FirstByte, 900)},
		},
		{
			name: "an LLM asked before the user was done took none of their time",
			marks: []Occurrence{
				at(LLMRequested, -200), at(UserStopped, 0), at(TurnCommitted, 300), at(FirstToken, 350), at(AgentStarted, 500),
			},
			want: "500ms = endpointing 300ms + dispatch 0s + generation 50ms + playout 150ms",
		},
		{
			name: "committed before the transcript was final",
			marks: []Occurrence{
				at(UserStopped, 0), at(TurnCommitted, 100), at(FinalTranscript, 250), at(AgentStarted, 500),
			},
			want: "500ms = transcription 250ms + endpointing 0s + playout 250ms",
		},
		{
			name: "speech that goes on after a pause counts from its real end",
			marks: []Occurrence{
				at(UserStopped, -2000), at(FinalTranscript, -1900), at(LLMRequested, -1800), at(FirstToken, -1500),
				at(UserStopped, 0), at(FinalTranscript, 100), at(LLMRequested, 200), at(FirstToken, 600), at(AgentStarted, 900),
			},
			want: "900ms = transcription 100ms + dispatch 100ms + generation 400ms + playout 300ms",
		},
		{
			name: "what the user says over the agent is the next turn's",
			marks: []Occurrence{
				at(UserStopped, 0), at(FinalTranscript, 100), at(AgentStarted, 900), at(UserStopped, 1500), at(FinalTranscript, 1600),
			},
			want: "900ms = transcription 100ms + playout 800ms",
		},
		{
			name: "the first of several sentences counts",
			marks: []Occurrence{
				at(UserStopped, 0), at(TTSRequested, 500), at(FirstByte, 600), at(TTSRequested, 800), at(FirstByte, 950), at(AgentStarted, 700),
			},
			want: "700ms = aggregation 500ms + synthesis 100ms + playout 100ms",
		},
		{
			name: "a mark after the agent was heard explains nothing",
			marks: []Occurrence{
				at(UserStopped, 0), at(FirstByte, 5000), at(AgentStarted, 700),
			},
			want: "700ms = playout 700ms",
		},
		{
			// The user heard a filler phrase first; the answer came later.
			name: "a holding line, and the answer's first token after it",
			marks: []Occurrence{
				at(UserStopped, 0), at(TurnCommitted, 300), at(TTSRequested, 400), at(FirstByte, 600), at(AgentStarted, 650),
				at(FirstToken, 3300), at(TTSRequested, 3350), at(FirstByte, 3500),
			},
			want: "650ms = endpointing 300ms + aggregation 100ms + synthesis 200ms + playout 50ms",
		},
		{
			name: "a holding line while the model is asked",
			marks: []Occurrence{
				at(UserStopped, 0), at(FinalTranscript, 200), at(TurnCommitted, 300), at(LLMRequested, 310), at(TTSRequested, 400),
				at(FirstByte, 600), at(AgentStarted, 650), at(FirstToken, 3300),
			},
			want: "650ms = transcription 200ms + endpointing 100ms + dispatch 10ms + aggregation 90ms + synthesis 200ms + playout 50ms",
		},
		{
			name: "everything after the voice was heard, as from a clock that is behind",
			marks: []Occurrence{
				at(UserStopped, 0), at(FinalTranscript, 900), at(TurnCommitted, 901), at(LLMRequested, 902), at(FirstToken, 903),
				at(TTSRequested, 904), at(FirstByte, 905), at(AgentStarted, 700),
			},
			want: "700ms = playout 700ms",
		},
		{
			name: "a mark at the very instant in which the voice was heard",
			marks: []Occurrence{
				at(UserStopped, 0), at(FirstByte, 700), at(AgentStarted, 700),
			},
			want: "700ms = synthesis 700ms + playout 0s",
		},
		{
			name: "the last sentence's first byte is not the first's",
			marks: []Occurrence{
				at(UserStopped, 0), at(TTSRequested, 100), at(AgentStarted, 650), at(FirstByte, 900),
			},
			want: "650ms = aggregation 100ms + playout 550ms",
		},
		{
			name:   "negative",
			marks:  []Occurrence{at(UserStopped, 10), at(AgentStarted, 0)},
			reason: semconv.VoiceDropReasonNegative,
		},
		{
			name:   "longer than the maximum",
			marks:  []Occurrence{at(UserStopped, -3_600_001), at(AgentStarted, 0)},
			reason: semconv.VoiceDropReasonTooLong,
		},
		{
			name:     "the end of speech of the turn before",
			marks:    []Occurrence{at(UserStopped, 0), at(AgentStarted, 100)},
			previous: t0,
			reason:   semconv.VoiceDropReasonStale,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var m Marks
			for _, o := range tt.marks {
				m.Add(o)
			}
			l, ok, reason := m.Latency(tt.previous)
			got := ""
			if ok {
				got = describe(l)
			}
			if got != tt.want || reason != tt.reason {
				t.Errorf("\ngot  %q, dropped for %q\nwant %q, dropped for %q", got, reason, tt.want, tt.reason)
			}
		})
	}
}

// For any marks in any order, the segments sum to the response latency to the nanosecond,
// no segment is negative, and unknown segments are left out.
func TestSegmentsAlwaysSum(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 0))
	base := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
	now := time.Now() // With a monotonic clock, as the marks of a turn have.
	measured := 0
	for range 50_000 {
		var m Marks
		known := make(map[Mark]bool)
		for range rng.IntN(20) {
			mark := Mark(1 + rng.IntN(markCount-1))
			offset := time.Duration(rng.Int64N(int64(3 * time.Second)))
			at := base.Add(offset)
			if rng.IntN(2) == 0 {
				// The clock was stepped: same instant, different wall time.
				at = now.Add(base.Sub(now)).Add(offset)
			}
			m.Add(Occurrence{Mark: mark, At: at})
			known[mark] = true
		}
		l, ok, reason := m.Latency(time.Time{})
		if !known[UserStopped] || !known[AgentStarted] {
			if ok || reason != "" {
				t.Fatalf("seed %d: a latency %v (%q) without both ends, marks %v", seed, l, reason, m.list)
			}
			continue
		}
		if !ok {
			if reason == "" {
				t.Fatalf("seed %d: no latency and no reason, marks %v", seed, m.list)
			}
			continue
		}
		measured++
		var sum time.Duration
		for _, s := range l.Segments() {
			if s.Duration < 0 {
				t.Fatalf("seed %d: negative %s in %s", seed, s.Name, describe(l))
			}
			sum += s.Duration
		}
		if sum != l.Response {
			t.Fatalf("seed %d: segments sum to %v in %s", seed, sum, describe(l))
		}
		for _, b := range boundaries {
			found := false
			for _, s := range l.Segments() {
				found = found || s.Name == b.segment
			}
			if found && !known[b.mark] {
				t.Fatalf("seed %d: %s is reported without its mark: %s", seed, b.segment, describe(l))
			}
		}
	}
	if measured < 1000 {
		t.Errorf("only %d of 50,000 runs measured anything: too few to test", measured)
	}
}

func TestToolTimeIsNotCountedTwice(t *testing.T) {
	base := time.Now()
	at := func(ms int) time.Time { return base.Add(time.Duration(ms) * time.Millisecond) }
	for _, tt := range []struct {
		name  string
		tools []Interval
		want  time.Duration
	}{
		{"none", nil, 0},
		{"one", []Interval{{at(100), at(300)}}, 200 * time.Millisecond},
		{"one after the other", []Interval{{at(100), at(200)}, {at(300), at(400)}}, 200 * time.Millisecond},
		{"side by side", []Interval{{at(100), at(300)}, {at(200), at(400)}}, 300 * time.Millisecond},
		{"one inside the other, ended first", []Interval{{at(200), at(250)}, {at(100), at(400)}}, 300 * time.Millisecond},
		{"before the user stopped and after the agent spoke", []Interval{{at(-100), at(50)}, {at(900), at(1200)}}, 150 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := Overlap(tt.tools, at(0), at(1000)); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}
