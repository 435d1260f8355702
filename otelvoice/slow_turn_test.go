// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// The budget is 2 s. Each case tells after which time of the turn's start the function is called.
func TestSlowTurn(t *testing.T) {
	const stop, start, heard = otelvoice.UserStopped, otelvoice.UserStarted, otelvoice.AgentStarted
	wait := func(d time.Duration) { <-time.After(d) }
	for _, tt := range []struct {
		name string
		call func(*otelvoice.Turn)
		want []time.Duration
	}{
		{"nothing heard", func(u *otelvoice.Turn) { u.Mark(stop); wait(5 * time.Second) }, []time.Duration{2 * time.Second}},
		{"just in time", func(u *otelvoice.Turn) {
			u.Mark(stop)
			wait(1999 * time.Millisecond)
			u.Mark(heard)
			wait(5 * time.Second)
		}, nil},
		{"the user goes on", func(u *otelvoice.Turn) {
			u.Mark(stop)
			wait(time.Second)
			u.Mark(start)
			wait(3 * time.Second)
			u.Mark(stop) // At 4 s.
			wait(5 * time.Second)
		}, []time.Duration{6 * time.Second}},
		{"a second end without a start", func(u *otelvoice.Turn) {
			u.Mark(stop)
			wait(time.Second)
			u.Mark(stop)
			wait(5 * time.Second)
		}, []time.Duration{3 * time.Second}},
		{"hangover counts", func(u *otelvoice.Turn) {
			wait(time.Second)
			u.VADStopped(time.Time{}, 500*time.Millisecond) // t0 is at 0.5 s.
			wait(5 * time.Second)
		}, []time.Duration{2500 * time.Millisecond}},
		{"once a turn", func(u *otelvoice.Turn) {
			u.Mark(stop)
			wait(3 * time.Second)
			u.Mark(stop)
			wait(3 * time.Second)
		}, []time.Duration{2 * time.Second}},
		{"turn ended", func(u *otelvoice.Turn) { u.Mark(stop); u.End(); wait(5 * time.Second) }, nil},
		{"clock ahead", func(u *otelvoice.Turn) { u.MarkAt(stop, time.Now().Add(time.Hour)); wait(5 * time.Second) }, nil},
		{"clock behind", func(u *otelvoice.Turn) { u.MarkAt(stop, time.Now().Add(-2*time.Hour)); wait(5 * time.Second) }, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var all, one []time.Duration
				began := time.Now()
				tel, _ := voicetest.Setup(t, voicesdk.WithInstrumentation(
					otelvoice.WithLatencyBudget(2*time.Second),
					otelvoice.WithSlowTurn(func(otelvoice.SlowTurn) { all = append(all, time.Since(began)) })))
				_, session := tel.StartSession(t.Context())
				session.OnSlowTurn(func(otelvoice.SlowTurn) { panic("the turn goes on") })
				session.OnSlowTurn(func(otelvoice.SlowTurn) { one = append(one, time.Since(began)) })
				_, turn := session.StartTurn(t.Context())
				tt.call(turn)
				synctest.Wait()
				turn.End()
				session.End()
				if !slices.Equal(all, tt.want) || !slices.Equal(one, tt.want) {
					t.Errorf("called at %v and %v, want %v", all, one, tt.want)
				}
			})
		})
	}
}

func TestSlowTurnNamesTheOpenStage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithLatencyBudget(2*time.Second)))
		_, session := tel.StartSession(t.Context())
		defer session.End()
		var got []otelvoice.OpenStage
		session.OnSlowTurn(func(slow otelvoice.SlowTurn) { got = slow.Stages })
		ctx, turn := session.StartTurn(t.Context())
		turn.Mark(otelvoice.UserStopped)
		<-time.After(300 * time.Millisecond)
		since := time.Now()
		_, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o"})
		<-time.After(5 * time.Second)
		synctest.Wait()
		llm.End(nil)
		want := []otelvoice.OpenStage{{Kind: "llm", Provider: "openai", Model: "gpt-4o", Since: since}}
		if !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
}

func TestSnapshotStates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, _ := voicetest.Setup(t)
		_, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("sess_1"))
		check := func(state otelvoice.State, turns, open int) {
			t.Helper()
			all := tel.Sessions()
			if len(all) != 1 {
				t.Fatalf("%d sessions, want 1", len(all))
			}
			if s := all[0]; s.ID != "sess_1" || s.State != state || s.Turns != turns || len(s.Open) != open {
				t.Errorf("got %+v, want %s, %d turns, %d open", s, state, turns, open)
			}
			<-time.After(time.Second)
		}
		check(otelvoice.StateIdle, 0, 0)
		_, turn := session.StartTurn(t.Context())
		for _, of := range []struct {
			mark  otelvoice.Mark
			state otelvoice.State
		}{
			{otelvoice.UserStarted, otelvoice.StateListening},
			{otelvoice.UserStopped, otelvoice.StateThinking},
			{otelvoice.AgentStarted, otelvoice.StateSpeaking},
			{otelvoice.AgentStopped, otelvoice.StateIdle},
		} {
			turn.Mark(of.mark)
			check(of.state, 1, 1)
		}
		turn.End()
		check(otelvoice.StateIdle, 1, 0)
		session.End()
		if all := tel.Sessions(); len(all) != 0 {
			t.Errorf("%d sessions after End", len(all))
		}
	})
}
