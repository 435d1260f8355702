// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package agent_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/voice-agents/telemetry/examples/voiceagent/caller"
	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/examples/voiceagent/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/wav"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

func TestProviderThatStaysDownFailsTheTurn(t *testing.T) {
	for _, path := range []string{provider.PathTranscriptions, provider.PathChat} {
		t.Run(path, func(t *testing.T) {
			w := newWorld(t, provider.Fault{Path: path, Times: 10})
			if _, err := w.call(t, 2, 1, ""); !errors.Is(err, caller.ErrReply) {
				t.Errorf("the caller got %v, want %v", err, caller.ErrReply)
			}
			w.hangUp()
			voicetest.Check(t, w.recorder)
			turns := w.recorder.Named(semconv.SpanVoiceTurn)
			if len(turns) != 2 {
				t.Fatalf("%d turns, want 2", len(turns))
			}
			if got := value(turns[1], semconv.VoiceTurnOutcomeKey); got != string(otelvoice.Failed) {
				t.Errorf("the turn is %v", got)
			}
			if got := value(turns[1], semconv.ErrorTypeKey); got != "service_unavailable" {
				t.Errorf("the turn's error is %v", got)
			}
		})
	}
}

// startCall calls the agent without a Caller. The pipe is the caller's voice.
func startCall(t *testing.T, w *world) (*io.PipeWriter, io.Reader) {
	t.Helper()
	mouth, voice := io.Pipe()
	t.Cleanup(func() { _ = voice.Close() })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url, mouth)
	if err != nil {
		t.Fatal(err)
	}
	res, err := w.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return voice, res.Body
}

func send(t *testing.T, voice io.Writer, kind wire.Kind, payload []byte) {
	t.Helper()
	if err := wire.Write(voice, kind, payload); err != nil {
		t.Fatal(err)
	}
}

// hear reads frames up to one of the given kind.
func hear(t *testing.T, r io.Reader, want wire.Kind) {
	t.Helper()
	for {
		kind, _, err := wire.Read(r)
		if err != nil {
			t.Fatalf("waiting for frame %d: %v", want, err)
		}
		if kind == want {
			return
		}
	}
}

func TestEndsOfCalls(t *testing.T) {
	phone := wav.Format{Encoding: wav.MuLaw, SampleRate: 8000, Channels: 1, BitsPerSample: 8}
	for _, test := range []struct {
		name     string
		call     func(t *testing.T, voice *io.PipeWriter, ear io.Reader)
		reason   otelvoice.EndReason
		outcomes []otelvoice.Outcome
	}{
		{
			"hung up during the greeting",
			func(t *testing.T, voice *io.PipeWriter, ear io.Reader) {
				t.Helper()
				hear(t, ear, wire.Audio)
				send(t, voice, wire.HangUp, nil)
			},
			otelvoice.EndUserHangup,
			[]otelvoice.Outcome{otelvoice.Abandoned},
		},
		{
			"line broke while the caller spoke",
			func(t *testing.T, voice *io.PipeWriter, ear io.Reader) {
				t.Helper()
				hear(t, ear, wire.Done)
				send(t, voice, wire.SpeechStarted, wire.Format(phone))
				send(t, voice, wire.Audio, make([]byte, 8000))
				_ = voice.CloseWithError(errors.New("out of range"))
			},
			otelvoice.EndUserHangup,
			[]otelvoice.Outcome{otelvoice.Completed, otelvoice.Abandoned},
		},
		{
			"interrupted before a word was said",
			func(t *testing.T, voice *io.PipeWriter, ear io.Reader) {
				t.Helper()
				send(t, voice, wire.SpeechStarted, wire.Format(phone))
				hear(t, ear, wire.Cleared)
				send(t, voice, wire.Audio, make([]byte, 8000))
				send(t, voice, wire.SpeechStopped, nil)
				hear(t, ear, wire.Done)
				send(t, voice, wire.HangUp, nil)
			},
			otelvoice.EndUserHangup,
			[]otelvoice.Outcome{otelvoice.Interrupted, otelvoice.Abandoned}, // The audio has no words.
		},
		{
			"frames out of place",
			func(t *testing.T, voice *io.PipeWriter, ear io.Reader) {
				t.Helper()
				hear(t, ear, wire.Done)
				send(t, voice, wire.SpeechStopped, nil)
				send(t, voice, wire.Kind(200), []byte("?"))
				send(t, voice, wire.HangUp, nil)
			},
			otelvoice.EndUserHangup,
			[]otelvoice.Outcome{otelvoice.Completed},
		},
		{
			"invalid format",
			func(t *testing.T, voice *io.PipeWriter, ear io.Reader) {
				t.Helper()
				hear(t, ear, wire.Done)
				send(t, voice, wire.SpeechStarted, []byte("{}"))
			},
			otelvoice.EndError,
			[]otelvoice.Outcome{otelvoice.Completed},
		},
		{
			"caller without end",
			func(t *testing.T, voice *io.PipeWriter, ear io.Reader) {
				t.Helper()
				hear(t, ear, wire.Done)
				send(t, voice, wire.SpeechStarted, wire.Format(phone))
				for range 3 {
					send(t, voice, wire.Audio, make([]byte, wire.MaxPayload))
				}
				_ = wire.Write(voice, wire.Audio, []byte("and")) // The connection may be closed already.
			},
			otelvoice.EndError,
			[]otelvoice.Outcome{otelvoice.Completed, otelvoice.Abandoned},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t)
			voice, ear := startCall(t, w)
			test.call(t, voice, ear)
			_, _ = io.Copy(io.Discard, ear) // Until the end of the call.
			_ = voice.Close()
			w.hangUp()
			voicetest.Check(t, w.recorder)

			sessions, turns := w.recorder.Named(semconv.SpanVoiceSession), w.recorder.Named(semconv.SpanVoiceTurn)
			if len(sessions) != 1 {
				t.Fatalf("%d sessions, want 1", len(sessions))
			}
			if got := value(sessions[0], semconv.VoiceSessionEndReasonKey); got != string(test.reason) {
				t.Errorf("the session's end is %v, want %s", got, test.reason)
			}
			var got []otelvoice.Outcome
			for _, turn := range turns {
				outcome, _ := value(turn, semconv.VoiceTurnOutcomeKey).(string)
				got = append(got, otelvoice.Outcome(outcome))
			}
			if len(got) != len(test.outcomes) {
				t.Fatalf("turns %v, want %v", got, test.outcomes)
			}
			for i := range got {
				if got[i] != test.outcomes[i] {
					t.Errorf("turns %v, want %v", got, test.outcomes)
				}
			}
		})
	}
}
