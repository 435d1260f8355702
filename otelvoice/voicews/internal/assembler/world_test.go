// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler_test

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

var update = flag.Bool("update", false, "write the golden files")

const ms = time.Millisecond

// A world is a call on a telephone line, with a recogniser, a language model and a synthesizer. The clock
// is that of synctest.
type world struct {
	tb       testing.TB
	ctx      context.Context
	call     *assembler.Call
	tel      *otelvoice.Telemetry
	line     *assembler.Connection
	heard    *assembler.Connection // The recogniser.
	sent     time.Duration         // Audio that was sent to the recogniser.
	at       time.Duration         // Audio that the line sent.
	mediaOff bool
	// audioUnseen is true if no tap sees what is sent to the recogniser.
	audioUnseen bool
}

var mulaw = wire.Format{Codec: "pcm_mulaw", SampleRate: 8000, Channels: 1}

// tell runs a scenario, and compares the timeline of its spans with a golden file.
func tell(t *testing.T, name string, config assembler.Config, run func(w *world)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		got := record(t, config, run).Timeline()
		golden := filepath.Join("testdata", strings.ReplaceAll(name, " ", "_")+".golden")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
			return
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}

// record runs a scenario and returns what it recorded.
func record(t *testing.T, config assembler.Config, run func(w *world)) (rec *voicetest.Recorder) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		sdk, recorder := voicetest.Setup(t)
		config.Telemetry = sdk.Telemetry
		w := &world{tb: t, tel: sdk.Telemetry, call: assembler.New(t.Context(), config)}
		w.ctx = w.call.Context()
		run(w)
		w.call.End()
		voicetest.Check(t, recorder)
		rec = recorder
	})
	return rec
}

// valueOf returns an attribute of the first span of a name, or "".
func valueOf(rec *voicetest.Recorder, span, key string) string {
	for _, s := range rec.Spans() {
		if s.Name() != span {
			continue
		}
		for _, a := range s.Attributes() {
			if string(a.Key) == key {
				return a.Value.String()
			}
		}
	}
	return ""
}

// ring begins a call of Twilio's, with Deepgram.
func (w *world) ring() {
	w.line = w.call.Connect(&wire.Request{Stage: wire.Line}, time.Time{})
	w.line.Event(&wire.Event{Kind: wire.CallStarted, Call: &wire.Call{Provider: "twilio", ID: "CA1", Stream: "MZ1", Inbound: mulaw, Outbound: mulaw}})
	w.listen()
}

func (w *world) listen() {
	w.heard = w.call.Connect(&wire.Request{Stage: wire.STT, Provider: "deepgram", Model: "nova-3", Format: mulaw}, time.Time{})
	if w.audioUnseen {
		w.heard.MayBeUnseen()
	}
	w.pass(100 * ms)
	w.heard.Opened("dg1")
}

// pass lets time pass, in which the line sends audio of the user to the recogniser.
func (w *world) pass(d time.Duration) {
	const frame = 20 * ms
	for ; d >= frame; d -= frame {
		<-time.After(frame)
		if w.mediaOff {
			continue
		}
		if w.line != nil {
			w.line.Event(&wire.Event{Kind: wire.UserAudio, Audio: frame, Media: wire.Media{Timestamp: w.at, HasTimestamp: true}})
			w.at += frame
		}
		if w.heard != nil {
			if !w.audioUnseen {
				w.heard.Event(&wire.Event{Kind: wire.UserAudio, Audio: frame})
			}
			w.sent += frame
		}
	}
	<-time.After(d)
}

// starts reports that the recogniser heard the user start, which was 200 ms ago.
func (w *world) starts() time.Duration {
	w.pass(200 * ms)
	start := w.sent - 200*ms
	w.heard.Event(&wire.Event{Kind: wire.SpeechStarted, Speech: wire.Speech{Start: start, HasOffsets: true}})
	return start
}

// says is what the user says, for a second. The recogniser reports a partial transcript, and the final one
// 300 ms after the last word.
func (w *world) says() {
	start := w.starts()
	w.pass(300 * ms)
	w.heard.Event(&wire.Event{Kind: wire.Partial, Characters: 5, Speech: wire.Speech{Start: start, End: w.sent, HasOffsets: true}})
	w.pass(500 * ms)
	end := w.sent
	w.pass(300 * ms)
	w.final(start, end)
	w.commit()
}

func (w *world) final(start, end time.Duration) {
	w.heard.Event(&wire.Event{Kind: wire.Final, Characters: 15, Speech: wire.Speech{Start: start, End: end, HasOffsets: true, Confidence: 0.9, HasConfidence: true}})
}

func (w *world) commit() { w.heard.Event(&wire.Event{Kind: wire.Committed}) }

// thinks is a request to the language model. Its first token comes after 200 ms.
func (w *world) thinks() vendorcall.Stage { return w.thinksIn(w.ctx) }

func (w *world) thinksIn(ctx context.Context) vendorcall.Stage {
	request := &wire.Request{Stage: wire.LLM, Provider: "openai", Model: "gpt-4o-mini", Stream: true}
	_, s := vendorcall.FromContext(ctx).OpenStage(ctx, &vendorcall.Call{Request: request, Attempt: 1})
	s.Event(&wire.Event{Kind: wire.Requested, Request: request})
	w.pass(200 * ms)
	s.Event(&wire.Event{Kind: wire.Token})
	return s
}

// speaks is a request to the synthesizer, whose audio goes to the line as it arrives, faster than it is
// played: 200 ms each 20 ms.
func (w *world) speaks(pieces int, mark string) {
	s := w.speechBegins()
	for range pieces {
		w.pass(20 * ms)
		w.audio(s, 200*ms)
	}
	if mark != "" {
		w.line.Event(&wire.Event{Kind: wire.MarkSent, Name: mark})
	}
	s.End(nil)
}

func (w *world) speechBegins() vendorcall.Stage {
	request := &wire.Request{Stage: wire.TTS, Provider: "elevenlabs", Model: "flash", Format: mulaw, Characters: 20}
	_, s := vendorcall.FromContext(w.ctx).OpenStage(w.ctx, &vendorcall.Call{Request: request, Attempt: 1})
	s.Event(&wire.Event{Kind: wire.Requested, Request: request})
	w.pass(100 * ms)
	return s
}

func (w *world) audio(s vendorcall.Stage, d time.Duration) {
	data := make([]byte, int(d/ms)*8)
	for i := range data {
		data[i] = byte(i)
	}
	s.Event(&wire.Event{Kind: wire.Audio, Data: data})
	if w.line != nil {
		w.line.Event(&wire.Event{Kind: wire.Audio, Data: data})
	}
}

func (w *world) played(mark string) { w.line.Event(&wire.Event{Kind: wire.MarkPlayed, Name: mark}) }

// hangsUp ends the call as Twilio does.
func (w *world) hangsUp() {
	w.line.Event(&wire.Event{Kind: wire.CallStopped})
	w.heard.Closed(nil)
	w.line.Closed(nil)
}
