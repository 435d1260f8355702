// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

func TestTalkAndSilence(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []otelvoice.Option
		talk func(c *talkedCall)
		want string
	}{
		{
			// Silence: 4-5, 7-8, 12-16 and 18-19, of which 4 s are longer than 3 s.
			"a call", nil, func(c *talkedCall) {
				c.turn(0, otelvoice.AgentInitiated()).agent(1, 4).End()
				c.turn(5).user(5, 7).agent(8, 12).End()
				c.turn(16).user(16, 18).agent(19, 22).End()
			},
			"dead_air.activity=listening dead_air.count=1 dead_air.duration=4 dead_air.longest=4 overlap.duration=0 session.time_since_speech=38 " +
				"silence.duration=7 talk.agent.duration=10 talk.agent.longest=4 talk.agent.ratio=0.714 talk.user.duration=4 talk.user.longest=2",
		},
		{
			"without a bound",
			[]otelvoice.Option{otelvoice.WithoutDeadAir()},
			func(c *talkedCall) {
				c.turn(5).user(5, 7).agent(18, 20).End()
			},
			"overlap.duration=0 session.time_since_speech=40 silence.duration=11 talk.agent.duration=2 talk.agent.longest=2 talk.agent.ratio=0.5 " +
				"talk.user.duration=2 talk.user.longest=2",
		},
		{
			"another bound",
			[]otelvoice.Option{otelvoice.WithDeadAir(12 * time.Second)},
			func(c *talkedCall) {
				c.turn(5).user(5, 7).agent(18, 20).End()
			},
			"dead_air.count=0 dead_air.duration=0 overlap.duration=0 session.time_since_speech=40 silence.duration=11 talk.agent.duration=2 " +
				"talk.agent.longest=2 talk.agent.ratio=0.5 talk.user.duration=2 talk.user.longest=2",
		},
		{
			// The user speaks from 1 to 4 and from 3 to 5: once, in two turns.
			"turns that overlap", nil, func(c *talkedCall) {
				first, second := c.turn(1), c.turn(3)
				second.user(3, 5).agent(6, 8).End()
				first.user(1, 4).End()
			},
			"dead_air.count=0 dead_air.duration=0 overlap.duration=0 session.time_since_speech=52 silence.duration=1 talk.agent.duration=2 " +
				"talk.agent.longest=2 talk.agent.ratio=0.333 talk.user.duration=4 talk.user.longest=4",
		},
		{
			// The pause from 2 to 3 is a part of the speech, because only its end was marked.
			"the end of speech is marked again", nil, func(c *talkedCall) {
				c.turn(1).user(1, 2).mark(otelvoice.UserStopped, 4).agent(5, 6).End()
			},
			"dead_air.count=0 dead_air.duration=0 overlap.duration=0 session.time_since_speech=54 silence.duration=1 talk.agent.duration=1 " +
				"talk.agent.longest=1 talk.agent.ratio=0.25 talk.user.duration=3 talk.user.longest=3",
		},
		{
			"the user pauses", nil, func(c *talkedCall) {
				c.turn(1).user(1, 2).user(3, 5).agent(6, 7).End()
			},
			"dead_air.count=0 dead_air.duration=0 overlap.duration=0 session.time_since_speech=53 silence.duration=2 talk.agent.duration=1 " +
				"talk.agent.longest=1 talk.agent.ratio=0.25 talk.user.duration=3 talk.user.longest=2",
		},
		{
			"hang-up while the agent speaks", nil, func(c *talkedCall) {
				c.turn(50).user(50, 54).agent(56, 0)
			},
			"dead_air.count=0 dead_air.duration=0 overlap.duration=0 session.time_since_speech=0 silence.duration=2 talk.agent.duration=4 " +
				"talk.agent.longest=4 talk.agent.ratio=0.5 talk.user.duration=4 talk.user.longest=4",
		},
		{"no turns", nil, func(*talkedCall) {}, ""},
		{
			"nobody speaks", nil, func(c *talkedCall) { c.turn(50, otelvoice.AgentInitiated()).End() },
			"talk.agent.duration=0 talk.agent.longest=0 talk.user.duration=0 talk.user.longest=0",
		},
		{
			// The second turn is known, but silence and dead air of the call are not.
			"the agent's end is not marked", nil, func(c *talkedCall) {
				c.turn(1).user(1, 2).agent(3, 0).End()
				c.turn(10).user(10, 12).agent(13, 14).End()
			},
			"talk.unknown.count=1 talk.user.duration=3 talk.user.longest=2",
		},
		{
			"the user's start is not marked", nil, func(c *talkedCall) {
				c.turn(1).mark(otelvoice.UserStopped, 2).agent(3, 5).End()
			},
			"talk.agent.duration=2 talk.agent.longest=2 talk.unknown.count=1",
		},
		{
			"the user is not marked", nil, func(c *talkedCall) { c.turn(1).agent(3, 5).End() },
			"talk.agent.duration=2 talk.agent.longest=2 talk.unknown.count=1",
		},
		{
			"a clock that jumps back", nil, func(c *talkedCall) {
				c.turn(1).user(5, 2).agent(6, 8).End()
			},
			"talk.agent.duration=2 talk.agent.longest=2 talk.unknown.count=1",
		},
		{
			"a clock in the future", nil, func(c *talkedCall) {
				c.turn(1).user(1, 2).agent(3, 90).End()
			},
			"talk.unknown.count=1 talk.user.duration=1 talk.user.longest=1",
		},
		{
			"a clock hours ago", nil, func(c *talkedCall) {
				c.turn(1).user(-7200, -7100).agent(3, 5).End()
				c.turn(5).user(-7200, 7).agent(8, 9).End()
			},
			"talk.agent.duration=3 talk.agent.longest=2 talk.unknown.count=2",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if got := toldOf(talkedIn(t, tt.opts, tt.talk), "voice.session", talkPrefixes...); got != tt.want {
					t.Errorf("\ngot  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}
