// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/semconv"
)

// relays begins a call of a line that recognises and speaks.
func (w *world) relays() {
	w.mediaOff = true
	w.line = w.call.Connect(&wire.Request{Stage: wire.Line, Provider: "twilio"}, time.Time{})
	w.line.Event(&wire.Event{Kind: wire.CallStarted, Call: &wire.Call{Provider: "twilio", ID: "CA1", Stream: "VX1"}})
}

func (w *world) relay(kind wire.Kind) { w.line.Event(&wire.Event{Kind: kind}) }

// prompts is what the user says, of which the line reports the words when the user has been silent for 300 ms.
func (w *world) prompts(saysWhen bool) {
	if saysWhen {
		w.relay(wire.SpeechStarted)
	}
	w.pass(400 * ms)
	w.line.Event(&wire.Event{Kind: wire.Partial, Characters: 5})
	w.pass(600 * ms)
	if saysWhen {
		w.relay(wire.SpeechStopped)
	}
	w.pass(300 * ms)
	w.line.Event(&wire.Event{Kind: wire.Final, Characters: 15})
}

// writes is the text of the agent, from the language model to the line.
func (w *world) writes() {
	llm := w.thinks()
	for range 3 {
		w.line.Event(&wire.Event{Kind: wire.TextSent, Characters: 10})
		w.pass(40 * ms)
	}
	llm.End(nil)
}

func (w *world) relayEnds() {
	w.line.Event(&wire.Event{Kind: wire.CallStopped})
	w.line.Closed(nil)
}

// Each test is a rule of docs/live-calls.md, for lines that recognise and speak.
func TestRelayRules(t *testing.T) {
	var c assembler.Config
	tell(t, "a line that recognises and speaks", c, func(w *world) {
		w.relays()
		w.writes()
		w.pass(2000 * ms)
		w.prompts(false)
		w.writes()
		w.pass(2000 * ms)
		w.line.Event(&wire.Event{Kind: wire.Interrupted, Audio: 1200 * ms})
		w.prompts(false)
		w.writes()
		w.pass(500 * ms)
		w.relayEnds()
	})
	tell(t, "a line that recognises and speaks beside a model that no tap sees", c, func(w *world) {
		w.relays()
		for range 2 {
			w.prompts(false)
			w.pass(400 * ms)
			w.line.Event(&wire.Event{Kind: wire.TextSent, Characters: 10})
			w.pass(1500 * ms)
		}
		w.line.Event(&wire.Event{Kind: wire.Interrupted, Audio: 900 * ms})
		w.line.Event(&wire.Event{Kind: wire.TextSent, Characters: 10}) // The rest of the answer.
		w.prompts(false)
		w.line.Event(&wire.Event{Kind: wire.TextSent, Characters: 10})
		w.pass(500 * ms)
		w.prompts(false)
		w.relayEnds()
	})
	tell(t, "a line that says when it recognises and speaks", c, func(w *world) {
		w.relays()
		w.relay(wire.Playing) // A greeting that the program does not send.
		w.pass(1500 * ms)
		w.relay(wire.Played)
		w.pass(400 * ms)
		w.prompts(true)
		w.writes()
		w.pass(200 * ms)
		w.relay(wire.Playing)
		w.pass(1200 * ms)
		w.relay(wire.SpeechStarted)
		w.relay(wire.Interrupted)
		w.relay(wire.Played)
		w.prompts(false)
		w.writes()
		w.pass(200 * ms)
		w.relay(wire.Playing)
		w.pass(1000 * ms)
		w.relay(wire.Played)
		w.pass(2000 * ms)
		w.relayEnds()
	})
}

// TestErrorOfALine is for errors that lines send: those after which they go on, and one after which the line closes.
func TestErrorOfALine(t *testing.T) {
	rec := record(t, assembler.Config{}, func(w *world) {
		w.relays()
		w.line.Event(&wire.Event{Kind: wire.Failed, Name: "invalid_media"})
		w.pass(20 * ms)
		w.prompts(false)
		w.relayEnds()
	})
	line := rec.Named(semconv.SpanVoiceLine)[0]
	events := line.Events()
	if n := len(events); n == 0 || events[n-1].Name != semconv.EventVoiceStreamRefused {
		t.Errorf("the error is no event of the line: %v", events)
	}
	if got := valueOf(rec, semconv.SpanVoiceLine, string(semconv.VoiceStreamOutcomeKey)); got != semconv.VoiceStreamOutcomeCompleted {
		t.Errorf("a line that goes on after an error is %q", got)
	}
}

// TestKeys is for the keys that lines report, and models that answer calls over SIP.
func TestKeys(t *testing.T) {
	for name, press := range map[string]func(w *world){
		"a line": func(w *world) { w.relays(); w.relay(wire.Digit); w.relay(wire.Digit); w.relayEnds() },
		"a model": func(w *world) {
			m := w.connects()
			m.Event(&wire.Event{Kind: wire.Digit})
			m.Event(&wire.Event{Kind: wire.Digit})
			m.Closed(nil)
		},
	} {
		rec := record(t, assembler.Config{}, press)
		session := rec.Named(semconv.SpanVoiceSession)[0]
		var got string
		for _, a := range session.Attributes() {
			if a.Key == semconv.VoiceDtmfCountKey {
				got = a.Value.String()
			}
		}
		if got != "2" {
			t.Errorf("%s: %q keys, want 2", name, got)
		}
	}
}
