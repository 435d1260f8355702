// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"iter"

	"github.com/voice-agents/telemetry/internal/failure"
)

// Stream returns the sequence of a model's answer, measured by passing through:
// the first value marks [FirstToken], each is counted, and the stage ends when
// the sequence is drained, yields an error, or is dropped by a break. A stream
// that nobody ranges over ends with its turn. What the model's last chunk tells,
// such as its usage, is to be set inside the sequence, before the stage ends.
//
// An error does not stop the sequence, as with any [iter.Seq2]; the first one is
// the stage's. A panic in the sequence or in the loop's body ends the stage and
// goes on. With a nil llm the sequence is returned as it is.
func Stream[T any](llm *LLM, seq iter.Seq2[T, error]) iter.Seq2[T, error] {
	if llm == nil {
		return seq
	}
	return func(yield func(T, error) bool) {
		pass(seq, yield, func(T) { llm.FirstToken() }, func(err error) { llm.end(err, 0) })
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
		pass(seq, yield, func(chunk []byte) { tts.AddAudio(chunk) }, func(err error) { tts.end(err, 0) })
	}
}

// pass hands the sequence's values to yield and tells of them.
func pass[T any](seq iter.Seq2[T, error], yield func(T, error) bool, seen func(T), end func(error)) {
	var failed error
	drained := false
	defer func() {
		if r := recover(); r != nil {
			end(failure.NewPanic(r))
			panic(r)
		}
		switch {
		case failed != nil:
			end(failed)
		case drained:
			end(nil)
		default:
			end(context.Canceled)
		}
	}()
	for value, err := range seq {
		if err == nil {
			seen(value)
		} else if failed == nil {
			failed = err
		}
		if !yield(value, err) {
			return
		}
	}
	drained = true
}
