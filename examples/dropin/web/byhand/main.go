// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Web is an agent that answers recordings over HTTP: chi, OpenAI for speech,
// Anthropic for the answer.
//
// It reads OPENAI_BASE_URL, OPENAI_API_KEY, ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY and LISTEN.
package main

import (
	"context"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/anthropics/anthropic-sdk-go"
	anthropicoption "github.com/anthropics/anthropic-sdk-go/option"
	"github.com/go-chi/chi/v5"
	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
)

type agent struct {
	tel       *otelvoice.Telemetry
	openai    openai.Client
	anthropic anthropic.Client
}

func main() {
	tel, err := voicesdk.Setup(context.Background(), voicesdk.WithShutdownOnSignal())
	if err != nil {
		log.Fatal(err)
	}
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil, voicehttp.WithoutStages())}
	a := &agent{
		tel:       tel.Telemetry,
		openai:    openai.NewClient(option.WithHTTPClient(client)),
		anthropic: anthropic.NewClient(anthropicoption.WithHTTPClient(client), anthropicoption.WithoutOpenTelemetry()),
	}
	router := chi.NewRouter()
	router.Post("/talk/{customer}", a.talk)
	listener, err := net.Listen("tcp", os.Getenv("LISTEN")) //nolint:noctx // For as long as the program runs.
	if err != nil {
		log.Fatal(err)
	}
	slog.Info("listening", "address", listener.Addr().String())
	server := &http.Server{Handler: router, ReadHeaderTimeout: 5 * time.Second}
	log.Fatal(server.Serve(listener))
}

// talk answers a recording with speech.
func (a *agent) talk(w http.ResponseWriter, r *http.Request) {
	ctx, session := a.tel.StartSession(r.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	question, err := a.transcribe(ctx, r.Body, r.ContentLength)
	if err != nil {
		fail(ctx, w, "not understood", err)
		return
	}
	answer, err := a.think(ctx, question)
	if err != nil {
		fail(ctx, w, "no answer", err)
		return
	}
	if err := a.speak(ctx, w, answer); err != nil {
		fail(ctx, w, "not said", err)
	}
}

func (a *agent) transcribe(ctx context.Context, recording io.Reader, size int64) (string, error) {
	ctx, stt := otelvoice.TurnFromContext(ctx).StartSTT(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-transcribe"})
	pcm := otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 16000, Channels: 1}
	stt.SetAudio(pcm)
	stt.SetAudioDuration(pcm.Duration(size - 44)) // Less the header of the WAV file.
	transcript, err := a.openai.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{
		Model: "gpt-4o-transcribe", File: openai.File(stt.Reader(recording), "question.wav", "audio/wav"),
	})
	if err != nil {
		stt.End(err)
		return "", err
	}
	stt.SetTranscript(transcript.Text)
	stt.Final()
	stt.End(nil)
	return transcript.Text, nil
}

func (a *agent) think(ctx context.Context, question string) (string, error) {
	ctx, llm := otelvoice.TurnFromContext(ctx).StartLLM(ctx, otelvoice.Model{Provider: "anthropic", Name: "claude-haiku-4-5"})
	llm.SetAttributes(semconv.GenAIRequestMaxTokens(500))
	stream := otelvoice.WrapStream(llm, a.anthropic.Messages.NewStreaming(ctx, anthropic.MessageNewParams{
		Model: "claude-haiku-4-5", MaxTokens: 500,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))},
	}))
	defer func() { _ = stream.Close() }()
	var message anthropic.Message
	for stream.Next() {
		if err := message.Accumulate(stream.Current()); err != nil {
			return "", err
		}
		if message.StopReason != "" {
			llm.SetResponse(message.ID, message.Model, string(message.StopReason))
		}
	}
	if err := stream.Err(); err != nil {
		return "", err
	}
	var answer strings.Builder
	for _, block := range message.Content {
		answer.WriteString(block.Text)
	}
	return answer.String(), nil
}

func (a *agent) speak(ctx context.Context, w http.ResponseWriter, answer string) (err error) {
	ctx, tts := otelvoice.TurnFromContext(ctx).StartTTS(ctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini-tts"})
	defer func() { tts.End(err) }()
	tts.SetVoice("coral")
	tts.AddText(answer)
	tts.SetAudio(otelvoice.AudioFormat{Codec: otelvoice.CodecPCM16, SampleRate: 24000, Channels: 1})
	speech, err := a.openai.Audio.Speech.New(ctx, openai.AudioSpeechNewParams{
		Model: "gpt-4o-mini-tts", Input: answer, ResponseFormat: openai.AudioSpeechNewParamsResponseFormatPCM,
		Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("coral")},
	})
	if err != nil {
		return err
	}
	defer func() { _ = speech.Body.Close() }()
	w.Header().Set("Content-Type", "audio/pcm")
	_, err = io.Copy(w, tts.Reader(speech.Body))
	return err
}

func fail(ctx context.Context, w http.ResponseWriter, what string, err error) {
	slog.ErrorContext(ctx, what, "error", err)
	http.Error(w, what, http.StatusBadGateway)
}
