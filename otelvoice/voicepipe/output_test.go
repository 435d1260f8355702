// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// slow is an output that returns a while after its ctx has ended. It has no lock, so that the race
// detector sees two calls at once.
type slow struct {
	after   time.Duration
	playing bool
	starts  []time.Time
	overlap bool
}

func (s *slow) Play(ctx context.Context, f voiceprovider.Frame) error {
	s.overlap = s.overlap || s.playing
	s.playing = true
	s.starts = append(s.starts, time.Now())
	defer func() { s.playing = false }()
	select {
	case <-time.After(f.Duration()):
		return nil
	case <-ctx.Done():
		<-time.After(s.after)
		return ctx.Err()
	}
}

// An interrupted frame still plays when the agent answers again: the answer waits for it, at most
// for the timeout.
func TestFramesArePlayedOneAtATime(t *testing.T) {
	for _, tt := range []struct {
		name  string
		after time.Duration
		want  otelvoice.Outcome // Of the answer to the interruption.
	}{
		{"returns at once", 0, otelvoice.Completed},
		{"returns before the answer", time.Second, otelvoice.Completed},
		{"returns during the answer", 3 * time.Second, otelvoice.Completed},
		{"returns after the timeout", 20 * time.Second, otelvoice.Failed},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				out := &slow{after: tt.after}
				w.out, w.cfg.Greeting, w.cfg.MinInterruption = out, "Good evening.", -1
				var interrupted time.Time
				w.call(func() {
					pass(300 * ms)
					interrupted = time.Now()
					w.say(time.Second)
					pass(15 * time.Second)
				})
				pass(10 * time.Second) // Until the last Play has returned.
				if out.overlap {
					t.Error("Play was called while another call of it ran")
				}
				if len(w.turns) != 2 || w.turns[0].Outcome != otelvoice.Interrupted || w.turns[1].Outcome != tt.want {
					t.Fatalf("turns %+v, want an interrupted and a %s one", w.turns, tt.want)
				}
				if failed := errors.Is(w.errs[1], voiceprovider.ErrTimeout); failed != (tt.want == otelvoice.Failed) {
					t.Errorf("the answer's error is %v", w.errs[1])
				}
				for _, start := range out.starts {
					if since := start.Sub(interrupted); since >= 0 && since < tt.after {
						t.Errorf("a frame of the answer played %v after the interruption, before Play returned", since)
					}
				}
				voicetest.Check(t, w.rec)
			})
		})
	}
}
