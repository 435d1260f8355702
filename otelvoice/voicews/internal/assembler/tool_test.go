// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"context"
	"errors"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// The result of a tool of a language model is seen with the next request, which may be in another turn, or
// never.
func TestRulesOfTools(t *testing.T) {
	var c assembler.Config
	tell(t, "a filler before the answer of a slow tool", c, func(w *world) {
		w.ring()
		w.says()
		w.callsTool("book", 3)
		w.pass(8000 * ms)
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "the user speaks while a tool runs", c, func(w *world) {
		w.ring()
		w.says()
		w.callsTool("book", 3)
		w.pass(1200 * ms)
		w.says()
		w.replies()
		w.pass(10000 * ms)
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a tool whose result is not needed", c, func(w *world) {
		w.ring()
		w.says()
		w.callsTool("note", 3)
		w.pass(2000 * ms)
		w.says()
		w.replies()
		w.pass(20000 * ms) // The agent only listens.
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a tool that hangs up", c, func(w *world) {
		w.ring()
		w.says()
		w.callsTool("end_call", 3)
		w.pass(1000 * ms)
		w.line.Event(&wire.Event{Kind: wire.CallStopped, Name: "program"})
		w.heard.Closed(nil)
		w.line.Closed(nil)
	})
	tell(t, "a hang-up while a tool runs and nothing was said", c, func(w *world) {
		w.ring()
		w.says()
		w.callsTool("book", 0)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a request in parallel to the response that calls a tool", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		llm.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		judge := w.thinks() // Of the same words.
		llm.End(nil)
		w.pass(500 * ms)
		judge.End(nil)
		w.pass(1000 * ms)
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a scripted answer to words during a tool", c, func(w *world) {
		w.ring()
		w.says()
		w.callsTool("book", 3)
		w.pass(1200 * ms)
		w.says()
		w.speaks(3, "")
		w.pass(10000 * ms)
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a response that calls a tool and fails", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.speaks(3, "")
		llm.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		llm.End(errors.New("connection reset by peer"))
		w.pass(6000 * ms)
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "a request that a tool of a speech-to-speech model sends", assembler.Config{Options: []otelvoice.SessionOption{otelvoice.WithSessionID("call")}}, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(400 * ms)
		m.stops()
		m.responds("resp_1", 400*ms)
		m.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		m.done("completed", 110, 20)
		m.listens(200 * ms)
		w.thinks().End(nil)
		m.listens(1000 * ms)
		m.Event(&wire.Event{Kind: wire.ToolAnswered, ID: "call_1"})
		m.responds("resp_2", 400*ms)
		m.done("completed", 150, 90)
		m.listens(3000 * ms)
		m.Closed(nil)
	})
	tell(t, "a speech-to-speech model that hangs up with a tool", assembler.Config{Options: []otelvoice.SessionOption{otelvoice.WithSessionID("call")}}, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(400 * ms)
		m.stops()
		m.responds("resp_1", 400*ms)
		m.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "end_call"})
		m.done("completed", 110, 20)
		m.listens(600 * ms)
		m.Closed(nil)
	})
	tell(t, "a response that calls a tool and is interrupted", c, func(w *world) {
		w.ring()
		w.says()
		ctx, cancel := context.WithCancel(w.ctx)
		llm := w.thinksIn(ctx)
		w.speaks(5, "")
		llm.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		w.starts()
		cancel()
		llm.End(ctx.Err())
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
}

// callsTool is a response that says something, for so many pieces, and calls a tool.
func (w *world) callsTool(name string, pieces int) {
	llm := w.thinks()
	llm.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: name})
	if pieces > 0 {
		w.speaks(pieces, "")
	}
	llm.End(nil)
}

// replies is an answer of the language model that is spoken.
func (w *world) replies() {
	llm := w.thinks()
	w.speaks(3, "")
	llm.End(nil)
}

// A tool is at work in a silence until the next request. Afterwards the agent listens.
func TestDeadAirWithTools(t *testing.T) {
	for name, test := range map[string]struct {
		run            func(w *world)
		activity, talk string
	}{
		"while the tool runs": {func(w *world) {
			w.callsTool("book", 0)
			w.pass(8000 * ms)
			w.replies()
		}, "tool", "0.6"},
		"while the tool runs after a filler": {func(w *world) {
			w.callsTool("book", 3)
			w.pass(8000 * ms)
			w.replies()
		}, "tool", "1.2"},
		"after the next answer": {func(w *world) {
			w.callsTool("note", 3)
			w.pass(2000 * ms)
			w.says()
			w.replies()
			w.pass(20000 * ms)
			w.says()
			w.replies()
		}, "listening", "1.8"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := record(t, assembler.Config{}, func(w *world) {
				w.ring()
				w.says()
				test.run(w)
				w.pass(3000 * ms)
				w.hangsUp()
			})
			if got := valueOf(rec, "voice.session", "voice.dead_air.activity"); got != test.activity {
				t.Errorf("voice.dead_air.activity is %q, want %q", got, test.activity)
			}
			if got := valueOf(rec, "voice.session", "voice.talk.agent.duration"); got != test.talk {
				t.Errorf("voice.talk.agent.duration is %q, want %q", got, test.talk)
			}
		})
	}
}
