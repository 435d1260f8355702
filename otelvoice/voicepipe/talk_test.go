// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// conversationOf lists what the spans with a name tell of who spoke, one line for each span.
func conversationOf(rec *voicetest.Recorder, name string) string {
	var lines []string
	for _, s := range rec.Named(name) {
		var out []string
		for _, kv := range s.Attributes() {
			key := strings.TrimPrefix(string(kv.Key), "voice.")
			group, _, _ := strings.Cut(key, ".")
			if !slices.Contains([]string{"talk", "overlap", "silence", "interruption", "false_interruption", "agent_interruption", "backchannel"}, group) ||
				strings.HasSuffix(key, ".longest") || key == "interruption.source" || kv.Value.String() == "0" {
				continue
			}
			text := kv.Value.String()
			if kv.Value.Type() == attribute.FLOAT64 {
				text = fmt.Sprintf("%.3g", kv.Value.AsFloat64())
			}
			out = append(out, key+"="+text)
		}
		slices.Sort(out)
		lines = append(lines, strings.Join(out, " "))
	}
	return strings.Join(lines, "\n")
}

// Who speaks in the scenarios, by the handles of the pipeline and by the taps on the connections of the same
// agent.
func TestWhoSpeaksInScenarios(t *testing.T) {
	for _, tt := range []struct {
		name                 string
		session, turns       string // Without what is 0.
		tapSession, tapTurns string // Empty if they are the same.
	}{
		{
			// The user from 1.0 to 3.0, the agent from 4.2 to 5.2.
			name:    "normal",
			session: "silence.duration=1.2 talk.agent.duration=1 talk.agent.ratio=0.333 talk.user.duration=2",
			turns:   "talk.agent.duration=1 talk.user.duration=2",
		},
		{
			// The user to 3.0 and from 3.7 to 4.7, the agent from 5.9.
			name:    "barge-in during llm",
			session: "interruption.restarted.count=1 silence.duration=1.9 talk.agent.duration=1 talk.agent.ratio=0.25 talk.user.duration=3",
			turns:   "talk.user.duration=2\ninterruption.recovery=restarted talk.agent.duration=1 talk.user.duration=1",
		},
		{
			// The user from 4.5 to 5.5, the agent from 4.2. The piece that plays when the user begins ends at 4.55.
			name:    "barge-in during playout",
			session: "interruption.restarted.count=1 overlap.duration=0.05 silence.duration=2.4 talk.agent.duration=1.35 talk.agent.ratio=0.31 talk.user.duration=3",
			turns: "interruption.overlap=0.05 interruption.stop_time=0.05 talk.agent.duration=0.35 talk.user.duration=2\n" +
				"interruption.recovery=restarted talk.agent.duration=1 talk.user.duration=1",
		},
		{
			// The agent pauses from 4.55 to 4.7. Taps do not know why.
			name: "false interruption",
			session: "false_interruption.count=1 interruption.resumed.count=1 silence.duration=1.2 talk.agent.duration=1.15 " +
				"talk.agent.ratio=0.365 talk.user.duration=2",
			turns:      "interruption.recovery=resumed talk.agent.duration=1.15 talk.user.duration=2",
			tapSession: "silence.duration=1.2 talk.agent.duration=1.15 talk.agent.ratio=0.365 talk.user.duration=2",
			tapTurns:   "talk.agent.duration=1.15 talk.user.duration=2",
		},
		{
			// The user from 5.15 to 5.35, the agent until 5.2 and from 6.35.
			name:    "short answer over the last word",
			session: "overlap.duration=0.05 silence.duration=2.2 talk.agent.duration=2 talk.agent.ratio=0.476 talk.user.duration=2.2",
			turns:   "talk.agent.duration=1 talk.user.duration=2\ntalk.agent.duration=1 talk.user.duration=0.2",
		},
		{
			// The user from 1.0 to the hang-up at 2.0. To taps, words make a turn.
			name: "hang-up in mid turn", session: "talk.user.duration=1", turns: "talk.user.duration=1", tapSession: "none", tapTurns: "none",
		},
		{
			// The agent from 4.2 to the hang-up at 4.5.
			name:    "hang-up in mid answer",
			session: "silence.duration=1.2 talk.agent.duration=0.3 talk.agent.ratio=0.13 talk.user.duration=2",
			turns:   "talk.agent.duration=0.3 talk.user.duration=2",
		},
		{
			// The user from 1.0 to 2.0 and from 2.4 to 3.4, the agent from 4.6.
			name:    "pause in mid sentence",
			session: "silence.duration=1.6 talk.agent.duration=1 talk.agent.ratio=0.333 talk.user.duration=2",
			turns:   "talk.agent.duration=1 talk.user.duration=2",
		},
		{name: "greeting", session: "talk.agent.duration=1 talk.agent.ratio=1", turns: "talk.agent.duration=1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := ring(t)
				w := worldWith(t, c)
				w.out = voicepipe.Paced(func(f voiceprovider.Frame) error { c.play(f); return nil })
				w.cfg.Endpointing = 300 * ms
				w.tts = nil // The usual voice, without the silence at its start.
				w.speaks(&tts{scripts: [][]step[voiceprovider.Frame]{{
					{after: 100 * ms, value: sound(50 * ms)}, {after: 50 * ms, value: sound(450 * ms)}, {after: 50 * ms, value: sound(500 * ms)},
				}}})
				of := scenarios[slices.IndexFunc(scenarios, func(s scenario) bool { return s.name == tt.name })]
				if of.setup != nil {
					of.setup(w)
				}
				w.call(func() { of.drive(w) })
				for _, of := range []struct {
					rec            *voicetest.Recorder
					session, turns string
				}{{w.rec, tt.session, tt.turns}, {c.rec, cmp.Or(tt.tapSession, tt.session), cmp.Or(tt.tapTurns, tt.turns)}} {
					session, turns := cmp.Or(conversationOf(of.rec, "voice.session"), "none"), cmp.Or(conversationOf(of.rec, "voice.turn"), "none")
					// The detector hears the user 20 ms before the first word. Whichever the taps know first counts.
					turns = strings.NewReplacer("stop_time=0.07", "stop_time=0.05", "overlap=0.07", "overlap=0.05").Replace(turns)
					if session != of.session || turns != of.turns {
						t.Errorf("taps %v\ngot\n%s\n%s\nwant\n%s\n%s", of.rec == c.rec, session, turns, of.session, of.turns)
					}
				}
			})
		})
	}
}
