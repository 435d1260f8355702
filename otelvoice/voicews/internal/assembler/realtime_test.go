// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

var pcm = wire.Format{Codec: "pcm_s16le", SampleRate: 24000, Channels: 1}

// A model is a connection to a speech-to-speech model.
type model struct {
	*world
	*assembler.Connection
	request *wire.Request
	sent    time.Duration
}

func (w *world) connects() *model {
	request := &wire.Request{Stage: wire.Realtime, Provider: "openai", Model: "gpt-realtime", Format: pcm, Output: pcm}
	m := &model{world: w, request: request, Connection: w.call.Connect(request, time.Time{})}
	w.pass(80 * ms)
	m.Opened("req_1")
	m.Event(&wire.Event{Kind: wire.Answered, ID: "sess_1", Name: "gpt-realtime-2025-08-28"})
	return m
}

// listens lets time pass, in which audio of the user is sent.
func (m *model) listens(d time.Duration) {
	for ; d > 0; d -= 20 * ms {
		<-time.After(20 * ms)
		m.sent += 20 * ms
		m.Event(&wire.Event{Kind: wire.UserAudio, Audio: 20 * ms})
	}
}

func (m *model) starts() {
	m.listens(200 * ms)
	at := m.sent - 200*ms
	m.Event(&wire.Event{Kind: wire.SpeechStarted, Speech: wire.Speech{Start: at, End: at, HasOffsets: true}})
}

func (m *model) stops() {
	end := m.sent
	m.listens(400 * ms)
	m.Event(&wire.Event{Kind: wire.SpeechStopped, Speech: wire.Speech{Start: end, End: end, HasOffsets: true}})
	m.Event(&wire.Event{Kind: wire.Committed})
}

func (m *model) responds(id string, audio time.Duration) {
	m.Event(&wire.Event{Kind: wire.Responding, ID: id, Of: id})
	m.listens(220 * ms)
	m.speaks(audio)
}

// speaks is the agent's audio, which comes four times as fast as it plays.
func (m *model) speaks(audio time.Duration) {
	for ; audio > 0; audio -= 80 * ms {
		m.Event(&wire.Event{Kind: wire.Audio, Data: make([]byte, 3840)})
		m.listens(20 * ms)
	}
}

// speaksUnseen is speech of a user whose audio does not pass with the messages.
func (m *model) speaksUnseen(d time.Duration) {
	m.request.Hangover = 400 * ms
	m.Event(&wire.Event{Kind: wire.SpeechStarted, Speech: wire.Speech{HasOffsets: true}})
	m.passes(d + m.request.Hangover)
	m.Event(&wire.Event{Kind: wire.SpeechStopped, Speech: wire.Speech{Start: d, End: d, HasOffsets: true}})
	m.Event(&wire.Event{Kind: wire.Committed})
}

// plays is an answer that the model plays by itself, for d up to now or to its end.
func (m *model) plays(id string, d time.Duration) {
	m.Event(&wire.Event{Kind: wire.Responding, ID: id, Of: id})
	m.passes(220 * ms)
	m.Event(&wire.Event{Kind: wire.Playing, Of: id})
	m.Event(&wire.Event{Kind: wire.Token, Of: id})
	m.passes(300 * ms)
	m.done("completed", 130, 100) // It is made faster than it is played.
	m.passes(d - 300*ms)
	if d >= 2*time.Second {
		m.Event(&wire.Event{Kind: wire.Played, Of: id})
	}
}

// TestFirstAudioOfAModelThatPlays is for audio that passes apart from the messages.
func TestFirstAudioOfAModelThatPlays(t *testing.T) {
	rec := record(t, assembler.Config{}, func(w *world) {
		m := w.connects()
		m.speaksUnseen(800 * ms)
		m.plays("resp_1", 2*time.Second)
		m.passes(3 * time.Second)
		m.Closed(nil)
	})
	for _, want := range []struct{ span, key, value string }{
		{"realtime_inference gpt-realtime", "voice.realtime.time_to_first_audio", "0.22"},
		{"voice.turn", "voice.playout.source", "received"},
		{"voice.turn", "voice.playout.played", "2"},
	} {
		if got := valueOf(rec, want.span, want.key); got != want.value {
			t.Errorf("%s of %s is %q, want %q", want.key, want.span, got, want.value)
		}
	}
}

// passes lets time pass without any audio.
func (m *model) passes(d time.Duration) { <-time.After(d) }

func (m *model) done(status string, in, out int) {
	m.Event(&wire.Event{Kind: wire.Used, Usage: llmreport.Usage{InputTokens: in, OutputTokens: out, AudioInputTokens: in / 2, AudioOutputTokens: out / 2}})
	m.Event(&wire.Event{Kind: wire.Responded, Name: status})
}

// Each test is a rule of docs/live-calls.md, for speech to speech.
func TestRealtimeRules(t *testing.T) {
	c := assembler.Config{Options: []otelvoice.SessionOption{otelvoice.WithSessionID("call")}}
	tell(t, "speech to speech", c, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(800 * ms)
		m.stops()
		m.responds("resp_1", 800*ms)
		m.done("completed", 130, 100)
		m.listens(3000 * ms)
		m.Closed(nil)
	})
	tell(t, "speech to speech with a tool and a barge-in", c, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(800 * ms)
		m.stops()
		m.Event(&wire.Event{Kind: wire.Responding, ID: "resp_1", Of: "resp_1"})
		m.listens(220 * ms)
		m.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		m.done("completed", 110, 20)
		m.listens(80 * ms)
		m.Event(&wire.Event{Kind: wire.ToolAnswered, ID: "call_1"})
		m.responds("resp_2", 4000*ms)
		m.done("completed", 150, 90)
		m.starts()
		m.Event(&wire.Event{Kind: wire.Truncated, Audio: 1200 * ms})
		m.listens(600 * ms)
		m.stops()
		m.responds("resp_3", 400*ms)
		m.done("completed", 170, 40)
		m.listens(3000 * ms)
		m.Closed(nil)
	})
	tell(t, "a tool that answers before its response ends", c, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(400 * ms)
		m.stops()
		m.Event(&wire.Event{Kind: wire.Responding, ID: "resp_1", Of: "resp_1"})
		m.listens(200 * ms)
		m.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		m.listens(40 * ms)
		m.Event(&wire.Event{Kind: wire.ToolAnswered, ID: "call_1"})
		m.done("completed", 110, 20)
		m.responds("resp_2", 400*ms)
		m.done("completed", 150, 90)
		m.listens(3000 * ms)
		m.Closed(nil)
	})
	tell(t, "a tool of a speech-to-speech model that fails", c, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(400 * ms)
		m.stops()
		m.Event(&wire.Event{Kind: wire.Responding, ID: "resp_1", Of: "resp_1"})
		m.Event(&wire.Event{Kind: wire.ToolCalled, ID: "call_1", Name: "book"})
		m.done("completed", 110, 20)
		m.listens(80 * ms)
		m.Event(&wire.Event{Kind: wire.ToolAnswered, ID: "call_1", Name: wire.ToolError})
		m.responds("resp_2", 400*ms)
		m.done("completed", 150, 90)
		m.listens(3000 * ms)
		m.Closed(nil)
	})
	tell(t, "a response that the model cancels", c, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(400 * ms)
		m.stops()
		m.responds("resp_1", 800*ms)
		m.starts()
		m.Event(&wire.Event{Kind: wire.Interrupted})
		m.done("cancelled", 130, 60)
		m.listens(400 * ms)
		m.Closed(nil)
	})
	tell(t, "a response that fails", c, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(400 * ms)
		m.stops()
		m.Event(&wire.Event{Kind: wire.Responding, ID: "resp_1"})
		m.Event(&wire.Event{Kind: wire.Failed, Name: "rate_limit_exceeded"})
		m.Event(&wire.Event{Kind: wire.Responded, Name: "failed"})
		m.listens(3000 * ms)
		m.Closed(nil)
	})
	tell(t, "a model that plays its answers by itself", c, func(w *world) {
		m := w.connects()
		m.speaksUnseen(800 * ms)
		m.plays("resp_1", 2*time.Second)
		m.passes(3 * time.Second)
		m.Closed(nil)
	})
	tell(t, "a model that plays its answers by itself is interrupted", c, func(w *world) {
		m := w.connects()
		m.speaksUnseen(800 * ms)
		m.plays("resp_1", 1200*ms)
		m.Event(&wire.Event{Kind: wire.SpeechStarted, Speech: wire.Speech{Start: 4 * time.Second, End: 4 * time.Second, HasOffsets: true}})
		m.Event(&wire.Event{Kind: wire.Interrupted, Of: "resp_1"})
		m.passes(400 * ms)
		m.Closed(nil)
	})
	tell(t, "a hang-up while the model plays", c, func(w *world) {
		m := w.connects()
		m.speaksUnseen(800 * ms)
		m.plays("resp_1", 1200*ms)
	})
	tell(t, "speech to speech without turns", assembler.Config{ProgramTurns: true, Options: c.Options}, func(w *world) {
		m := w.connects()
		m.starts()
		m.listens(400 * ms)
		m.stops()
		m.responds("resp_1", 800*ms)
		m.done("completed", 130, 100)
		m.Closed(nil)
	})
	tell(t, "the program decides when the user has spoken", c, func(w *world) {
		m := w.connects()
		m.listens(800 * ms)
		m.Event(&wire.Event{Kind: wire.Committed})
		m.responds("resp_1", 400*ms)
		m.done("completed", 130, 60)
		m.listens(3000 * ms)
		m.Closed(nil)
	})
}
