// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"iter"

	"github.com/voice-agents/telemetry/internal/failure"
)

// Stream returns the sequence of a model's answer, measured by passing through:
// each value is counted, the first that is answer marks [FirstToken], and the stage
// ends when the sequence is drained, yields an error, or is dropped by a break. A
// stream that nobody ranges over ends with its turn. For the streams of SDKs that have
// a method Next see [WrapStream].
//
// Not every chunk is answer: the first ones of an SDK's stream hold a role, thinking or
// parts of tool calls. [WithAnswer] says which are. Without it, chunks in the shapes of
// OpenAI, Anthropic, Gemini and Ollama are known by their JSON, those of realtime sessions
// included; of other types every value is answer that is not the zero one. In the same way
// [WithUsage] says what the tokens of a chunk are; without it, chunks with a method RawJSON,
// as openai-go and anthropic-sdk-go have it, are asked for their usage. Usage set by
// [LLM.SetUsage] after the sequence is drained is late.
//
// The time in which the loop's body is busy is not the model's: it is recorded as
// voice.stage.held_up, and is not in the durations of the stage's metrics.
//
// An error does not stop the sequence, as with any [iter.Seq2]; the first one is
// the stage's. A panic in the sequence or in the loop's body ends the stage and
// goes on. With a nil llm the sequence is returned as it is.
func Stream[T any](llm *LLM, seq iter.Seq2[T, error], opts ...StreamOption[T]) iter.Seq2[T, error] {
	if llm == nil {
		return seq
	}
	cfg := newStreamConfig(opts)
	return func(yield func(T, error) bool) {
		pass(&llm.stage, seq, yield, cfg.reader(llm))
	}
}

// StreamAudio returns a sequence of synthesised audio, measured by passing
// through: the first chunk that is not empty marks [TTS.FirstByte], the bytes
// are counted and none is kept, and the stage ends as with [Stream].
func StreamAudio(tts *TTS, seq iter.Seq2[[]byte, error]) iter.Seq2[[]byte, error] {
	if tts == nil {
		return seq
	}
	return func(yield func([]byte, error) bool) {
		pass(&tts.stage, seq, yield, tts.AddAudio)
	}
}

// pass hands the sequence's values to yield and to seen, and ends the stage.
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
		s.hold()
		if !yield(value, err) {
			return
		}
		s.release()
	}
	drained = true
}
