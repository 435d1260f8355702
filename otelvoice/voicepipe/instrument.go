// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"iter"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// InstrumentSTT returns a [Transcriber] that tells of its work: a span for each
// utterance in the turn of its context, with audio seconds, real-time factor,
// confidence, language and final latency, the turn's marks, metrics and log lines.
// The span of a [TranscribeFunc] begins with its work, when the audio is complete;
// that of a recogniser that listens begins with the audio. Without a turn it only
// passes on. For a recogniser that stays connected see [InstrumentSTTStream].
func InstrumentSTT(next Transcriber, model otelvoice.Model) Transcriber {
	return &instrumentedSTT{next: next, model: model}
}

// InstrumentLLM returns a [Responder] that tells of its work: a span for each
// request in the turn of its context, with tokens, time to first chunk and finish
// reason, the turn's marks, metrics and log lines. An answer without tool calls and
// without text, or with white space only, ends in [ErrNothing], unless it follows the
// result of a tool.
func InstrumentLLM(next Responder, model otelvoice.Model) Responder {
	return &instrumentedLLM{next, model}
}

// InstrumentTTS returns a [Synthesizer] that tells of its work: a span for each
// synthesis in the turn of its context, with characters, time to first byte and to
// first audible audio, audio seconds and real-time factor, the turn's marks, metrics
// and log lines. A synthesizer with a Voice() string method is asked for it. A
// synthesis without audio ends in [ErrNothing].
func InstrumentTTS(next Synthesizer, model otelvoice.Model) Synthesizer {
	return &instrumentedTTS{next, model}
}

type instrumentedSTT struct {
	next  Transcriber
	model otelvoice.Model
	stays bool // Connected for a whole call.
}

func (i *instrumentedSTT) Transcribe(ctx context.Context, audio iter.Seq[Frame]) iter.Seq2[Transcript, error] {
	return func(yield func(Transcript, error) bool) {
		try := attemptFrom(ctx)
		_, batch := i.next.(TranscribeFunc)
		if batch {
			// Its work begins when the audio is complete: until then the user
			// speaks, which is none of its time.
			audio = slices.Values(slices.Collect(audio))
			if err := ctx.Err(); err != nil {
				yield(Transcript{}, stageError(stageSTT, err))
				return
			}
		}
		ctx, stage := otelvoice.TurnFromContext(ctx).StartSTT(ctx, i.model, try.option())
		defer stage.End(context.Canceled) // Only a consumer who leaves, or panics, leaves it for here.
		stage.SetLive(!batch)
		over := make(chan struct{})
		ended := sync.OnceFunc(func() { close(over) })
		var bad atomic.Pointer[error]
		counted := func(yield func(Frame) bool) {
			defer ended()
			var stream formats
			for frame := range audio {
				frame, err := stream.fill(frame)
				if err != nil {
					bad.Store(&err)
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
		var said understanding
		for t, err := range pull(ctx, try.patience, over, func(ctx context.Context) iter.Seq2[Transcript, error] {
			return i.next.Transcribe(ctx, counted)
		}) {
			if e := bad.Load(); e != nil {
				err = *e
			}
			if err != nil {
				stage.End(err)
				yield(Transcript{}, stageError(stageSTT, err))
				return
			}
			said.add(t)
			said.tell(stage, t)
			if !yield(t, nil) {
				if said.finals > 0 {
					stage.End(nil) // The consumer knows enough.
				}
				return
			}
		}
		if e := bad.Load(); e != nil {
			stage.End(*e)
			yield(Transcript{}, stageError(stageSTT, *e))
			return
		}
		stage.SetAttributes(try.chosen()...)
		stage.End(nil)
	}
}

// understanding is what the final transcripts of an utterance say together.
type understanding struct {
	text       string
	finals     int
	confidence float64 // The sum of those that are known.
	known      int
	until      time.Duration // The end of the last word, as an offset.
	last       string        // The last of the texts,
	ended      bool          // which was the end of a turn, with no words since.
}

func (u *understanding) add(t Transcript) {
	text, end := strings.TrimSpace(t.Text), t.until()
	if !t.Final {
		u.ended = u.ended && text == ""
		return
	}
	known := len(t.Words) > 0 && end > 0 // Where it ends.
	again := known && end <= u.until || !known && u.ended && letters(text) == letters(u.last)
	u.finals++
	u.ended = t.EndOfTurn
	if again {
		if letters(text) == letters(u.last) { // With punctuation now.
			u.text = u.text[:len(u.text)-len(u.last)] + text
			u.last = text
		}
		return
	}
	u.text = strings.TrimSpace(u.text + " " + text)
	u.last, u.until = text, max(u.until, end)
	if t.Confidence != nil {
		u.confidence += *t.Confidence
		u.known++
	}
}

// tell tells the stage of a transcript, and of all the final ones so far.
func (u *understanding) tell(stage *otelvoice.STT, t Transcript) {
	if t.Language != "" {
		stage.SetLanguage(t.Language)
	}
	stage.AddRequestID(t.RequestID)
	if !t.Final {
		stage.Partial()
		return
	}
	stage.Final()
	stage.SetTranscript(u.text)
	if u.known > 0 {
		stage.SetConfidence(u.confidence / float64(u.known))
	}
}

type instrumentedLLM struct {
	next  Responder
	model otelvoice.Model
}

func (i *instrumentedLLM) Respond(ctx context.Context, req Request) iter.Seq2[Chunk, error] {
	return func(yield func(Chunk, error) bool) {
		try := attemptFrom(ctx)
		ctx, stage := otelvoice.TurnFromContext(ctx).StartLLM(ctx, i.model, try.option())
		defer stage.End(context.Canceled)
		var id, model, reason string
		var text strings.Builder
		var worded, called bool
		end := func(err error) {
			if id != "" || model != "" || reason != "" {
				stage.SetResponse(id, model, given(reason)...)
			}
			stage.SetReply(text.String())
			stage.End(err)
		}
		for chunk, err := range pull(ctx, try.patience, nil, func(ctx context.Context) iter.Seq2[Chunk, error] {
			return i.next.Respond(ctx, req)
		}) {
			if err != nil {
				end(err)
				yield(Chunk{}, stageError(stageLLM, err))
				return
			}
			id, model, reason = or(chunk.ID, id), or(chunk.Model, model), or(chunk.FinishReason, reason)
			stage.AddRequestID(chunk.RequestID)
			if chunk.Usage != nil {
				stage.SetUsage(*chunk.Usage)
			}
			text.WriteString(chunk.Text)
			worded = worded || strings.TrimSpace(chunk.Text) != ""
			if chunk.Text != "" && worded {
				stage.FirstToken()
			} else {
				stage.Chunk() // Reasoning, and the empty lines that some models begin with after it.
			}
			called = called || len(chunk.ToolCalls) > 0
			if !yield(chunk, nil) {
				end(context.Canceled)
				return
			}
		}
		if n := len(req.Messages); !worded && !called && (n == 0 || req.Messages[n-1].Role != ToolRole) {
			end(ErrNothing)
			yield(Chunk{}, stageError(stageLLM, ErrNothing))
			return
		}
		stage.SetAttributes(try.chosen()...)
		end(nil)
	}
}

type instrumentedTTS struct {
	next  Synthesizer
	model otelvoice.Model
}

func (i *instrumentedTTS) Synthesize(ctx context.Context, text iter.Seq[string]) iter.Seq2[Frame, error] {
	return func(yield func(Frame, error) bool) {
		try := attemptFrom(ctx)
		ctx, stage := otelvoice.TurnFromContext(ctx).StartTTS(ctx, i.model, try.option())
		defer stage.End(context.Canceled)
		if v, ok := i.next.(interface{ Voice() string }); ok {
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
		var stream formats
		nothing := true
		for frame, err := range pull(ctx, try.patience, nil, func(ctx context.Context) iter.Seq2[Frame, error] {
			return i.next.Synthesize(ctx, counted)
		}) {
			if err == nil && len(frame.Data) == 0 {
				continue
			}
			if err == nil {
				frame, err = stream.fill(frame)
			}
			if err != nil {
				stage.End(err)
				yield(Frame{}, stageError(stageTTS, err))
				return
			}
			if len(frame.Data) == 0 {
				continue // A header.
			}
			nothing = false
			stage.SetAudio(frame.Format)
			stage.AddAudio(frame.Data)
			if !yield(frame, nil) {
				return
			}
		}
		if nothing {
			stage.End(ErrNothing)
			yield(Frame{}, stageError(stageTTS, ErrNothing))
			return
		}
		stage.SetAttributes(try.chosen()...)
		stage.End(nil)
	}
}

func or(s, otherwise string) string {
	if s != "" {
		return s
	}
	return otherwise
}

func given(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
