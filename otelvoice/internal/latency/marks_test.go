// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"fmt"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

const testVAD, testManual Anchor = semconv.VoiceTurnAnchorVAD, semconv.VoiceTurnAnchorManual

func TestMarksAreBounded(t *testing.T) {
	var m Marks
	base := time.Now()
	for i := range 10_000 {
		for mark := UserStarted; mark <= AgentStopped; mark++ {
			m.Add(Occurrence{Mark: mark, At: base.Add(time.Duration(i))})
		}
	}
	if want := maxMarks * (markCount - 1); len(m.list) != want {
		t.Errorf("%d occurrences are kept, want %d", len(m.list), want)
	}
}

// A turn with many pauses still has a latency.
func TestManyPausesDropNoOtherMark(t *testing.T) {
	for _, pauses := range []int{1, 15, 16, 17, 32, 33, 64, 1000} {
		t.Run(fmt.Sprint(pauses), func(t *testing.T) {
			var m Marks
			base := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
			stopped := base.Add(time.Duration(pauses) * time.Second)
			for i := range pauses {
				m.Add(Occurrence{Mark: UserStarted, At: base.Add(time.Duration(i) * time.Second)})
				m.Add(Occurrence{Mark: FinalTranscript, At: base.Add(time.Duration(i)*time.Second + 900*time.Millisecond)})
				m.Add(Occurrence{Mark: UserStopped, At: base.Add(time.Duration(i+1) * time.Second), Anchor: testVAD})
			}
			for _, o := range []struct {
				mark Mark
				ms   int
			}{{FinalTranscript, 200}, {TurnCommitted, 300}, {LLMRequested, 310}, {FirstToken, 700}, {TTSRequested, 720}, {FirstByte, 900}, {AgentStarted, 940}} {
				m.Add(Occurrence{Mark: o.mark, At: stopped.Add(time.Duration(o.ms) * time.Millisecond)})
			}
			l, ok, reason := m.Latency(time.Time{})
			const want = "940ms = transcription 200ms + endpointing 100ms + dispatch 10ms + generation 390ms + aggregation 20ms + synthesis 180ms + playout 40ms"
			if got := describe(l); !ok || got != want || l.Anchor != testVAD {
				t.Errorf("\ngot  %s, anchor %q, dropped for %q\nwant %s", got, l.Anchor, reason, want)
			}
		})
	}
}

// The anchor belongs to the end of speech that the latency starts from, not to that of a later
// barge-in.
func TestAnchorIsThatOfTheLatency(t *testing.T) {
	var m Marks
	base := time.Now()
	m.Add(Occurrence{Mark: UserStopped, At: base, Anchor: testVAD})
	m.Add(Occurrence{Mark: AgentStarted, At: base.Add(time.Second)})
	m.Add(Occurrence{Mark: UserStopped, At: base.Add(3 * time.Second), Anchor: testManual})
	if l, _, _ := m.Latency(time.Time{}); l.Anchor != testVAD {
		t.Errorf("got %q, want %q", l.Anchor, testVAD)
	}
}

// allMarks keeps every occurrence. It is the reference for bounded marks.
func allMarks(occurrences []Occurrence) *Marks { return &Marks{list: occurrences} }

// FuzzBoundedMarks compares the latency of bounded marks with that of all marks, for marks in
// chronological order and with AgentStarted added last. It checks the bound for marks in any
// order.
func FuzzBoundedMarks(f *testing.F) {
	pauses := make([]byte, 0, 400)
	for range 40 {
		pauses = append(pauses, 0, 1, 0x11, 2) // UserStarted, 1 ms, UserStopped after 16 ms…
	}
	f.Add(pauses, true)
	f.Add(append(append([]byte{1, 5, 8, 5}, pauses...), 1, 5), true)
	f.Add([]byte{1, 5, 4, 5, 5, 5, 4, 5, 5, 5, 8, 9}, true)
	f.Add([]byte{1, 5, 9, 5, 8, 5}, false)
	f.Fuzz(func(t *testing.T, steps []byte, ordered bool) {
		base := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
		var bounded, late Marks
		var all, deferred []Occurrence
		now := 0
		for i := 0; i+1 < len(steps) && i < 4000; i += 2 {
			if now += int(steps[i+1]); !ordered {
				now = int(steps[i+1]) * 8
			}
			o := Occurrence{Mark: UserStarted + Mark(int(steps[i])%(markCount-1)), At: base.Add(time.Duration(now) * time.Millisecond)}
			bounded.Add(o)
			all = append(all, o)
			if o.Mark == AgentStarted {
				deferred = append(deferred, o)
			} else {
				late.Add(o)
			}
		}
		for _, o := range deferred {
			late.Add(o)
		}
		if n := maxMarks * (markCount - 1); len(bounded.list) > n || len(late.list) > n {
			t.Fatalf("%d and %d occurrences are kept", len(bounded.list), len(late.list))
		}
		if !ordered {
			return
		}
		want, wantOK, wantReason := allMarks(all).Latency(time.Time{})
		got, ok, reason := bounded.Latency(time.Time{})
		if describe(got) != describe(want) || ok != wantOK || reason != wantReason {
			t.Errorf("\ngot  %s %v %q\nwant %s %v %q", describe(got), ok, reason, describe(want), wantOK, wantReason)
		}
		// If too many marks followed the end of speech, it is unknown, but no latency is wrong.
		if got, ok, _ := late.Latency(time.Time{}); ok && got.Response != want.Response {
			t.Errorf("AgentStarted added last\ngot  %s\nwant %s %v", describe(got), describe(want), wantOK)
		}
	})
}
