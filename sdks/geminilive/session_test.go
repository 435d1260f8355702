// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive_test

import (
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genai"

	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicews"
	"github.com/voice-agents/telemetry/semconv"
)

const model = "gemini-live-test"

// tap taps what the default dialer dials, as a program does once in main. The Live client has no dialer of
// its own.
func tap(t *testing.T, d *voicews.Dialer) {
	t.Helper()
	before := *websocket.DefaultDialer
	websocket.DefaultDialer.NetDialContext = d.DialContext
	websocket.DefaultDialer.NetDialTLSContext = d.DialTLSContext
	t.Cleanup(func() {
		websocket.DefaultDialer.NetDialContext, websocket.DefaultDialer.NetDialTLSContext = before.NetDialContext, before.NetDialTLSContext
	})
}

func client(t *testing.T, config *genai.ClientConfig) *genai.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(serve))
	t.Cleanup(server.Close)
	config.HTTPOptions.BaseURL = strings.Replace(server.URL, "http:", "ws:", 1)
	c, err := genai.NewClient(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func gemini() *genai.ClientConfig {
	return &genai.ClientConfig{APIKey: "key", Backend: genai.BackendGeminiAPI, HTTPOptions: genai.HTTPOptions{APIVersion: "v1beta"}}
}

// A session is one with the model.
type session struct {
	*genai.Session
	tb testing.TB
}

func connect(t *testing.T, c *genai.Client, config *genai.LiveConnectConfig) *session {
	t.Helper()
	s, err := c.Live.Connect(t.Context(), model, config)
	if err != nil {
		t.Fatal(err)
	}
	return &session{s, t}
}

// speaks sends audio of 20 ms.
func (s *session) speaks(times int) {
	for range times {
		s.sends(genai.LiveRealtimeInput{Audio: &genai.Blob{MIMEType: "audio/pcm;rate=16000", Data: make([]byte, 640)}})
	}
}

func (s *session) sends(input genai.LiveRealtimeInput) {
	if err := s.SendRealtimeInput(input); err != nil {
		s.tb.Error(err)
	}
}

// hears receives until the end of a turn or the call of a tool, and returns the bytes of audio.
func (s *session) hears() (audio int) {
	for {
		m, err := s.Receive()
		if err != nil {
			s.tb.Error(err)
			return audio
		}
		if m.ToolCall != nil {
			return audio
		}
		if m.ServerContent == nil {
			continue
		}
		if turn := m.ServerContent.ModelTurn; turn != nil {
			for _, p := range turn.Parts {
				audio += len(p.InlineData.Data)
			}
		}
		if m.ServerContent.TurnComplete {
			return audio
		}
	}
}

func (s *session) closes(rec *voicetest.Recorder) {
	if err := s.Close(); err != nil {
		s.tb.Error(err)
	}
	ended(s.tb, rec)
}

// ended waits until a session has ended.
func ended(tb testing.TB, rec *voicetest.Recorder) {
	tb.Helper()
	for deadline := time.Now().Add(time.Minute); len(rec.Named(semconv.SpanVoiceSession)) == 0; runtime.Gosched() {
		if time.Now().After(deadline) {
			tb.Fatal("the session has not ended")
		}
	}
}

// of returns the value of an attribute, and whether it is set.
func of(span sdktrace.ReadOnlySpan, key attribute.Key) (value string, ok bool) {
	for _, kv := range span.Attributes() {
		if kv.Key == key {
			return kv.Value.String(), true
		}
	}
	return "", false
}

func check(t *testing.T, span sdktrace.ReadOnlySpan, want map[attribute.Key]string) {
	t.Helper()
	for key, value := range want {
		if got, _ := of(span, key); got != value {
			t.Errorf("%s: %s is %q, want %q", span.Name(), key, got, value)
		}
	}
}

// A session is a call with a turn for each thing that the user says.
func TestSession(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	tap(t, voicews.NewDialer(sdk.Telemetry))
	s := connect(t, client(t, gemini()), &genai.LiveConnectConfig{
		ResponseModalities:      []genai.Modality{genai.ModalityAudio},
		SpeechConfig:            &genai.SpeechConfig{VoiceConfig: &genai.VoiceConfig{PrebuiltVoiceConfig: &genai.PrebuiltVoiceConfig{VoiceName: "Kore"}}},
		InputAudioTranscription: &genai.AudioTranscriptionConfig{},
	})
	s.speaks(frames)
	if n := s.hears(); n != 4800 {
		t.Errorf("%d bytes of audio arrived, want 4800", n)
	}
	s.speaks(frames - 1)
	if err := s.SendClientContent(genai.LiveClientContentInput{Turns: genai.Text("Book it.")}); err != nil {
		t.Error(err)
	}
	s.hears()
	if err := s.SendToolResponse(genai.LiveToolResponseInput{FunctionResponses: []*genai.FunctionResponse{{ID: "call-1", Name: "book", Response: map[string]any{"output": "ok"}}}}); err != nil {
		t.Error(err)
	}
	s.hears()
	s.closes(rec)

	streams := rec.Named(semconv.SpanRealtimeSession(model))
	if len(streams) != 1 {
		t.Fatalf("%d connections\n%s", len(streams), rec.Shape())
	}
	check(t, streams[0], map[attribute.Key]string{
		semconv.GenAIProviderNameKey: "gcp.gemini", semconv.GenAIRequestModelKey: model, semconv.GenAIRealtimeSessionIDKey: "sess-1",
	})
	responses := rec.Named(semconv.SpanRealtimeInference(model))
	if len(responses) != 3 || len(rec.Named(semconv.SpanExecuteTool("book"))) != 1 {
		t.Fatalf("%d responses, want 3\n%s", len(responses), rec.Shape())
	}
	check(t, responses[0], map[attribute.Key]string{
		semconv.GenAISpeechVoiceKey: "Kore", semconv.VoiceRealtimeOutputAudioDurationKey: "0.1",
		semconv.GenAIUsageInputTokensKey: "100", semconv.GenAIUsageOutputTokensKey: "20",
		semconv.GenAIUsageAudioInputTokensKey: "50", semconv.GenAIUsageAudioOutputTokensKey: "20",
	})
	check(t, responses[2], map[attribute.Key]string{semconv.GenAIUsageInputTokensKey: "160"})
	for i, want := range []bool{false, false, true} { // When the answer to speech began is not known. The second one has no audio.
		if _, ok := of(responses[i], semconv.VoiceRealtimeTimeToFirstAudioKey); ok != want {
			t.Errorf("response %d has a time to its first audio: %v, want %v", i+1, ok, want)
		}
	}
	turns := rec.Named(semconv.SpanVoiceTurn)
	if len(turns) != 2 {
		t.Errorf("%d turns, want 2\n%s", len(turns), rec.Timeline())
	}
	for _, turn := range turns {
		index, _ := of(turn, semconv.VoiceTurnIndexKey)
		if _, ok := of(turn, semconv.VoiceTurnAnchorKey); ok != (index == "2") {
			t.Errorf("turn %s has a latency: %v", index, ok)
		}
		if _, ok := of(turn, semconv.VoiceTurnSegmentGenerationKey); ok != (index == "2") {
			t.Errorf("turn %s has the model's segment: %v", index, ok)
		}
	}
	t.Logf("\n%s", rec.Timeline())
	if open := rec.Open(); len(open) > 0 {
		t.Errorf("%d spans are open", len(open))
	}
	voicetest.Check(t, rec)
}

// A program that detects activity by itself says when the user has spoken.
func TestActivityOfTheProgram(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	tap(t, voicews.NewDialer(sdk.Telemetry))
	s := connect(t, client(t, gemini()), &genai.LiveConnectConfig{
		RealtimeInputConfig: &genai.RealtimeInputConfig{AutomaticActivityDetection: &genai.AutomaticActivityDetection{Disabled: true}},
	})
	for range 2 {
		s.sends(genai.LiveRealtimeInput{ActivityStart: &genai.ActivityStart{}})
		s.speaks(frames - 6)
		s.sends(genai.LiveRealtimeInput{ActivityEnd: &genai.ActivityEnd{}})
		s.hears()
	}
	s.closes(rec)
	for _, turn := range rec.Named(semconv.SpanVoiceTurn) {
		check(t, turn, map[attribute.Key]string{semconv.VoiceTurnAnchorKey: "manual"})
	}
	for _, response := range rec.Named(semconv.SpanRealtimeInference(model)) {
		if _, ok := of(response, semconv.VoiceRealtimeTimeToFirstAudioKey); !ok {
			t.Error("a response has no time to its first audio")
		}
	}
	voicetest.Check(t, rec)
}

// The client of Vertex AI has another path, and no provider's host.
func TestVertex(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	tap(t, voicews.NewDialer(sdk.Telemetry))
	config := &genai.ClientConfig{Backend: genai.BackendVertexAI, Project: "acme", Location: "europe-west4", HTTPClient: &http.Client{}}
	s := connect(t, client(t, config), &genai.LiveConnectConfig{})
	s.speaks(frames)
	s.hears()
	s.closes(rec)
	for _, span := range rec.Named(semconv.SpanRealtimeInference(model)) {
		check(t, span, map[attribute.Key]string{semconv.GenAIProviderNameKey: "gcp.vertex_ai", semconv.GenAIRequestModelKey: model})
	}
	voicetest.Check(t, rec)
}

// connecting guards the default dialer while a session connects: Connect dials before it returns.
var connecting sync.Mutex

// The connection of a call that has others, such as a telephone line, is dialled with the dialer of
// the call.
func TestConnectionOfACall(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	c := client(t, gemini())
	var calls sync.WaitGroup
	for range 4 {
		_, call := voicews.NewCall(t.Context(), sdk.Telemetry)
		calls.Go(func() {
			defer call.End()
			connecting.Lock()
			websocket.DefaultDialer.NetDialContext = call.Dialer().DialContext
			s, err := c.Live.Connect(t.Context(), model, &genai.LiveConnectConfig{})
			websocket.DefaultDialer.NetDialContext = nil
			connecting.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = s.Close() }()
			own := &session{s, t}
			own.speaks(frames)
			own.hears()
		})
	}
	calls.Wait()
	if n := len(rec.Named(semconv.SpanVoiceSession)); n != 4 {
		t.Errorf("%d sessions, want 4", n)
	}
	if n := len(rec.Named(semconv.SpanRealtimeInference(model))); n != 4 {
		t.Errorf("%d responses, want 4", n)
	}
	voicetest.Check(t, rec)
}

// The API closes the connection for an error.
func TestCloseCode(t *testing.T) {
	sdk, rec := voicetest.Setup(t)
	tap(t, voicews.NewDialer(sdk.Telemetry))
	if _, err := client(t, gemini()).Live.Connect(t.Context(), "unknown", &genai.LiveConnectConfig{}); err == nil {
		t.Fatal("the model is known")
	}
	ended(t, rec)
	streams := rec.Named(semconv.SpanRealtimeSession("unknown"))
	if len(streams) != 1 {
		t.Fatalf("%d connections\n%s", len(streams), rec.Shape())
	}
	check(t, streams[0], map[attribute.Key]string{semconv.VoiceStreamCloseCodeKey: "1008", semconv.ErrorTypeKey: "1008", semconv.VoiceStreamOutcomeKey: "failed"})
	voicetest.Check(t, rec)
}
