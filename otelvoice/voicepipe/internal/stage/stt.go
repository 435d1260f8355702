// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package stage instruments providers and retries them.
package stage

import (
	"context"
	"iter"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/pull"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A Transcriber is an instrumented [voiceprovider.Transcriber].
type Transcriber struct {
	Next  voiceprovider.Transcriber
	Model otelvoice.Model
	// Streams reports that a pipeline keeps it connected for a whole call.
	Streams bool
}

// Transcribe transcribes an utterance within a stage.
func (i *Transcriber) Transcribe(ctx context.Context, frames iter.Seq[voiceprovider.Frame]) iter.Seq2[voiceprovider.Transcript, error] {
	return func(yield func(voiceprovider.Transcript, error) bool) {
		try := attemptFrom(ctx)
		_, batch := i.Next.(voiceprovider.TranscribeFunc)
		if batch {
			// The stage starts when the audio is complete. The time before, in which the user
			// speaks, is not the provider's.
			frames = slices.Values(slices.Collect(frames))
			if err := ctx.Err(); err != nil {
				yield(voiceprovider.Transcript{}, Wrap(STT, err))
				return
			}
		}
		ctx, stage := otelvoice.TurnFromContext(ctx).StartSTT(ctx, i.Model, try.option())
		defer stage.End(context.Canceled) // The first End counts: this one is for a consumer that stops early or panics.
		stage.SetLive(!batch)
		over := make(chan struct{})
		ended := sync.OnceFunc(func() { close(over) })
		var invalid atomic.Pointer[error]
		counted := func(yield func(voiceprovider.Frame) bool) {
			defer ended()
			var formats audio.Formats
			for frame := range frames {
				frame, err := formats.Fill(frame)
				if err != nil {
					invalid.Store(&err)
					return
				}
				if len(frame.Data) == 0 {
					continue
				}
				stage.SetAudio(frame.Format)
				stage.AddAudio(frame.Data)
				if !yield(frame) {
					return
				}
			}
		}
		var said Utterance
		for t, err := range pull.Seq(ctx, try.timeout, over, func(ctx context.Context) iter.Seq2[voiceprovider.Transcript, error] {
			return i.Next.Transcribe(ctx, counted)
		}) {
			if e := invalid.Load(); e != nil {
				err = *e
			}
			if err != nil {
				stage.End(err)
				yield(voiceprovider.Transcript{}, Wrap(STT, err))
				return
			}
			said.Add(t)
			said.Record(stage, t)
			if !yield(t, nil) {
				if said.Finals > 0 {
					stage.End(nil) // The consumer has what it needs.
				}
				return
			}
		}
		if e := invalid.Load(); e != nil {
			stage.End(*e)
			yield(voiceprovider.Transcript{}, Wrap(STT, *e))
			return
		}
		stage.SetAttributes(try.chosen()...)
		stage.End(nil)
	}
}
