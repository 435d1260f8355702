// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// instant is a provider of every kind that needs no time, so that only the pipeline and its telemetry
// are measured.
type instant struct{ frames []voiceprovider.Frame }

func (instant) Transcribe(_ context.Context, audio iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		for range audio {
		}
		yield(voiceprovider.Transcript{Text: "a table for two", Final: true}, nil)
	}
}

func (instant) Respond(context.Context, voiceprovider.Request) iter.Seq2[voiceprovider.Chunk, error] {
	return func(yield func(voiceprovider.Chunk, error) bool) {
		for _, word := range [...]string{"With", " pleasure", ".", " At", " seven", "?"} {
			if !yield(voiceprovider.Chunk{Text: word}, nil) {
				return
			}
		}
	}
}

func (i instant) Synthesize(_ context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		for range text {
		}
		for _, f := range i.frames {
			if !yield(f, nil) {
				return
			}
		}
	}
}

// silent is an audio connection that accepts everything at once.
type silent struct{}

func (silent) Play(context.Context, voiceprovider.Frame) error { return nil }

// sound is audio in frames of 20 ms.
func sound(length time.Duration) []voiceprovider.Frame {
	const each = 20 * time.Millisecond
	format := otelvoice.AudioFormat{Codec: codec, SampleRate: sttRate, Channels: 1}
	return slices.Repeat([]voiceprovider.Frame{{Format: format, Data: slices.Repeat([]byte{0, 0x40}, sttRate/int(time.Second/each))}}, int(length/each))
}

// pipelines returns the contenders that make calls of one turn each, of 2 s of speech and an answer of
// two sentences, five hundred concurrently. The baseline has no telemetry.
func pipelines(s sinks) []paired.Contender {
	voice := func(opts ...voicesdk.Option) func() (paired.Work, error) {
		return func() (paired.Work, error) {
			tel, err := s.voice(opts...)
			if err != nil {
				return paired.Work{}, err
			}
			w, err := calls(tel.Telemetry)
			return w.Also(Flushed(tel), func() { _ = tel.Shutdown(context.Background()) }), err
		}
	}
	return []paired.Contender{
		{Name: "no telemetry", Start: func() (paired.Work, error) { return calls(nil) }},
		{Name: "otelvoice without lines", Start: voice(voicesdk.WithoutConsole())},
		{Name: "otelvoice", Start: voice()},
	}
}

func calls(tel *otelvoice.Telemetry) (paired.Work, error) {
	const atOnce = 500
	utterance := slices.Values(sound(2 * time.Second))
	fast := instant{sound(time.Second)}
	p, err := voicepipe.New(voicepipe.Config{
		Telemetry: tel,
		STT:       []voiceprovider.Transcriber{voicepipe.InstrumentSTT(fast, otelvoice.Model{Provider: sttProvider, Name: sttModel})},
		LLM:       []voiceprovider.Responder{voicepipe.InstrumentLLM(fast, otelvoice.Model{Provider: provider, Name: model})},
		TTS:       []voiceprovider.Synthesizer{voicepipe.InstrumentTTS(fast, otelvoice.Model{Provider: ttsProvider, Name: ttsModel})},
	})
	if err != nil {
		return paired.Work{}, err
	}
	var failed atomic.Pointer[error]
	return paired.Work{
		Run: func(n int) {
			var begun atomic.Int64
			var wg sync.WaitGroup
			for range min(n, atOnce) {
				wg.Go(func() {
					for begun.Add(1) <= int64(n) {
						ctx, session := tel.StartSession(context.Background())
						if _, err := p.Process(ctx, utterance, nil, silent{}); err != nil {
							failed.Store(&err)
						}
						session.End()
					}
				})
			}
			wg.Wait()
		},
		Settle: func() error {
			if err := failed.Load(); err != nil {
				return *err
			}
			return nil
		},
	}, nil
}
