// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"fmt"
)

// What goes wrong in a stage, beside the errors of its provider.
var (
	// ErrTimeout is a provider, a tool or a line that kept the call waiting for
	// longer than [Timeouts] allow.
	ErrTimeout = fmt.Errorf("voicepipe: no answer in time: %w", context.DeadlineExceeded)
	// ErrNothing is a model whose answer has no word to speak, such as white space, or
	// a voice without audio. The next provider is asked; a turn in which none has
	// anything to say has failed. It is no error after a tool call, which may be all
	// that the user asked for.
	ErrNothing error = &classed{"voicepipe: nothing came", "no_answer"}
	// ErrTooLong is an utterance or a backlog of audio that is longer than is kept.
	ErrTooLong error = &classed{"voicepipe: too much audio", "too_much_audio"}
	// ErrRounds is a model that calls tools without end.
	ErrRounds error = &classed{"voicepipe: the model calls tools without end", "too_many_tool_rounds"}
	// ErrAudio is audio whose format makes no sense.
	ErrAudio error = &classed{"voicepipe: the audio makes no sense", "invalid_audio"}
)

// classed is an error of this package, with its class.
type classed struct{ text, class string }

// Error returns the text.
func (e *classed) Error() string { return e.text }

// ErrorType returns the value of error.type.
func (e *classed) ErrorType() string { return e.class }

// A StageError is the error of one stage of a turn. It unwraps to the provider's.
type StageError struct {
	// Stage is "stt", "llm", "tts", "tool" or "playout".
	Stage string
	Err   error
}

// Error names the stage.
func (e *StageError) Error() string { return e.Stage + ": " + e.Err.Error() }

// Unwrap returns the provider's error.
func (e *StageError) Unwrap() error { return e.Err }

// stageError wraps err once.
func stageError(stage string, err error) error {
	if known, ok := errors.AsType[*StageError](err); err == nil || ok && known.Stage == stage {
		return err
	}
	return &StageError{Stage: stage, Err: err}
}
