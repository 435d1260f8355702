// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voiceprovider_test

import (
	"fmt"
	"testing"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// Each of the package's errors has a class of its own in error.type, wrapped or not.
func TestErrorsHaveAClass(t *testing.T) {
	for want, err := range map[string]error{
		"timeout":              voiceprovider.ErrTimeout,
		"no_answer":            voiceprovider.ErrNothing,
		"too_much_audio":       voiceprovider.ErrTooLong,
		"too_many_tool_rounds": voiceprovider.ErrRounds,
		"invalid_audio":        voiceprovider.ErrAudio,
	} {
		wrapped := &voiceprovider.StageError{Stage: "llm", Err: fmt.Errorf("after 2 attempts: %w", err)}
		if got := failure.Type(err); got != want {
			t.Errorf("%v has the class %q, want %q", err, got, want)
		}
		if got := failure.Type(wrapped); got != want {
			t.Errorf("%v has the class %q, want %q", wrapped, got, want)
		}
	}
}
