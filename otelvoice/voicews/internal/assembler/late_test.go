// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"errors"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// A recogniser may report the words of a turn after another one has committed them.
func TestRulesOfLateWords(t *testing.T) {
	c := assembler.Config{Options: []otelvoice.SessionOption{otelvoice.WithSessionID("call")}}
	tell(t, "words that come while the answer is prepared", c, func(w *world) {
		w.ring()
		second := w.listensToo()
		w.says()
		llm := w.thinks()
		second.reports()
		w.speaks(3, "")
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "words with offsets that come while the answer is prepared", c, func(w *world) {
		w.ring()
		second := w.listensToo()
		second.Event(&wire.Event{Kind: wire.UserAudio, Audio: 20 * ms})
		w.pass(200 * ms)
		w.says()
		llm := w.thinks()
		second.Event(&wire.Event{Kind: wire.Final, Characters: 14, Speech: wire.Speech{Start: 0, End: 20 * ms, HasOffsets: true}})
		second.Event(&wire.Event{Kind: wire.Committed})
		w.speaks(3, "")
		llm.End(nil)
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "words that come in the answer", c, func(w *world) {
		w.ring()
		second := w.listensToo()
		w.says()
		llm := w.thinks()
		w.speaks(8, "")
		second.reports()
		w.speaks(8, "")
		llm.End(nil)
		w.pass(5000 * ms)
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "words that come after the answer", c, func(w *world) {
		w.ring()
		second := w.listensToo()
		w.says()
		w.replies()
		w.pass(2000 * ms)
		second.reports()
		w.pass(2000 * ms)
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "words that a detector hears begin in the answer", c, func(w *world) {
		w.ring()
		second := w.listensToo()
		w.says()
		llm := w.thinks()
		w.speaks(10, "")
		llm.End(nil)
		w.starts()
		second.reports() // They are the first that it reports.
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "words in the answer of a recogniser that reported the turn", c, func(w *world) {
		w.ring()
		second := w.listensToo()
		w.says()
		second.reports()
		llm := w.thinks()
		w.speaks(10, "")
		llm.End(nil)
		second.reports() // It is faster now.
		w.says()
		w.replies()
		w.pass(3000 * ms)
		w.hangsUp()
	})
	tell(t, "words in a long answer of a recogniser that missed the turn", c, func(w *world) {
		w.ring()
		second := w.listensToo()
		w.says()
		llm := w.thinks()
		w.speaks(100, "")
		llm.End(nil)
		w.pass(12000 * ms)
		second.reports()
		w.replies()
		w.pass(9000 * ms)
		w.hangsUp()
	})
	tell(t, "words in the answer of the only recogniser", c, func(w *world) {
		w.rings()
		only := w.listensToo()
		w.pass(500 * ms)
		only.reports()
		llm := w.thinks()
		w.speaks(10, "")
		llm.End(nil)
		only.reports()
		w.line.Event(&wire.Event{Kind: wire.Cleared})
		w.replies()
		w.pass(3000 * ms)
		w.line.Closed(nil)
	})
	tell(t, "words in the answer of the only recogniser, which has reconnected", c, func(w *world) {
		w.rings()
		only := w.listensToo()
		w.pass(500 * ms)
		only.reports()
		llm := w.thinks()
		w.speaks(10, "")
		llm.End(nil)
		only.Closed(errors.New("connection reset by peer"))
		only = w.listensToo()
		only.reports()
		w.line.Event(&wire.Event{Kind: wire.Cleared})
		w.replies()
		w.pass(3000 * ms)
		w.line.Closed(nil)
	})
	tell(t, "a recogniser beside a speech-to-speech model", c, func(w *world) {
		side := w.listensToo()
		m := w.connects()
		m.starts()
		m.listens(800 * ms)
		m.stops()
		m.responds("resp_1", 400*ms)
		side.reports()
		m.speaks(800 * ms)
		m.done("completed", 130, 100)
		m.listens(3000 * ms)
		m.Closed(nil)
	})
	tell(t, "a request that transcribes the words again", c, func(w *world) {
		w.ring()
		w.says()
		llm := w.thinks()
		w.speaks(8, "")
		w.transcribes()
		w.speaks(8, "")
		llm.End(nil)
		w.pass(6000 * ms)
		w.hangsUp()
	})
	tell(t, "requests that transcribe what the user says", c, func(w *world) {
		w.rings()
		for range 2 {
			w.pass(500 * ms)
			w.transcribes()
			llm := w.thinks()
			w.speaks(8, "")
			llm.End(nil)
			w.pass(400 * ms)
		}
		w.pass(3000 * ms)
		w.line.Closed(nil)
	})
}

// rings begins a call without a recogniser.
func (w *world) rings() {
	w.line = w.call.Connect(&wire.Request{Stage: wire.Line, Provider: "twilio"}, time.Time{})
	w.line.Event(&wire.Event{Kind: wire.CallStarted, Call: &wire.Call{Provider: "twilio", ID: "CA1", Stream: "MZ1", Inbound: mulaw, Outbound: mulaw}})
}

// An untimed recogniser reports whole utterances, without offsets.
type untimed struct{ *assembler.Connection }

func (w *world) listensToo() untimed {
	c := w.call.Connect(&wire.Request{Stage: wire.STT, Provider: "openai", Model: "gpt-4o-transcribe", Format: mulaw}, time.Time{})
	c.Opened("")
	return untimed{c}
}

func (u untimed) reports() {
	u.Event(&wire.Event{Kind: wire.Final, Characters: 14})
	u.Event(&wire.Event{Kind: wire.Committed})
}

// transcribes is a request that transcribes a recording.
func (w *world) transcribes() {
	request := &wire.Request{Stage: wire.STT, Provider: "openai", Model: "whisper-1"}
	_, s := vendorcall.FromContext(w.ctx).OpenStage(w.ctx, &vendorcall.Call{Request: request, Attempt: 1})
	s.Event(&wire.Event{Kind: wire.Requested, Request: request})
	w.pass(200 * ms)
	s.Event(&wire.Event{Kind: wire.Final, Characters: 14})
	s.End(nil)
}
