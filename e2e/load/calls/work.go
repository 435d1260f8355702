// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/e2e/load"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// work is one turn of a call, whose session is nil when there is no telemetry.
type work func(ctx context.Context, session *otelvoice.Session) error

// newWork returns the kind of work that the flag selects.
func newWork(name string, tel *otelvoice.Telemetry) (work, error) {
	switch name {
	case "hand":
		return func(ctx context.Context, session *otelvoice.Session) error {
			load.Turn(ctx, session)
			return nil
		}, nil
	case "pipe":
		return newPipe(tel)
	}
	return nil, fmt.Errorf("-work %s: must be hand or pipe", name)
}

// newPipe returns a turn of a pipeline with instrumented providers.
func newPipe(tel *otelvoice.Telemetry) (work, error) {
	p, err := voicepipe.New(voicepipe.Config{
		Telemetry: tel,
		STT:       []voiceprovider.Transcriber{voicepipe.InstrumentSTT(instant{}, load.STT)},
		LLM:       []voiceprovider.Responder{voicepipe.InstrumentLLM(instant{}, load.LLM)},
		TTS:       []voiceprovider.Synthesizer{voicepipe.InstrumentTTS(instant{}, load.TTS)},
		// A provider without delay still waits for a CPU, as one of thousands of goroutines.
		Timeouts: voicepipe.Timeouts{STT: time.Minute, LLM: time.Minute, TTS: time.Minute, Playout: time.Minute},
	})
	if err != nil {
		return nil, err
	}
	heard := slices.Values(slices.Repeat([]voiceprovider.Frame{sound}, int(2*time.Second/sound.Duration())))
	return func(ctx context.Context, _ *otelvoice.Session) error {
		_, err := p.Process(ctx, heard, nil, line{})
		return err
	}, nil
}

// sound is 20 ms of audio.
var sound = voiceprovider.Frame{
	Format: otelvoice.AudioFormat{Codec: "pcm_s16le", SampleRate: 16000, Channels: 1},
	Data:   slices.Repeat([]byte{0, 0x40}, 320),
}

// instant is a provider of every kind that needs no time.
type instant struct{}

// Transcribe implements [voiceprovider.Transcriber].
func (instant) Transcribe(_ context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		for range audio {
		}
		yield(voiceprovider.Transcript{Text: "a table for two", Final: true}, nil)
	}
}

// Respond implements [voiceprovider.Responder].
func (instant) Respond(context.Context, voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		for _, word := range [...]string{"With", " pleasure", ".", " At", " seven", "?"} {
			if !yield(voiceprovider.Chunk{Text: word}, nil) {
				return
			}
		}
	}
}

// Synthesize implements [voiceprovider.Synthesizer] with a second of sound.
func (instant) Synthesize(_ context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		for range text {
		}
		for range int(time.Second / sound.Duration()) {
			if !yield(sound, nil) {
				return
			}
		}
	}
}

// line is an output that accepts audio at once.
type line struct{}

// Play implements [voicepipe.Output].
func (line) Play(context.Context, voiceprovider.Frame) error { return nil }
