// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/semconv"
)

// live is a connection to a model that does not say when the user speaks, such as Gemini. Its name is known
// after the connection is open.
func (w *world) live() *model {
	request := &wire.Request{Stage: wire.Realtime, Provider: "gcp.gemini", Format: pcm, Output: pcm}
	m := &model{world: w, Connection: w.call.Connect(request, time.Time{})}
	w.pass(80 * ms)
	m.Opened("")
	request.Model = "gemini-live"
	m.Event(&wire.Event{Kind: wire.Requested, Request: request})
	return m
}

// says is the user's speech, of which a transcript comes in pieces.
func (m *model) says(pieces int) {
	for i := range pieces {
		m.listens(200 * ms)
		m.Event(&wire.Event{Kind: wire.Partial, Characters: 8 * (i + 1)})
	}
}

// answers is a response to speech, which the model has made long before it has been played.
func (m *model) answers(audio time.Duration) {
	m.Event(&wire.Event{Kind: wire.Responding, Name: wire.ToSpeech})
	m.speaks(audio)
	m.Event(&wire.Event{Kind: wire.Finished, Name: "stop"})
}

// completes is the end of the turn, when the model assumes that all was played.
func (m *model) completes(status string) {
	m.Event(&wire.Event{Kind: wire.Final, Characters: 20})
	m.done(status, 130, 100)
}

// A transcript that comes again before the response is the one that counts, if it is of the same item.
func TestTranscriptThatComesAgain(t *testing.T) {
	for item, want := range map[string]string{"item_1": "a table for two", "item_2": "a table"} {
		synctest.Test(t, func(t *testing.T) {
			sdk, rec := voicetest.Setup(t, voicesdk.WithInstrumentation(otelvoice.WithContentCapture()))
			w := &world{tb: t, tel: sdk.Telemetry, call: assembler.New(t.Context(), assembler.Config{Telemetry: sdk.Telemetry})}
			m := w.connects()
			m.starts()
			m.stops()
			m.Event(&wire.Event{Kind: wire.Final, Of: "item_1", Characters: 7, Text: []byte("a table")})
			m.Event(&wire.Event{Kind: wire.Final, Of: item, Characters: 15, Text: []byte("a table for two")})
			m.responds("resp_1", 400*ms)
			m.done("completed", 130, 60)
			m.Closed(nil)
			w.call.End()
			if got := valueOf(rec, "realtime_inference gpt-realtime", string(semconv.VoiceSTTTranscriptKey)); got != want {
				t.Errorf("%s: the transcript is %q, want %q", item, got, want)
			}
		})
	}
}

// Each test is a rule of docs/live-calls.md, for speech to speech with a model that does not say when the user
// speaks.
func TestRealtimeWithoutDetector(t *testing.T) {
	c := assembler.Config{Options: []otelvoice.SessionOption{otelvoice.WithSessionID("call")}}
	tell(t, "words of a model without a detector", c, func(w *world) {
		m := w.live()
		m.listens(1000 * ms)
		m.says(3)
		m.listens(700 * ms)
		m.answers(2000 * ms)
		m.Event(&wire.Event{Kind: wire.Partial, Characters: 30}) // Late words.
		m.listens(1500 * ms)
		m.completes("completed")
		m.says(2)
		m.listens(700 * ms)
		m.answers(400 * ms)
		m.listens(400 * ms)
		m.completes("completed")
		m.listens(2000 * ms)
		m.Closed(nil)
	})
	tell(t, "a model without a detector and without words", c, func(w *world) {
		m := w.live()
		m.listens(2000 * ms)
		m.answers(400 * ms)
		m.listens(400 * ms)
		m.done("completed", 130, 100)
		m.listens(2000 * ms)
		m.answers(400 * ms)
		m.listens(400 * ms)
		m.Event(&wire.Event{Kind: wire.Responded, Name: "completed"})
		m.Event(&wire.Event{Kind: wire.Used, Usage: llmreport.Usage{InputTokens: 150, OutputTokens: 20}}) // Late tokens.
		m.listens(2000 * ms)
		m.Closed(nil)
	})
	tell(t, "an interruption of a model without a detector", c, func(w *world) {
		m := w.live()
		m.says(2)
		m.listens(600 * ms)
		m.Event(&wire.Event{Kind: wire.Responding, Name: wire.ToSpeech})
		m.speaks(4000 * ms)
		m.Event(&wire.Event{Kind: wire.Final, Characters: 20})
		m.Event(&wire.Event{Kind: wire.Interrupted})
		m.done("cancelled", 130, 60)
		m.says(3)
		m.listens(600 * ms)
		m.answers(2000 * ms)
		m.listens(200 * ms)
		m.Event(&wire.Event{Kind: wire.Interrupted}) // All of the response was made.
		m.done("completed", 150, 60)
		m.listens(1000 * ms)
		m.answers(400 * ms) // Without words.
		m.completes("completed")
		m.listens(2000 * ms)
		m.Closed(nil)
	})
	tell(t, "the model speaks first without speech", c, func(w *world) {
		m := w.live()
		m.Event(&wire.Event{Kind: wire.Responding})
		m.speaks(400 * ms)
		m.completes("completed")
		m.listens(2000 * ms)
		m.says(1)
		m.answers(400 * ms)
		m.completes("completed")
		m.listens(2000 * ms)
		m.Closed(nil)
	})
	tell(t, "the program says when the user speaks", c, func(w *world) {
		m := w.live()
		for range 2 {
			m.Event(&wire.Event{Kind: wire.SpeechStarted})
			m.listens(1200 * ms)
			m.Event(&wire.Event{Kind: wire.Committed})
			m.Event(&wire.Event{Kind: wire.Final, Characters: 20})
			m.listens(400 * ms)
			m.answers(400 * ms)
			m.completes("completed")
			m.listens(2000 * ms)
		}
		m.Closed(nil)
	})
	tell(t, "texts are answered", c, func(w *world) {
		m := w.live()
		for range 2 {
			m.Event(&wire.Event{Kind: wire.Committed})
			m.listens(400 * ms)
			m.Event(&wire.Event{Kind: wire.Responding, Name: wire.ToInput})
			m.speaks(400 * ms)
			m.completes("completed")
			m.listens(2000 * ms)
		}
		m.Closed(nil)
	})
	tell(t, "the call of a tool is taken back", c, func(w *world) {
		m := w.live()
		m.says(2)
		m.listens(600 * ms)
		m.Event(&wire.Event{Kind: wire.Responding, Name: wire.ToSpeech})
		m.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		m.Event(&wire.Event{Kind: wire.Finished, Name: "tool_calls"})
		m.listens(400 * ms)
		m.Event(&wire.Event{Kind: wire.ToolCancelled, ID: "call_1"})
		m.Event(&wire.Event{Kind: wire.Interrupted})
		m.done("completed", 110, 20)
		m.says(2)
		m.answers(400 * ms)
		m.completes("completed")
		m.listens(2000 * ms)
		m.Closed(nil)
	})
	tell(t, "a model without a detector calls a tool", c, func(w *world) {
		m := w.live()
		m.says(2)
		m.listens(600 * ms)
		m.Event(&wire.Event{Kind: wire.Responding, Name: wire.ToSpeech})
		m.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		m.Event(&wire.Event{Kind: wire.Finished, Name: "tool_calls"})
		m.listens(400 * ms)
		m.Event(&wire.Event{Kind: wire.ToolAnswered, ID: "call_1"})
		m.done("completed", 110, 20)
		m.listens(300 * ms)
		m.Event(&wire.Event{Kind: wire.Responding, Name: wire.ToInput})
		m.speaks(400 * ms)
		m.completes("completed")
		m.listens(2000 * ms)
		m.Closed(nil)
	})
	tell(t, "a model without a detector without turns", assembler.Config{ProgramTurns: true, Options: c.Options}, func(w *world) {
		m := w.live()
		m.says(1)
		m.answers(400 * ms)
		m.completes("completed")
		m.Closed(nil)
	})
}
