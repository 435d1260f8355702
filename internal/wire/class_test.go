// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package wire_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/internal/wire"
)

func TestIsClass(t *testing.T) {
	for text, want := range map[string]bool{
		"rate_limit_exceeded": true, "RESOURCE_EXHAUSTED": true, "1008": true, "NET-0001": true, "Arrearage.Overdue": true,
		"": false, "Malformed frame": false, "unknown context 'Book a table'": false, "quota:4": false, "é": false,
		strings.Repeat("a", 64): true, strings.Repeat("a", 65): false,
	} {
		if got := wire.IsClass(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		if got := wire.IsClass([]byte(text)); got != want {
			t.Errorf("the bytes of %q: %v, want %v", text, got, want)
		}
	}
}
