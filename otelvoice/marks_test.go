// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"fmt"
	"testing"
	"time"
)

func TestMarksAreBounded(t *testing.T) {
	var m marks
	base := time.Now()
	for i := range 10_000 {
		for mark := UserStarted; mark <= AgentStopped; mark++ {
			m.add(occurrence{mark: mark, at: base.Add(time.Duration(i))})
		}
	}
	if want := maxMarks * (markCount - 1); len(m.list) != want {
		t.Errorf("%d occurrences are kept, want %d", len(m.list), want)
	}
}

// A user who hesitates has a latency, too.
func TestPausesKeepOutNoMark(t *testing.T) {
	for _, pauses := range []int{1, 15, 16, 17, 32, 33, 64, 1000} {
		t.Run(fmt.Sprint(pauses), func(t *testing.T) {
			var m marks
			base := time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)
			stopped := base.Add(time.Duration(pauses) * time.Second)
			for i := range pauses {
				m.add(occurrence{mark: UserStarted, at: base.Add(time.Duration(i) * time.Second)})
				m.add(occurrence{mark: FinalTranscript, at: base.Add(time.Duration(i)*time.Second + 900*time.Millisecond)})
				m.add(occurrence{mark: UserStopped, at: base.Add(time.Duration(i+1) * time.Second), anchor: AnchorVAD})
			}
			for _, o := range []struct {
				mark Mark
				ms   int
			}{{FinalTranscript, 200}, {TurnCommitted, 300}, {LLMRequested, 310}, {FirstToken, 700}, {TTSRequested, 720}, {FirstByte, 900}, {AgentStarted, 940}} {
				m.add(occurrence{mark: o.mark, at: stopped.Add(time.Duration(o.ms) * time.Millisecond)})
			}
			l, ok, reason := m.latency(time.Time{})
			const want = "940ms = transcription 200ms + endpointing 100ms + dispatch 10ms + generation 390ms + aggregation 20ms + synthesis 180ms + playout 40ms"
			if got := describe(l); !ok || got != want || l.Anchor != AnchorVAD {
				t.Errorf("\ngot  %s, anchor %q, dropped for %q\nwant %s", got, l.Anchor, reason, want)
			}
		})
	}
}

// The anchor is that of the end of speech that counts, not that of the barge-in after it.
func TestAnchorIsThatOfTheLatency(t *testing.T) {
	var m marks
	base := time.Now()
	m.add(occurrence{mark: UserStopped, at: base, anchor: AnchorVAD})
	m.add(occurrence{mark: AgentStarted, at: base.Add(time.Second)})
	m.add(occurrence{mark: UserStopped, at: base.Add(3 * time.Second), anchor: AnchorManual})
	if l, _, _ := m.latency(time.Time{}); l.Anchor != AnchorVAD {
		t.Errorf("got %q, want %q", l.Anchor, AnchorVAD)
	}
}

// allMarks keeps every occurrence: the reference for marks.
func allMarks(occurrences []occurrence) *marks { return &marks{list: occurrences} }

// FuzzBoundedMarks holds the latency from bounded marks against that from all of them, for
// marks in the order of time, and for those of which AgentStarted is told last. It holds the bound
// for marks in any order.
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
		var bounded, late marks
		var all, told []occurrence
		now := 0
		for i := 0; i+1 < len(steps) && i < 4000; i += 2 {
			if now += int(steps[i+1]); !ordered {
				now = int(steps[i+1]) * 8
			}
			o := occurrence{mark: UserStarted + Mark(int(steps[i])%(markCount-1)), at: base.Add(time.Duration(now) * time.Millisecond)}
			bounded.add(o)
			all = append(all, o)
			if o.mark == AgentStarted {
				told = append(told, o)
			} else {
				late.add(o)
			}
		}
		for _, o := range told {
			late.add(o)
		}
		if n := maxMarks * (markCount - 1); len(bounded.list) > n || len(late.list) > n {
			t.Fatalf("%d and %d occurrences are kept", len(bounded.list), len(late.list))
		}
		if !ordered {
			return
		}
		want, wantOK, wantReason := allMarks(all).latency(time.Time{})
		got, ok, reason := bounded.latency(time.Time{})
		if describe(got) != describe(want) || ok != wantOK || reason != wantReason {
			t.Errorf("\ngot  %s %v %q\nwant %s %v %q", describe(got), ok, reason, describe(want), wantOK, wantReason)
		}
		// When there were too many marks after it, the end of speech is unknown, but none is made up.
		if got, ok, _ := late.latency(time.Time{}); ok && got.Response != want.Response {
			t.Errorf("told late\ngot  %s\nwant %s %v", describe(got), describe(want), wantOK)
		}
	})
}
