// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"io"
	"iter"

	"github.com/voice-agents/telemetry/internal/failure"
)

// A ChunkStream is a stream of a model's answer with the methods of the streams of openai-go and
// anthropic-sdk-go. Next waits for the next chunk and reports whether there is one. Current
// returns that chunk. Err returns the error that ended the stream. If the stream has a method
// Close() error, [WrappedStream.Close] calls it.
type ChunkStream[T any] interface {
	Next() bool
	Current() T
	Err() error
}

// WrapStream wraps the stream of a model's answer and measures it as [Stream] measures a
// sequence. Use the returned stream instead of the original one:
//
//	stream := otelvoice.WrapStream(llm, client.Chat.Completions.NewStreaming(ctx, params))
//	defer stream.Close()
//	for stream.Next() {
//		speak(stream.Current())
//	}
//	return stream.Err()
//
// The stage ends when Next returns false, with the stream's error, or at Close. If llm is nil,
// nothing is measured.
func WrapStream[T any](llm *LLM, stream ChunkStream[T], opts ...StreamOption[T]) *WrappedStream[T] {
	w := &WrappedStream[T]{stream: stream}
	if llm != nil {
		w.stage, w.seen = &llm.stage, newStreamConfig(opts).reader(llm)
	}
	return w
}

// A WrappedStream is a stream that is measured; see [WrapStream]. It is not safe for concurrent
// use.
type WrappedStream[T any] struct {
	stream ChunkStream[T]
	stage  *stage // Nil if nothing is measured.
	seen   func(T)
}

// Next waits for the next chunk, and reports whether there is one.
func (w *WrappedStream[T]) Next() bool {
	if w == nil || w.stream == nil {
		return false
	}
	if w.stage == nil {
		return w.stream.Next()
	}
	defer func() {
		if r := recover(); r != nil {
			w.stage.end(failure.NewPanic(r), 0)
			panic(r)
		}
	}()
	w.stage.Release()
	if !w.stream.Next() {
		w.stage.end(w.stream.Err(), 0)
		return false
	}
	w.seen(w.stream.Current())
	w.stage.Hold()
	return true
}

// Current returns the chunk that the last call of Next received.
func (w *WrappedStream[T]) Current() (chunk T) {
	if w == nil || w.stream == nil {
		return chunk
	}
	return w.stream.Current()
}

// Err returns the error that ended the stream, if any.
func (w *WrappedStream[T]) Err() error {
	if w == nil || w.stream == nil {
		return nil
	}
	return w.stream.Err()
}

// Close closes the stream if it has a Close method. A stage that is still open ends as by a break
// in [Stream].
func (w *WrappedStream[T]) Close() error {
	if w == nil || w.stream == nil {
		return nil
	}
	if w.stage != nil {
		w.stage.end(context.Canceled, 0)
	}
	if c, ok := w.stream.(io.Closer); ok {
		return c.Close()
	}
	return nil
}

// All returns the chunks as a sequence. If the stream ends with an error, the error is the last
// value. A break in the loop closes the stream.
func (w *WrappedStream[T]) All() iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for w.Next() {
			if !yield(w.Current(), nil) {
				_ = w.Close()
				return
			}
		}
		if err := w.Err(); err != nil {
			var none T
			yield(none, err)
		}
	}
}
