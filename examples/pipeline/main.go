// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Pipeline is a voice agent without a telephone: it answers recorded questions with speech
// and prints what was measured. The providers run on loopback; see
// examples/voiceagent/provider.
//
//	go run ./examples/pipeline
//	go run ./examples/pipeline 2>/dev/null | jq -c 'select(.phase == "stage_end") | {stage, duration_ms}'
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"slices"
	"text/tabwriter"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/examples/voiceagent/openai"
	"github.com/voice-agents/telemetry/examples/voiceagent/provider"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicehttp"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/semconv"
	"github.com/voice-agents/telemetry/testdata/speech"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// speed is the speed of the providers: twenty times real time.
const speed = 20

func run(ctx context.Context) (err error) {
	script, err := provider.ReadScript(speech.Files())
	if err != nil {
		return err
	}
	vendor, err := provider.Serve(ctx, &provider.Options{Seed: 1, Speed: speed, Script: script})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, vendor.Close()) }()

	tel, err := voicesdk.Setup(ctx, voicesdk.WithServiceName("pipeline"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tel.Shutdown(ctx)) }()

	client := &http.Client{Transport: voicehttp.Transport(tel.Telemetry, nil)}
	defer client.CloseIdleConnections()
	ai := &openai.Client{BaseURL: vendor.BaseURL(), Key: "any", HTTP: client}
	pipeline, err := voicepipe.New(voicepipe.Config{
		Telemetry:    tel.Telemetry,
		ID:           "concierge",
		STT:          []voiceprovider.Transcriber{voicepipe.InstrumentSTT(ai.Transcriber("whisper-1", "en"), otelvoice.Model{Provider: "openai", Name: "whisper-1"})},
		LLM:          []voiceprovider.Responder{voicepipe.InstrumentLLM(ai.Responder("gpt-4o-mini"), otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})},
		TTS:          []voiceprovider.Synthesizer{voicepipe.InstrumentTTS(ai.Synthesizer("tts-1", "alloy"), otelvoice.Model{Provider: "openai", Name: "tts-1"})},
		Instructions: "You are the concierge of a hotel. Answer in one or two short sentences.",
		Tools: []voiceprovider.Tool{{
			Name: "check_availability", Description: "Looks up whether the restaurant has a table.", Parameters: `{"type": "object"}`,
			Call: func(context.Context, string) (string, error) { return `{"available": true}`, nil },
		}},
	})
	if err != nil {
		return err
	}

	// One conversation: each question is asked with the messages before it.
	ctx, session := tel.StartSession(ctx, otelvoice.WithPipelineID("concierge"))
	defer session.End()
	var said []voiceprovider.Message
	for _, question := range []string{"opening_hours.wav", "book_table.wav"} {
		file, err := fs.ReadFile(speech.Files(), question)
		if err != nil {
			return err
		}
		audio := []voiceprovider.Frame{{Data: file}} // The WAV header has the format.
		res, err := pipeline.Process(ctx, slices.Values(audio), said, nil)
		if err != nil {
			return err
		}
		said = append(said, res.Messages...)
		if err := report(os.Stderr, res); err != nil {
			return err
		}
	}
	return nil
}

// report prints what was said and how long each stage took.
func report(to io.Writer, res voicepipe.Result) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "\nuser:  %s\nagent: %s (%s)\n", res.Transcript, res.Reply, length(res.Audio))
	if latency, ok := res.Turn.Latency(); ok {
		fmt.Fprintf(w, "waited\t%s\n", latency.Response.Round(time.Millisecond))
		for _, s := range latency.Segments {
			fmt.Fprintf(w, "  %s\t%s\n", s.Name, s.Duration.Round(time.Millisecond))
		}
	}
	for _, s := range res.Turn.Stages() {
		fmt.Fprintf(w, "%s %s\t%s\t%s", s.Stage, s.Model.Name, s.Duration.Round(time.Millisecond), s.Outcome)
		for _, key := range []attribute.Key{semconv.VoiceSTTRealTimeFactorKey, semconv.VoiceTTSRealTimeFactorKey} {
			if factor, ok := s.Float(key); ok {
				fmt.Fprintf(w, "\t%.2f of real time", factor)
			}
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// length is the duration of the agent's voice.
func length(audio []voiceprovider.Frame) (d time.Duration) {
	for _, f := range audio {
		d += f.Duration()
	}
	return d.Round(10 * time.Millisecond)
}
