// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// The agent works in the part of a silence that is in its turn. That part alone is not dead air.
func TestActivityInASilenceThatIsLongerThanTheTurn(t *testing.T) {
	for _, tt := range []struct {
		name                string
		before, work, after float64 // The silence. The turn has the work.
		isLast              bool    // The turn begins before the silence, and ends in it.
		want                string
	}{
		{"the turn ends in it", 0, 2, 1.5, true, "tool 3.500"},
		{"the turn begins in it", 1.5, 2, 0, false, "tool 3.500"},
		{"the work is the lesser part", 0, 1.5, 2, true, "listening 3.500"},
		{"the silence is as long as the bound", 0, 2, 1, true, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				ctx, session := tel.StartSession(t.Context())
				speak := func(turn *otelvoice.Turn) {
					turn.Mark(otelvoice.AgentStarted)
					passes(1)
					turn.Mark(otelvoice.AgentStopped)
				}
				work := func(turn *otelvoice.Turn) {
					_, tool := turn.StartTool(ctx, "look_up")
					passes(tt.work)
					tool.End(nil)
				}
				_, turn := session.StartTurn(ctx, otelvoice.AgentInitiated())
				speak(turn)
				if tt.isLast {
					work(turn)
				}
				turn.End()
				passes(tt.before)
				_, next := session.StartTurn(ctx, otelvoice.AgentInitiated())
				if !tt.isLast {
					work(next)
				}
				passes(tt.after)
				speak(next)
				next.End()
				session.End()
				want := tt.want
				if want != "" {
					want = "voice.dead_air.activity=" + want
				}
				if got := points(rec, "voice.dead_air.duration"); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		})
	}
}
