// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voiceprovider

import (
	"context"
	"fmt"
)

// The errors of a stage beside those that its provider returns.
var (
	// ErrTimeout reports that a provider, a tool or an output exceeded its timeout.
	ErrTimeout = fmt.Errorf("voiceprovider: timeout: %w", context.DeadlineExceeded)
	// ErrNothing reports that an LLM returned no word to speak, for example only white
	// space, or that a TTS returned no audio. The next provider is then asked. A turn fails
	// if no provider has an answer. An empty answer after a tool call is not an error,
	// because the tool may be all that the user asked for.
	ErrNothing error = &classError{"voiceprovider: empty answer", "no_answer"}
	// ErrTooLong reports an utterance, or a backlog of audio, that exceeds its limit.
	ErrTooLong error = &classError{"voiceprovider: too much audio", "too_much_audio"}
	// ErrRounds reports a model that exceeded the limit of tool call rounds.
	ErrRounds error = &classError{"voiceprovider: too many rounds of tool calls", "too_many_tool_rounds"}
	// ErrAudio reports audio whose format is invalid or not supported.
	ErrAudio error = &classError{"voiceprovider: invalid audio", "invalid_audio"}
)

// classError is an error with a value for error.type.
type classError struct{ text, class string }

// Error returns the text.
func (e *classError) Error() string { return e.text }

// ErrorType returns the value of error.type.
func (e *classError) ErrorType() string { return e.class }

// A StageError is the error of one stage of a turn. It unwraps to the provider's error.
type StageError struct {
	// Stage is "stt", "llm", "tts", "tool" or "playout".
	Stage string
	Err   error
}

// Error returns the name of the stage and the error.
func (e *StageError) Error() string { return e.Stage + ": " + e.Err.Error() }

// Unwrap returns the provider's error.
func (e *StageError) Unwrap() error { return e.Err }
