// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package instrument

import (
	"slices"
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// The lists are those of the conventions. Another value is _OTHER, and an unknown one stays so.
func TestValuesOfFixedLists(t *testing.T) {
	for key, fixed := range map[attribute.Key]func(string) string{
		semconv.VoiceTurnOutcomeKey:        func(value string) string { return string(fixedOutcome(Outcome(value))) },
		semconv.VoiceTurnAnchorKey:         fixedAnchor,
		semconv.VoiceInterruptionSourceKey: fixedSource,
		semconv.VoiceSessionEndReasonKey:   fixedEndReason,
	} {
		all := semconv.Attributes()
		i := slices.IndexFunc(all, func(a semconv.Attribute) bool { return a.Name == string(key) })
		for _, value := range append([]string{""}, all[i].Members...) {
			if got := fixed(value); got != value {
				t.Errorf("%s: %q became %q", key, value, got)
			}
		}
		for _, value := range []string{"+14155550123", "Completed", " ", other} {
			if got := fixed(value); got != other {
				t.Errorf("%s: %q became %q", key, value, got)
			}
		}
	}
}
