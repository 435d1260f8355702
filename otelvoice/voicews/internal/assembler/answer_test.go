// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"errors"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// An agent that sends its audio as it plays stops sending when the user interrupts.
func TestRulesOfPacedAudio(t *testing.T) {
	var c assembler.Config
	tell(t, "a paced answer", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.paces(20, 20)
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a paced answer is cut without a clear", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.paces(100, 30)
		llm.End(nil)
		w.says()
		llm = w.thinks()
		w.paces(20, 20)
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a paced answer is cleared when nothing is queued", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.paces(100, 30)
		llm.End(nil)
		w.starts()
		w.line.Event(&wire.Event{Kind: wire.Cleared})
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "silence at the end of an answer is not sent", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.paces(40, 20)
		llm.End(nil)
		w.says()
		w.pass(6000 * ms)
		w.hangsUp()
	})
	tell(t, "how much is sent is unknown", c, func(w *world) {
		w.ring()
		w.line.Event(&wire.Event{Kind: wire.AudioFormat, Format: wire.Format{Codec: "mp3"}})
		w.says()
		llm := w.thinks()
		w.paces(40, 20)
		llm.End(nil)
		w.says()
		w.pass(6000 * ms)
		w.hangsUp()
	})
	tell(t, "hang-up in a paced answer", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.paces(100, 30)
		llm.End(nil)
		w.hangsUp()
	})
}

// paces is a request to the synthesizer, which sends its audio at once. The agent sends it to the line as it
// plays, in frames of 20 ms: the first so many.
func (w *world) paces(frames, sent int) {
	s := w.speechBegins()
	frame := make([]byte, 160)
	for range frames {
		s.Event(&wire.Event{Kind: wire.Audio, Data: frame})
	}
	s.End(nil)
	for range sent {
		w.line.Event(&wire.Event{Kind: wire.Audio, Data: frame})
		w.pass(20 * ms)
	}
}

func TestRulesOfAnswersWithoutAudio(t *testing.T) {
	var c assembler.Config
	tell(t, "an answer with nothing to say", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.answers()
		llm.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "end_call"})
		llm.End(nil)
		w.pass(300 * ms)
		w.answers().End(nil) // The result needs no words.
		w.pass(1500 * ms)
		w.says()
		llm = w.thinks()
		w.speaks(2, "")
		llm.End(nil)
		w.pass(2000 * ms)
		w.hangsUp()
	})
	tell(t, "an answer whose audio takes long", c, func(w *world) {
		w.ring()
		w.says()
		w.thinks().End(nil)
		w.pass(4000 * ms) // The agent's own synthesizer is slow.
		w.line.Event(&wire.Event{Kind: wire.Audio, Data: make([]byte, 8000)})
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a model fails and is not asked again", c, func(w *world) {
		w.ring()
		w.says()
		w.answers().End(errors.New("down"))
		w.pass(6000 * ms)
		w.says()
		llm := w.thinks()
		w.speaks(2, "")
		llm.End(nil)
		w.pass(2000 * ms)
		w.hangsUp()
	})
	tell(t, "no tap hears the agent", assembler.Config{Options: []otelvoice.SessionOption{otelvoice.WithSessionID("call")}}, func(w *world) {
		w.listen() // There is no line, and the synthesizer has no tap.
		for range 2 {
			w.says()
			w.thinks().End(nil)
			w.pass(3000 * ms)
		}
		w.heard.Closed(nil)
	})
}

// answers is a request to the language model.
func (w *world) answers() vendorcall.Stage {
	request := &wire.Request{Stage: wire.LLM, Provider: "openai", Model: "gpt-4o-mini"}
	_, s := vendorcall.FromContext(w.ctx).OpenStage(w.ctx, &vendorcall.Call{Request: request, Attempt: 1})
	s.Event(&wire.Event{Kind: wire.Requested, Request: request})
	w.pass(200 * ms)
	return s
}
