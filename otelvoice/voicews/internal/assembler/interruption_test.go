// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// A user who interrupts speaks on after the agent has stopped, also if the words are known only later.
func TestOverlap(t *testing.T) {
	const none = ""
	for name, test := range map[string]struct {
		run           func(w *world)
		stop, overlap string
	}{
		"a detector hears the user, and the words come later": {func(w *world) {
			w.answersAtLength()
			w.starts()
			w.line.Event(&wire.Event{Kind: wire.Cleared})
			w.says()
		}, "0.2", "0.2"},
		"a detector hears the user, and the line is cleared later": {func(w *world) {
			w.answersAtLength()
			w.starts()
			w.pass(1000 * ms)
			w.line.Event(&wire.Event{Kind: wire.Cleared})
			w.pass(2000 * ms)
			w.says()
		}, "1.2", "1.2"},
		"the words are known before the line is cleared": {func(w *world) {
			w.answersAtLength()
			w.says()
			w.line.Event(&wire.Event{Kind: wire.Cleared})
		}, "1.3", "1"},
		"no words follow": {func(w *world) {
			w.answersAtLength()
			w.starts()
			w.line.Event(&wire.Event{Kind: wire.Cleared})
		}, "0.2", "0.2"},
		"nothing hears the user": {func(w *world) {
			w.answersAtLength()
			w.line.Event(&wire.Event{Kind: wire.Cleared})
		}, "0", none},
		"the agent stops sending when the user begins": {func(w *world) {
			w.ring()
			w.says()
			llm := w.thinks()
			w.paces(200, 30)
			llm.End(nil)
			w.starts()
			w.pass(2000 * ms)
			w.says()
		}, "0", none},
		"a model hears the user": {func(w *world) {
			m := w.connects()
			m.starts()
			m.listens(800 * ms)
			m.stops()
			m.responds("resp_1", 4000*ms)
			m.done("completed", 130, 100)
			m.starts()
			m.Event(&wire.Event{Kind: wire.Truncated, Audio: 1200 * ms})
			m.listens(2000 * ms)
			m.stops()
			m.Closed(nil)
		}, "0.2", "0.2"},
		"a model says only that it was interrupted": {func(w *world) {
			m := w.connects()
			m.listens(800 * ms)
			m.responds("resp_1", 4000*ms)
			m.Event(&wire.Event{Kind: wire.Interrupted})
			m.done("completed", 130, 100)
			m.Closed(nil)
		}, "0", none},
	} {
		t.Run(name, func(t *testing.T) {
			rec := record(t, assembler.Config{}, func(w *world) {
				test.run(w)
				w.pass(3000 * ms)
			})
			if got := valueOf(rec, "voice.turn", "voice.interruption.stop_time"); got != test.stop {
				t.Errorf("voice.interruption.stop_time is %q, want %q", got, test.stop)
			}
			if got := valueOf(rec, "voice.turn", "voice.interruption.overlap"); got != test.overlap {
				t.Errorf("voice.interruption.overlap is %q, want %q", got, test.overlap)
			}
		})
	}
}

// answersAtLength is a call and an exchange in whose answer, of two seconds, the agent is heard for 0.58 s.
func (w *world) answersAtLength() {
	w.ring()
	w.says()
	llm := w.thinks()
	w.speaks(10, "m1")
	llm.End(nil)
	w.pass(400 * ms)
}

// A frame can be under way when the program clears the line. It is the rest of the old answer, also if all of that was made.
func TestFramesAfterAnInterruption(t *testing.T) {
	tell(t, "frames after an interruption when all was made", assembler.Config{}, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.speaks(5, "")
		llm.End(nil)
		w.pass(300 * ms)
		w.starts()
		w.line.Event(&wire.Event{Kind: wire.Cleared})
		for range 3 {
			w.pass(20 * ms)
			w.line.Event(&wire.Event{Kind: wire.Audio, Data: make([]byte, 160)})
		}
		w.says()
		w.replies()
		w.pass(2000 * ms)
		w.hangsUp()
	})
}
