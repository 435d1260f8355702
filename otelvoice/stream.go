// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"iter"

	"github.com/voice-agents/telemetry/internal/failure"
)

// Stream returns a sequence that yields the values of seq, a model's answer, and measures them.
// It counts each value, and the first one with a token of the answer marks [FirstToken]. The
// stage ends when the loop over the sequence ends: after the last value or by a break. If the
// sequence is never ranged over, the stage ends with its turn. For SDK streams with a Next method
// use [WrapStream].
//
// Not every chunk holds a token of the answer: the first ones of an SDK's stream hold a role,
// thinking or parts of tool calls. [WithAnswer] sets the function that decides. Without it, Stream
// recognises the JSON of chunks of OpenAI, Anthropic, Gemini and Ollama, including their realtime
// sessions. For other types, every value except the zero value counts as answer.
//
// [WithUsage] sets the function that returns the tokens of a chunk. Without it, Stream reads the
// usage from chunks with a RawJSON method, such as those of openai-go and anthropic-sdk-go. Usage
// set by [LLM.SetUsage] after the end of the sequence is late.
//
// The time in which the loop's body runs is not the model's. It is recorded as
// voice.stage.held_up and excluded from the durations in the stage's metrics.
//
// An error does not stop the sequence, as with any [iter.Seq2]. The first error becomes that of
// the stage. A panic in the sequence or in the loop's body ends the stage and is not recovered.
// If llm is nil, Stream returns seq.
func Stream[T any](llm *LLM, seq iter.Seq2[T, error], opts ...StreamOption[T]) iter.Seq2[T, error] {
	if llm == nil {
		return seq
	}
	cfg := newStreamConfig(opts)
	return func(yield func(T, error) bool) {
		pass(&llm.stage, seq, yield, cfg.reader(llm))
	}
}

// StreamAudio returns a sequence that yields the values of seq, synthesised audio, and measures
// them. The first chunk that is not empty marks [TTS.FirstByte]. The bytes are counted and not
// retained. The stage ends as with [Stream]. If tts is nil, StreamAudio returns seq.
func StreamAudio(tts *TTS, seq iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
	if tts == nil {
		return seq
	}
	return func(yield func([]byte, error) bool) {
		pass(&tts.stage, seq, yield, tts.AddAudio)
	}
}

// pass calls seen and yield with the sequence's values, and ends the stage.
func pass[T any](s *stage, seq iter.Seq2[T, error], yield func(T, error) bool, seen func(T)) {
	var failed error
	drained := false
	defer func() {
		if r := recover(); r != nil {
			s.end(failure.NewPanic(r), 0)
			panic(r)
		}
		switch {
		case failed != nil:
			s.end(failed, 0)
		case drained:
			s.end(nil, 0)
		default:
			s.end(context.Canceled, 0)
		}
	}()
	for value, err := range seq {
		if err == nil {
			seen(value)
		} else if failed == nil {
			failed = err
		}
		s.Hold()
		if !yield(value, err) {
			return
		}
		s.Release()
	}
	drained = true
}
