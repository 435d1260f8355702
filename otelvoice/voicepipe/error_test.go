// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe_test

import (
	"fmt"
	"testing"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe"
)

// Each of the package's errors has a class of its own in error.type, wrapped or not.
func TestErrorsHaveAClass(t *testing.T) {
	for want, err := range map[string]error{
		"timeout":              voicepipe.ErrTimeout,
		"no_answer":            voicepipe.ErrNothing,
		"too_much_audio":       voicepipe.ErrTooLong,
		"too_many_tool_rounds": voicepipe.ErrRounds,
		"invalid_audio":        voicepipe.ErrAudio,
	} {
		wrapped := &voicepipe.StageError{Stage: "llm", Err: fmt.Errorf("after 2 attempts: %w", err)}
		if got := failure.Type(err); got != want {
			t.Errorf("%v has the class %q, want %q", err, got, want)
		}
		if got := failure.Type(wrapped); got != want {
			t.Errorf("%v has the class %q, want %q", wrapped, got, want)
		}
	}
}
