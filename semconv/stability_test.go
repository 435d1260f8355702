// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package semconv_test

import (
	"testing"

	"github.com/voice-agents/telemetry/semconv"
)

// Only names that OpenTelemetry has declared stable are stable here.
func TestOnlyCoreNamesAreStable(t *testing.T) {
	stable := 0
	for _, a := range semconv.Attributes() {
		checkStability(t, a.Name, a.Stability, a.Source == "core")
		if a.Stability == "stable" {
			stable++
		}
	}
	if stable == 0 {
		t.Error("no attribute is stable, want those that OpenTelemetry declared stable")
	}
	for _, m := range semconv.Metrics() {
		checkStability(t, m.Name, m.Stability, false)
	}
	for _, s := range semconv.Spans() {
		checkStability(t, s.ID, s.Stability, false)
	}
	for _, e := range semconv.Events() {
		checkStability(t, e.Name, e.Stability, false)
	}
}

func checkStability(t *testing.T, name, stability string, mayBeStable bool) {
	t.Helper()
	switch {
	case stability == "development":
	case stability == "stable" && mayBeStable:
	default:
		t.Errorf("%s: got stability %q", name, stability)
	}
}
