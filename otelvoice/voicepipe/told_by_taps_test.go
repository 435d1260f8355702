// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// A difference is what the taps of a call record otherwise than its handles, and the rule of
// docs/live-calls.md that says why.
type difference struct {
	rule string
	what []string
}

// Each scenario is recorded twice in the same run: by the handles of the pipeline, and by the taps on the
// connections of the same agent.
func TestToldByTaps(t *testing.T) {
	rules, err := os.ReadFile("../../docs/live-calls.md")
	if err != nil {
		t.Fatal(err)
	}
	words := difference{"Words make a turn", []string{"1 turns, by taps 0"}}
	expected := map[string]difference{
		"no speech":           words,
		"stt failure":         words,
		"hang-up in mid turn": words,
		// At 4.5 s, when the user begins, 0.3 s were played. The piece that then plays ends at 4.55 s.
		"barge-in during playout": {"The position is all that was played", []string{"turn 1: voice.playout.position is 0.3, by taps 0.35"}},
		// The 50 ms that are played are silent. The line does not know that no more would have come.
		"llm failure after tokens": {"The first audible sample is the start", []string{
			"turn 1: voice.turn.response_latency is 0.000 s, by taps 1.200 s",
			"turn 1: voice.turn.segment.transcription is 0.000 s, by taps 0.350 s",
			"turn 1: voice.turn.segment.endpointing is 0.000 s, by taps 0.150 s",
			"turn 1: voice.turn.segment.dispatch is 0.000 s, by taps 0.000 s",
			"turn 1: voice.turn.segment.generation is 0.000 s, by taps 0.400 s",
			"turn 1: voice.turn.segment.aggregation is 0.000 s, by taps 0.200 s",
			"turn 1: voice.turn.segment.synthesis is 0.000 s, by taps 0.100 s",
			"turn 1: voice.turn.segment.playout is 0.000 s, by taps 0.000 s",
		}},
	}
	for _, tt := range scenarios {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := ring(t)
				w := worldWith(t, c)
				w.out = voicepipe.Paced(func(f voiceprovider.Frame) error { c.play(f); return nil })
				w.cfg.Endpointing = 300 * ms
				if tt.setup != nil {
					tt.setup(w)
				}
				w.call(func() { tt.drive(w) })
				voicetest.Check(t, w.rec)
				voicetest.Check(t, c.rec)
				want := expected[tt.name]
				if got := differences(accountOf(w.rec), accountOf(c.rec)); !slices.Equal(got, want.what) {
					t.Errorf("differences:\n%s\nwant\n%s\nby handles\n%s\nby taps\n%s",
						strings.Join(got, "\n"), strings.Join(want.what, "\n"), w.rec.Timeline(), c.rec.Timeline())
				}
				if want.rule != "" && !bytes.Contains(rules, []byte("\n| "+want.rule+" |")) {
					t.Errorf("docs/live-calls.md has no rule %q", want.rule)
				}
			})
		})
	}
}
