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

	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

var tel, _ = voicesdk.Setup(context.Background(), voicesdk.WithShutdownOnSignal())

type agent struct {
	openai    openai.Client
	anthropic anthropic.Client
}

func main() {
	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}
	a := &agent{
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
	ctx, session := tel.StartSession(r.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	question, err := a.transcribe(ctx, r.Body)
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

func (a *agent) transcribe(ctx context.Context, recording io.Reader) (string, error) {
	transcript, err := a.openai.Audio.Transcriptions.New(ctx, openai.AudioTranscriptionNewParams{
		Model: "gpt-4o-transcribe", File: openai.File(recording, "question.wav", "audio/wav"),
	})
	if err != nil {
		return "", err
	}
	return transcript.Text, nil
}

func (a *agent) think(ctx context.Context, question string) (string, error) {
	stream := a.anthropic.Messages.NewStreaming(ctx, anthropic.MessageNewParams{
		Model: "claude-haiku-4-5", MaxTokens: 500,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock(question))},
	})
	defer func() { _ = stream.Close() }()
	var message anthropic.Message
	for stream.Next() {
		if err := message.Accumulate(stream.Current()); err != nil {
			return "", err
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

func (a *agent) speak(ctx context.Context, w http.ResponseWriter, answer string) error {
	speech, err := a.openai.Audio.Speech.New(ctx, openai.AudioSpeechNewParams{
		Model: "gpt-4o-mini-tts", Input: answer, ResponseFormat: openai.AudioSpeechNewParamsResponseFormatPCM,
		Voice: openai.AudioSpeechNewParamsVoiceUnion{OfString: openai.String("coral")},
	})
	if err != nil {
		return err
	}
	defer func() { _ = speech.Body.Close() }()
	w.Header().Set("Content-Type", "audio/pcm")
	_, err = io.Copy(w, speech.Body)
	return err
}

func fail(ctx context.Context, w http.ResponseWriter, what string, err error) {
	slog.ErrorContext(ctx, what, "error", err)
	http.Error(w, what, http.StatusBadGateway)
}
