// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice"
)

func TestInterruptions(t *testing.T) {
	for _, tt := range []struct {
		name    string
		talk    func(c *talkedCall)
		session string
		turns   string // By their end.
	}{
		{
			// The user speaks from 7.0, the agent falls silent at 7.4, and it answers again.
			"a barge-in", func(c *talkedCall) {
				first := c.turn(1).user(1, 3).agent(4, 7.4).interrupted(7.2)
				second := c.turn(7).user(7, 0)
				first.End()
				second.mark(otelvoice.UserStopped, 9).agent(10, 12).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=1 interruption.resumed.count=0",
			"interruption.overlap=0.4 interruption.stop_time=0.4\ninterruption.recovery=restarted",
		},
		{
			// The user's turn starts too late to tell since when the user spoke.
			"a barge-in without the start of the speech", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 7.4).interrupted(7.2).End()
				c.turn(7).user(7, 9).agent(10, 12).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=1 interruption.resumed.count=0",
			"interruption.stop_time=0.2\ninterruption.recovery=restarted",
		},
		{
			"a barge-in with the start of the speech", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 7.4).interrupted(7.2, otelvoice.SpokenSince(c.at(7))).End()
				c.turn(7).user(7, 9).agent(10, 12).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=1 interruption.resumed.count=0",
			"interruption.stop_time=0.4\ninterruption.recovery=restarted",
		},
		{
			// The agent is silent 0.5 s after the user started, who spoke for 0.2 s.
			"a short word that interrupts", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 7.5).user(7, 7.2).interrupted(7.3).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=0 interruption.resumed.count=0",
			"interruption.overlap=0.2 interruption.stop_time=0.5",
		},
		{
			"the agent resumes the answer", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 7.4).user(7, 8).interrupted(7.1).agent(9, 11).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=0 interruption.resumed.count=1",
			"interruption.overlap=0.4 interruption.recovery=resumed interruption.stop_time=0.4",
		},
		{
			"an interruption before the agent is heard", func(c *talkedCall) {
				first := c.turn(1).user(1, 3).interrupted(4)
				second := c.turn(4).user(4, 5)
				first.End()
				second.agent(6, 7).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=1 interruption.resumed.count=0",
			"\ninterruption.recovery=restarted",
		},
		{
			"an interruption after the agent was heard", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 6).interrupted(7).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=0 interruption.resumed.count=0", "",
		},
		{
			"an interruption that is dismissed", func(c *talkedCall) {
				turn := c.turn(1).user(1, 3).agent(4, 10).user(6, 6.3).interrupted(6.1)
				turn.FalseInterruption()
				turn.End()
			},
			"agent_interruption.count=0 backchannel.count=0 false_interruption.count=1 interruption.restarted.count=0 interruption.resumed.count=1",
			"interruption.recovery=resumed",
		},
		{
			"a dismissal without an interruption", func(c *talkedCall) {
				turn := c.turn(1).user(1, 3).agent(4, 10).user(6, 6.3)
				turn.FalseInterruption() // Of the last speech.
				turn.End()
			},
			"agent_interruption.count=0 backchannel.count=0 false_interruption.count=1 interruption.restarted.count=0 interruption.resumed.count=1",
			"interruption.recovery=resumed",
		},
		{
			"a cough that becomes a turn", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 7.5).interrupted(7.2).End()
				cough := c.turn(7).user(7, 7.3)
				cough.SetOutcome(otelvoice.Abandoned)
				cough.End()
				c.turn(9, otelvoice.AgentInitiated()).agent(9, 11).End()
			},
			"agent_interruption.count=0 backchannel.count=0 false_interruption.count=1 interruption.restarted.count=1 interruption.resumed.count=0",
			"interruption.stop_time=0.3\n\ninterruption.recovery=restarted",
		},
		{
			// The turn of the backchannel ends before the one that interrupted.
			"a barge-in and a backchannel within the next answer", func(c *talkedCall) {
				first := c.turn(1).user(1, 3).agent(4, 7.4).interrupted(7.2)
				second := c.turn(7).user(7, 9).mark(otelvoice.FinalTranscript, 9.5)
				first.End()
				second.agent(10, 16)
				backchannel := c.turn(12).user(12, 12.3)
				backchannel.SetOutcome(otelvoice.Abandoned)
				backchannel.End()
				second.End()
			},
			"agent_interruption.count=0 backchannel.count=1 interruption.restarted.count=1 interruption.resumed.count=0",
			"interruption.overlap=0.4 interruption.stop_time=0.4\n\ninterruption.recovery=restarted",
		},
		{
			"no turn of the user follows", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 7.5).interrupted(7.2).End()
				c.turn(9, otelvoice.AgentInitiated()).agent(9, 11).End()
			},
			"agent_interruption.count=0 backchannel.count=0 false_interruption.count=1 interruption.restarted.count=1 interruption.resumed.count=0",
			"interruption.stop_time=0.3\ninterruption.recovery=restarted",
		},
		{
			"a backchannel", func(c *talkedCall) { c.turn(1).user(1, 3).agent(4, 10).user(6, 6.5).End() },
			"agent_interruption.count=0 backchannel.count=1", "",
		},
		{
			"a backchannel in a turn of its own", func(c *talkedCall) {
				answer := c.turn(1).user(1, 3).agent(4, 0)
				c.turn(6).user(6, 6.5).End()
				answer.mark(otelvoice.AgentStopped, 10).End()
			},
			"agent_interruption.count=0 backchannel.count=1", "\n",
		},
		{
			"the agent interrupts", func(c *talkedCall) { c.turn(1).user(1, 5).agent(4, 6).End() },
			"agent_interruption.count=1 agent_interruption.overlap=1 backchannel.count=0", "agent_interruption.overlap=1",
		},
		{
			// The user speaks until 8, the agent from 4 to 6, in a turn of its own.
			"the agent interrupts with another turn", func(c *talkedCall) {
				user := c.turn(1).user(1, 0)
				c.turn(4, otelvoice.AgentInitiated()).agent(4, 6).End()
				user.mark(otelvoice.UserStopped, 8).agent(9, 10).End()
			},
			"agent_interruption.count=1 agent_interruption.overlap=2 backchannel.count=0", "agent_interruption.overlap=2\n",
		},
		{
			"the agent interrupts, and the user talks on", func(c *talkedCall) {
				c.turn(1).user(1, 5).agent(4, 6).user(5.5, 7).interrupted(5.6).End()
			},
			"agent_interruption.count=1 agent_interruption.overlap=1 backchannel.count=0 interruption.restarted.count=0 interruption.resumed.count=0",
			"agent_interruption.overlap=1 interruption.overlap=0.5 interruption.stop_time=0.5",
		},
		{
			// One voice from 4 to 7.5.
			"sentences without a pause", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 6).agent(6, 7.5).interrupted(5.9).End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=0 interruption.resumed.count=0",
			"interruption.stop_time=1.6",
		},
		{
			"the interrupted turn ends after the next one", func(c *talkedCall) {
				first := c.turn(1).user(1, 3).agent(4, 7.4).interrupted(7.2)
				c.turn(7).user(7, 9).agent(10, 12).End()
				first.End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=1 interruption.resumed.count=0",
			"\ninterruption.overlap=0.4 interruption.stop_time=0.4",
		},
		{
			"the agent spoke before the interruption, in a later turn", func(c *talkedCall) {
				first, filler := c.turn(1).user(1, 3).agent(6, 7.5).interrupted(7.2), c.turn(4, otelvoice.AgentInitiated()).agent(4, 5)
				first.End()
				filler.End()
			},
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=0 interruption.resumed.count=0",
			"interruption.stop_time=0.3\n",
		},
		{
			"the end of the resumed answer is not marked", func(c *talkedCall) {
				c.turn(1).user(1, 3).agent(4, 7.4).interrupted(7.2).agent(9, 0).End()
			},
			"interruption.restarted.count=0 interruption.resumed.count=1", "interruption.recovery=resumed",
		},
		{
			"a cough in a turn that ends first", func(c *talkedCall) {
				first, cough := c.turn(1).user(1, 3).agent(4, 7.5).interrupted(7.2), c.turn(7).user(7, 7.3)
				cough.End()
				first.End()
			},
			"agent_interruption.count=0 backchannel.count=0 false_interruption.count=1 interruption.restarted.count=0 interruption.resumed.count=0",
			"\ninterruption.overlap=0.3 interruption.stop_time=0.5",
		},
		{
			"a dismissed cough in another turn", func(c *talkedCall) {
				first, cough := c.turn(1).user(1, 3).agent(4, 10).interrupted(6.4), c.turn(6).user(6, 6.3)
				first.FalseInterruption()
				cough.End()
				first.End()
			},
			"agent_interruption.count=0 backchannel.count=0 false_interruption.count=1 interruption.restarted.count=0 interruption.resumed.count=1",
			"\ninterruption.recovery=resumed",
		},
		{
			"the agent interrupts the user of a turn that ends first", func(c *talkedCall) {
				user, agent := c.turn(1).user(1, 5), c.turn(4, otelvoice.AgentInitiated()).agent(4, 7)
				user.End()
				agent.End()
			},
			"agent_interruption.count=1 agent_interruption.overlap=1 backchannel.count=0", "\nagent_interruption.overlap=1",
		},
		{
			"hang-up over the agent", func(c *talkedCall) { c.turn(1).user(1, 3).agent(58, 0).interrupted(59) },
			"agent_interruption.count=0 backchannel.count=0 interruption.restarted.count=0 interruption.resumed.count=0", "",
		},
		{
			"the agent's end is not marked", func(c *talkedCall) { c.turn(1).user(1, 3).agent(4, 0).interrupted(7).End() },
			"interruption.restarted.count=0 interruption.resumed.count=0", "",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				rec := talkedIn(t, nil, tt.talk)
				if got := toldOf(rec, "voice.session", interruptionPrefixes...); got != tt.session {
					t.Errorf("\ngot  %s\nwant %s", got, tt.session)
				}
				if got := toldOf(rec, "voice.turn", interruptionPrefixes...); got != tt.turns {
					t.Errorf("turns\ngot\n%s\nwant\n%s", got, tt.turns)
				}
			})
		})
	}
}

// The turns that a barge-in and a backchannel are of, in metrics.
func TestMetricsOfConversations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := talkedIn(t, nil, func(c *talkedCall) {
			first := c.turn(1).user(1, 3).agent(4, 7.4).interrupted(7.2)
			second := c.turn(7).user(7, 9)
			first.End()
			second.agent(10, 16).user(12, 13).End()
			c.turn(20).user(20, 24).agent(23.5, 26).End()
			c.turn(30).user(30, 31).agent(32, 34).interrupted(33.5).End()
			dismissed := c.turn(40).user(40, 41).agent(42, 44).interrupted(43)
			dismissed.FalseInterruption()
			dismissed.End()
		})
		// Talk: the user 2+2+1+4+1+1, the agent 3.4+6+2.5+2+2. Silence: 1+1+4+4+1+6+1.
		// Dead air: 16-20, 26-30 and 34-40.
		const phone = "voice.channel=phone "
		for name, want := range map[string]string{
			"voice.talk.duration":               phone + "voice.talk.side=agent 15.900\n" + phone + "voice.talk.side=user 11.000",
			"voice.talk.longest":                phone + "voice.talk.side=agent n=1 sum=6.000\n" + phone + "voice.talk.side=user n=1 sum=4.000",
			"voice.talk.agent.ratio":            phone + "n=1 sum=0.591",
			"voice.talk.unknown.count":          "",
			"voice.overlap.duration":            phone + "1.900", // 0.4, 1 and 0.5.
			"voice.silence.duration":            phone + "18.000",
			"voice.dead_air.count":              phone + "voice.dead_air.activity=listening 3",
			"voice.dead_air.duration":           phone + "voice.dead_air.activity=listening 14.000",
			"voice.dead_air.longest":            phone + "n=1 sum=6.000",
			"voice.interruption.stop_time":      phone + "voice.interruption.source=audio_activity n=2 sum=0.900", // 0.4 and 0.5.
			"voice.interruption.overlap":        phone + "voice.interruption.source=audio_activity n=1 sum=0.400",
			"voice.interruption.recovery.count": phone + "voice.interruption.recovery=restarted 2\n" + phone + "voice.interruption.recovery=resumed 1",
			"voice.false_interruption.count":    phone + "voice.false_interruption.reason=dismissed 1",
			"voice.agent_interruption.count":    phone + "1",
			"voice.agent_interruption.overlap":  phone + "n=1 sum=0.500",
			"voice.backchannel.count":           phone + "1",
		} {
			if got := points(rec, name); got != want {
				t.Errorf("%s\ngot  %s\nwant %s", name, got, want)
			}
		}
		if got := object(lineOf(t, rec, "session_end"), "extra_data")["voice.talk.user.duration"]; got != 11.0 {
			t.Errorf("the end line tells %v s of the user, want 11", got)
		}
	})
}
