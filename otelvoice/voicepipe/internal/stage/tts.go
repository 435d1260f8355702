// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"context"
	"iter"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/pull"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// A Synthesizer is an instrumented [voiceprovider.Synthesizer].
type Synthesizer struct {
	Next  voiceprovider.Synthesizer
	Model otelvoice.Model
}

// Synthesize speaks a text within a stage.
func (i *Synthesizer) Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[voiceprovider.Frame, error] {
	return func(yield func(voiceprovider.Frame, error) bool) {
		try := attemptFrom(ctx)
		ctx, stage := otelvoice.TurnFromContext(ctx).StartTTS(ctx, i.Model, try.option())
		defer stage.End(context.Canceled)
		if v, ok := i.Next.(interface{ Voice() string }); ok {
			stage.SetVoice(v.Voice())
		}
		counted := func(yield func(string) bool) {
			for piece := range text {
				stage.AddText(piece)
				if !yield(piece) {
					return
				}
			}
		}
		var formats audio.Formats
		empty := true
		for frame, err := range pull.Seq(ctx, try.timeout, nil, func(ctx context.Context) iter.Seq2[voiceprovider.Frame, error] {
			return i.Next.Synthesize(ctx, counted)
		}) {
			if err == nil && len(frame.Data) == 0 {
				continue
			}
			if err == nil {
				frame, err = formats.Fill(frame)
			}
			if err != nil {
				stage.End(err)
				yield(voiceprovider.Frame{}, Wrap(TTS, err))
				return
			}
			if len(frame.Data) == 0 {
				continue // The frame was a header.
			}
			empty = false
			stage.SetAudio(frame.Format)
			stage.AddAudio(frame.Data)
			if !yield(frame, nil) {
				return
			}
		}
		if empty {
			stage.End(voiceprovider.ErrNothing)
			yield(voiceprovider.Frame{}, Wrap(TTS, voiceprovider.ErrNothing))
			return
		}
		stage.SetAttributes(try.chosen()...)
		stage.End(nil)
	}
}
