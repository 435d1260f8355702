// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"reflect"

	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
)

// A StreamOption sets how the chunks of a stream are read; see [Stream].
type StreamOption[T any] interface {
	applyStream(streamConfig[T]) streamConfig[T]
}

type streamOption[T any] func(streamConfig[T]) streamConfig[T]

func (f streamOption[T]) applyStream(c streamConfig[T]) streamConfig[T] { return f(c) }

// WithAnswer sets the function that reports whether a chunk holds a token of the answer. Empty
// chunks and those with a role, thinking or tool calls hold none. It is not called after the
// first chunk that does.
func WithAnswer[T any](answer func(chunk T) bool) StreamOption[T] {
	return streamOption[T](func(c streamConfig[T]) streamConfig[T] {
		c.answer = answer
		return c
	})
}

// WithUsage sets the function that returns the usage in a chunk, or the zero [Usage] if the chunk
// reports none. It is called for every chunk.
func WithUsage[T any](usage func(chunk T) Usage) StreamOption[T] {
	return streamOption[T](func(c streamConfig[T]) streamConfig[T] {
		c.usage = usage
		return c
	})
}

type streamConfig[T any] struct {
	answer func(T) bool
	usage  func(T) Usage
}

func newStreamConfig[T any](opts []StreamOption[T]) (c streamConfig[T]) {
	for _, opt := range opts {
		if opt != nil {
			c = opt.applyStream(c)
		}
	}
	if c.answer == nil {
		c.answer = func(chunk T) bool { return llmreport.IsAnswer(chunk) }
	}
	if t := reflect.TypeFor[T](); c.usage == nil && (t.Kind() == reflect.Interface || t.Implements(reflect.TypeFor[llmreport.RawChunk]())) {
		c.usage = func(chunk T) Usage { return newUsage(llmreport.Of(chunk)) }
	}
	return c
}

// reader returns the function that reads the chunks of a request's stream.
func (c streamConfig[T]) reader(llm *LLM) func(chunk T) {
	answered := false
	return func(chunk T) {
		was := answered
		c.read(llm, chunk, &answered)
		if answered && !was {
			llm.FirstToken()
		} else {
			llm.Chunk()
		}
	}
}

// read sets the usage of a chunk, and sets answered if the chunk holds a token of the answer.
func (c streamConfig[T]) read(llm *LLM, chunk T, answered *bool) {
	defer llm.stage.turn.session.tel.emit.Guard.Recovered(guard.StreamFunctions)
	if !*answered { // Only the first token of the answer matters.
		*answered = c.answer(chunk)
	}
	if c.usage != nil {
		llm.SetUsage(c.usage(chunk))
	}
}
