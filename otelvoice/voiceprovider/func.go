// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voiceprovider

import (
	"context"
	"iter"
	"strings"

	"github.com/voice-agents/telemetry/otelvoice"
)

// TranscribeFunc is a [Transcriber] that processes whole utterances, for example with one
// HTTP request.
type TranscribeFunc func(ctx context.Context, format otelvoice.AudioFormat, audio []byte) (Transcript, error)

// Transcribe collects the audio, at most 16 MB, and yields one final transcript.
func (f TranscribeFunc) Transcribe(ctx context.Context, audio iter.Seq[Frame]) iter.Seq2[Transcript, error] {
	const most = 16 << 20
	return func(yield func(Transcript, error) bool) {
		var format otelvoice.AudioFormat
		var all []byte
		for frame := range audio {
			if format == (otelvoice.AudioFormat{}) {
				format = frame.Format
			}
			if len(all)+len(frame.Data) > most {
				yield(Transcript{}, ErrTooLong)
				return
			}
			all = append(all, frame.Data...)
		}
		if err := ctx.Err(); err != nil {
			yield(Transcript{}, err)
			return
		}
		t, err := f(ctx, format, all)
		t.Final = err == nil
		yield(t, err)
	}
}

// RespondFunc is a [Responder] that returns the whole answer at once.
type RespondFunc func(ctx context.Context, req Request) (Chunk, error)

// Respond yields the answer.
func (f RespondFunc) Respond(ctx context.Context, req Request) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) { yield(f(ctx, req)) }
}

// SynthesizeFunc is a [Synthesizer] that returns all audio of a text at once.
type SynthesizeFunc func(ctx context.Context, text string) (Frame, error)

// Synthesize collects the text and yields its audio.
func (f SynthesizeFunc) Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		var all strings.Builder
		for piece := range text {
			all.WriteString(piece)
		}
		yield(f(ctx, all.String()))
	}
}
