// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// A recogniser whose end-pointing is off sends final transcripts and no commits: the request to the
// language model says that the turn is complete.
func TestRulesWithoutCommits(t *testing.T) {
	var c assembler.Config
	tell(t, "the request commits", c, func(w *world) {
		w.ring()
		w.utters()
		w.pass(400 * ms)
		llm := w.thinks()
		w.speaks(5, "")
		llm.End(nil)
		w.pass(3000 * ms)
		w.utters() // These words are another turn's.
		llm = w.thinks()
		w.speaks(5, "")
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "speech after a final transcript", c, func(w *world) {
		w.ring()
		w.utters()
		w.utters() // Before a request: the same turn.
		llm := w.thinks()
		w.speaks(5, "")
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "the commit comes after the next speech began", c, func(w *world) {
		w.ring()
		w.utters()
		w.starts() // A noise.
		w.commit()
		w.pass(500 * ms)
		llm := w.thinks()
		w.speaks(5, "")
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "the final transcript comes twice", c, func(w *world) {
		w.ring()
		start, end := w.utters()
		llm := w.thinks()
		w.final(start, end) // With punctuation.
		w.commit()
		w.speaks(5, "")
		llm.End(nil)
		w.pass(500 * ms)
		w.final(start, end)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "words after a final transcript", c, func(w *world) {
		w.ring()
		start, end := w.utters()
		w.pass(300 * ms)
		w.heard.Event(&wire.Event{Kind: wire.Partial, Characters: 5, Speech: wire.Speech{Start: end + 100*ms, End: w.sent, HasOffsets: true}})
		llm := w.thinks() // Before the user has ended.
		w.pass(300 * ms)
		w.final(start, w.sent-200*ms)
		w.commit()
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
}

// utters is what the user says, for a second, and the final transcript 300 ms after the last word.
func (w *world) utters() (start, end time.Duration) {
	start = w.starts()
	w.pass(800 * ms)
	end = w.sent
	w.pass(300 * ms)
	w.final(start, end)
	return start, end
}

// The program reports the audio of a recogniser. The same audio came over the line before it.
func TestLineAudioAndReportedAudio(t *testing.T) {
	var c assembler.Config
	tell(t, "an SDK whose audio the program reports", c, func(w *world) {
		w.ring()
		w.heard.MayBeUnseen()
		w.says()
		llm := w.thinks()
		w.speaks(2, "")
		llm.End(nil)
		w.pass(2000 * ms)
		w.hangsUp()
	})
	tell(t, "an SDK that is silent for a minute", c, func(w *world) {
		w.audioUnseen = true
		w.ring()
		w.pass(time.Minute)
		w.says()
		llm := w.thinks()
		w.speaks(2, "")
		llm.End(nil)
		w.pass(2000 * ms)
		w.hangsUp()
	})
}
