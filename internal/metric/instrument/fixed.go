// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"slices"

	"github.com/voice-agents/telemetry/semconv"
)

// oneOf returns a value of a fixed list, or else _OTHER. The caller may pass any text in the place of a constant,
// and a metric would have a series for each.
func oneOf[S ~string](value S, list ...S) S {
	if value == "" || slices.Contains(list, value) {
		return value
	}
	return other
}

func fixedOutcome(o Outcome) Outcome {
	return oneOf(o, semconv.VoiceTurnOutcomeCompleted, semconv.VoiceTurnOutcomeInterrupted,
		semconv.VoiceTurnOutcomeFailed, semconv.VoiceTurnOutcomeAbandoned)
}

func fixedAnchor(anchor string) string {
	return oneOf(anchor, semconv.VoiceTurnAnchorVAD, semconv.VoiceTurnAnchorSTT, semconv.VoiceTurnAnchorManual)
}

func fixedSource(source string) string {
	return oneOf(source, semconv.VoiceInterruptionSourceAudioActivity, semconv.VoiceInterruptionSourceUserTurn,
		semconv.VoiceInterruptionSourceProgrammatic)
}

func fixedEndReason(reason string) string {
	return oneOf(reason, semconv.VoiceSessionEndReasonCompleted, semconv.VoiceSessionEndReasonUserHangup,
		semconv.VoiceSessionEndReasonAgentHangup, semconv.VoiceSessionEndReasonTransferred,
		semconv.VoiceSessionEndReasonTimeout, semconv.VoiceSessionEndReasonError, semconv.VoiceSessionEndReasonShutdown)
}
