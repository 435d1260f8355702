// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package playout_test

import (
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/playout"
)

const ms = time.Millisecond

func at(offset time.Duration) time.Time { return time.Unix(1000, 0).Add(offset) }

func TestAudioThatArrivesFasterThanItIsPlayed(t *testing.T) {
	var q playout.Queue
	if plays := q.Add(at(0), 200*ms); plays != at(0) {
		t.Errorf("the first audio plays at %v", plays)
	}
	if plays := q.Add(at(10*ms), 200*ms); plays != at(200*ms) {
		t.Errorf("the second audio plays at %v", plays)
	}
	for offset, want := range map[time.Duration]time.Duration{0: 0, 100 * ms: 100 * ms, 300 * ms: 300 * ms, 400 * ms: 400 * ms, 900 * ms: 400 * ms} {
		if got := q.Played(at(offset)); got != want {
			t.Errorf("after %v %v are played, want %v", offset, got, want)
		}
	}
	if !q.Waiting(at(399*ms)) || q.Waiting(at(400*ms)) {
		t.Error("the audio ends after 400 ms")
	}
	if q.Underruns != (playout.Underruns{}) || q.Confirmed {
		t.Errorf("%+v", q)
	}
}

func TestAudioThatAnotherPlays(t *testing.T) {
	var q playout.Queue
	q.Extend(at(0)) // Nothing plays.
	q.Begin(at(0))
	q.Extend(at(400 * ms))
	q.Extend(at(300 * ms))
	q.Begin(at(600 * ms))
	q.Extend(at(900 * ms))
	if q.Added() != 700*ms || q.Played(at(950*ms)) != 700*ms || q.Started() != at(0) || q.Ends() != at(900*ms) || q.Waiting(at(950*ms)) {
		t.Errorf("%v were queued, and %v played until %v", q.Added(), q.Played(at(950*ms)), q.Ends())
	}
	if q.Underruns.Count > 0 {
		t.Errorf("a pause is an underrun: %+v", q.Underruns)
	}
	q.Clear(at(1000 * ms))
	q.Extend(at(1100 * ms))
	if q.Played(at(1100*ms)) != 700*ms {
		t.Errorf("%v are played after a clear", q.Played(at(1100*ms)))
	}
}

func TestUnderruns(t *testing.T) {
	var q playout.Queue
	q.Add(at(0), 100*ms)
	q.Add(at(120*ms), 100*ms) // A late frame.
	q.Add(at(420*ms), 100*ms)
	q.Add(at(1520*ms), 100*ms)
	want := playout.Underruns{Count: 2, Total: 1200 * ms, Longest: 1000 * ms}
	if q.Underruns != want {
		t.Errorf("got %+v, want %+v", q.Underruns, want)
	}
}

func TestMarkCorrectsTheClock(t *testing.T) {
	var q playout.Queue
	q.Add(at(0), 100*ms)
	q.MarkSent("a")
	q.Add(at(0), 100*ms)
	q.MarkSent("b")
	if !q.MarkPlayed("a", at(250*ms)) { // The line began 150 ms late.
		t.Error("the mark was sent")
	}
	if got := q.Played(at(300 * ms)); got != 150*ms {
		t.Errorf("%v are played", got)
	}
	if !q.Waiting(at(2*time.Second)) || q.Waiting(at(3*time.Second)) {
		t.Error("a mark that has not come back is waited for")
	}
	if !q.MarkPlayed("b", at(350*ms)) || q.Waiting(at(350*ms)) || !q.Confirmed || q.Ends() != at(350*ms) {
		t.Errorf("%+v", q)
	}
}

func TestMarksThatWereNotSent(t *testing.T) {
	var q playout.Queue
	q.Add(at(0), 100*ms)
	q.MarkSent("a")
	if q.MarkPlayed("x", at(10*ms)) || q.Confirmed {
		t.Error("an unknown mark confirms nothing")
	}
	q.MarkPlayed("a", at(100*ms))
	if q.MarkPlayed("a", at(200*ms)) {
		t.Error("a mark counts once")
	}
}

func TestClear(t *testing.T) {
	var q playout.Queue
	q.Add(at(0), time.Second)
	q.MarkSent("a")
	if dropped := q.Clear(at(300 * ms)); dropped != 700*ms {
		t.Errorf("%v were dropped", dropped)
	}
	if q.MarkPlayed("a", at(310*ms)) || q.Confirmed {
		t.Error("the audio of the mark was not played")
	}
	if got := q.Played(at(time.Hour)); got != 300*ms || q.Waiting(at(300*ms)) || q.Clear(at(400*ms)) != 0 {
		t.Errorf("%v were played", got)
	}
	if plays := q.Add(at(2*time.Second), 100*ms); plays != at(2*time.Second) || q.Underruns.Count != 0 {
		t.Errorf("audio after a clear plays at %v, %+v", plays, q.Underruns)
	}
	if got := q.Played(at(3 * time.Second)); got != 400*ms {
		t.Errorf("%v were played in all", got)
	}
}

func TestManyMarks(t *testing.T) {
	var q playout.Queue
	for range 10000 {
		q.MarkSent("a")
	}
	if !q.MarkPlayed("a", at(0)) {
		t.Error("no mark is kept")
	}
}
