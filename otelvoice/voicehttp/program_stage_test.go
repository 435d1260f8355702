// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicehttp_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/semconv"
)

// answers returns a base whose responses have a status, a content type and a body.
func answers(status int, contentType, body string) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		if r.Body != nil {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
		return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {contentType}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
	}
}

// post sends a request and returns the response.
func post(ctx context.Context, t *testing.T, transport http.RoundTripper, url, contentType, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	res, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

const (
	transcriptionURL = "https://api.openai.com/v1/audio/transcriptions"
	speechURL        = "https://api.elevenlabs.io/v1/text-to-speech/rachel/stream?output_format=pcm_16000"
	chatURL          = "https://api.openai.com/v1/chat/completions"
)

// halfSecond is speech at 16 kHz.
var halfSecond = strings.Repeat("\x00\x40", 8000)

func drain(res *http.Response) {
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
}

// speak asks for the speech of a text.
func speak(ctx context.Context, t *testing.T, transport http.RoundTripper, text string) *http.Response {
	t.Helper()
	return post(ctx, t, transport, speechURL, "application/json", `{"text":"`+text+`","model_id":"eleven_turbo_v2_5"}`)
}

// A request looks for an open stage while the program ends its stages.
func TestRequestsWhileStagesEnd(t *testing.T) {
	tel, _ := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	transport := voicehttp.Transport(tel.Telemetry, answers(http.StatusOK, "application/json", `{"text":"Yes."}`))
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 300 {
				_, stt := turn.StartSTT(ctx, otelvoice.Model{Provider: "openai", Name: "whisper-1"})
				stt.Final()
				stt.End(nil)
			}
		})
		work.Go(func() {
			for range 300 {
				drain(post(ctx, t, transport, transcriptionURL, "multipart/form-data; boundary=b", "--b--"))
			}
		})
	}
	work.Wait()
}

// A second request with the context of a stage fills no other stage.
func TestRequestsOfSeveralStages(t *testing.T) {
	for _, isEnded := range []bool{false, true} {
		tel, rec := voicetest.Setup(t)
		ctx, session := tel.StartSession(t.Context())
		ctx, turn := session.StartTurn(ctx)
		transport := voicehttp.Transport(tel.Telemetry, answers(http.StatusOK, "audio/pcm", halfSecond))
		ofFirst, first := turn.StartTTS(ctx, otelvoice.Model{Provider: "elevenlabs", Name: "first"})
		_, second := turn.StartTTS(ctx, otelvoice.Model{Provider: "elevenlabs", Name: "second"})
		one := speak(ofFirst, t, transport, "one")
		if isEnded {
			first.End(nil)
		}
		drain(speak(ofFirst, t, transport, "two two"))
		drain(one)
		first.End(nil)
		second.End(nil)
		turn.End()
		session.End()
		for name, want := range map[string]int{"first": 3, "second": 0, "eleven_turbo_v2_5": 7} {
			spans := rec.Named("text_to_speech " + name)
			if len(spans) != 1 {
				t.Fatalf("%d stages %s, want 1\n%s", len(spans), name, rec.Timeline())
			}
			set := attribute.NewSet(spans[0].Attributes()...)
			if got, _ := set.Value(semconv.VoiceTTSCharactersKey); int(got.AsInt64()) != want {
				t.Errorf("ended %v: %s has %d characters, want %d", isEnded, name, got.AsInt64(), want)
			}
		}
		voicetest.Check(t, rec)
	}
}

// A stage has the characters of all sentences that were spoken, and not those of failed attempts.
func TestSentencesOfOneStage(t *testing.T) {
	tel, rec := voicetest.Setup(t)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	ofStage, tts := turn.StartTTS(ctx, otelvoice.Model{Provider: "elevenlabs", Name: "flash"})
	for _, sentence := range []struct {
		text   string
		status int
	}{{"one", 200}, {"two two", 503}, {"two two", 200}, {"three", 200}} {
		kind, body := "audio/pcm", halfSecond
		if sentence.status != http.StatusOK {
			kind, body = "application/json", `{"detail":"busy"}`
		}
		drain(speak(ofStage, t, voicehttp.Transport(tel.Telemetry, answers(sentence.status, kind, body)), sentence.text))
	}
	tts.End(nil)
	turn.End()
	session.End()
	got := attribute.NewSet(rec.Named("text_to_speech flash")[0].Attributes()...)
	for _, want := range []attribute.KeyValue{semconv.VoiceTTSCharacters(15), semconv.VoiceTTSAudioDuration(1.5)} {
		if value, ok := got.Value(want.Key); !ok || value != want.Value {
			t.Errorf("%s is %s, want %s", want.Key, value.String(), want.Value.String())
		}
	}
	voicetest.Check(t, rec)
}

// Tokens that the program sets win over those of the response, even if it sets them first, and the
// requests of a stage add up.
func TestTokensOfProgramsStage(t *testing.T) {
	for _, tt := range []struct {
		name      string
		set       otelvoice.Usage
		requests  int
		want, out int
	}{
		{"of the response", otelvoice.Usage{}, 1, 58, 3},
		{"of two responses", otelvoice.Usage{}, 2, 116, 6},
		{"of the program", otelvoice.Usage{InputTokens: 1000}, 1, 1000, 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, rec := voicetest.Setup(t)
			ctx, session := tel.StartSession(t.Context())
			ctx, turn := session.StartTurn(ctx)
			ofStage, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: "openai", Name: "mine"})
			llm.SetUsage(tt.set)
			transport := voicehttp.Transport(tel.Telemetry, answers(http.StatusOK, "text/event-stream", chatStream))
			for range tt.requests {
				drain(post(ofStage, t, transport, chatURL, "application/json", chatQuestion))
			}
			llm.End(nil)
			turn.End()
			session.End()
			got := attribute.NewSet(rec.Named("chat mine")[0].Attributes()...)
			for _, want := range []attribute.KeyValue{semconv.GenAIUsageInputTokens(tt.want), semconv.GenAIUsageOutputTokens(tt.out)} {
				if value, ok := got.Value(want.Key); !ok || value != want.Value {
					t.Errorf("%s is %s, want %s", want.Key, value.String(), want.Value.String())
				}
			}
			voicetest.Check(t, rec)
		})
	}
}

// A request is one stage, whatever is between two transports of one telemetry.
func TestTransportInTransport(t *testing.T) {
	var tel *voicesdk.SDK
	base := answers(http.StatusOK, "audio/pcm", halfSecond)
	for _, tt := range []struct {
		name      string
		transport func(session *otelvoice.Session) http.RoundTripper
		spans     int // Of HTTP.
	}{
		{"twice", func(*otelvoice.Session) http.RoundTripper {
			return voicehttp.Transport(tel.Telemetry, voicehttp.Transport(tel.Telemetry, base))
		}, 1},
		{"of a session", func(session *otelvoice.Session) http.RoundTripper {
			return voicehttp.Client(session, &http.Client{Transport: voicehttp.Transport(tel.Telemetry, base)}).Transport
		}, 1},
		{"of two sessions", func(session *otelvoice.Session) http.RoundTripper {
			_, other := tel.StartSession(t.Context())
			return voicehttp.Client(session, voicehttp.Client(other, &http.Client{Transport: base})).Transport
		}, 1},
		{"with one between", func(session *otelvoice.Session) http.RoundTripper {
			inner := voicehttp.Transport(tel.Telemetry, base)
			return voicehttp.Client(session, &http.Client{Transport: roundTripper(inner.RoundTrip)}).Transport
		}, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var rec *voicetest.Recorder
			tel, rec = voicetest.Setup(t)
			_, session := tel.StartSession(t.Context())
			_, turn := session.StartTurn(t.Context())
			transport := tt.transport(session)
			ctx := context.Background()
			if tt.name == "twice" {
				ctx = session.Context(ctx)
			}
			drain(speak(ctx, t, transport, "one"))
			turn.End()
			session.End()
			if stages, spans := rec.Named("text_to_speech eleven_turbo_v2_5"), rec.Named("POST"); len(stages) != 1 || len(spans) != tt.spans {
				t.Errorf("%d stages and %d HTTP spans, want 1 and %d\n%s", len(stages), len(spans), tt.spans, rec.Shape())
			} else if id := attribute.NewSet(stages[0].Attributes()...); !id.HasValue(semconv.VoiceTurnIDKey) {
				t.Error("the stage is outside of the turn")
			}
		})
	}
}
