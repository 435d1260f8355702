// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

// Card numbers of all issuers become texts; other large numbers stay numbers.
func TestCardNumbers(t *testing.T) {
	r := redact.New(redact.Default()...)
	for n, want := range map[int64]bool{
		4111111111111111: true, 378282246310005: true, 30569309025904: true, 8171999900000018: true, 9792030394440796: true,
		4111111111111112: false, 4222222222222: false, 1764316800000000000: false, 7000000000000007: false, 42: false,
	} {
		got, changed := r.Attribute(attribute.Int64("n", n))
		if changed != want || want && got.Value.AsString() != "[REDACTED:card]" {
			t.Errorf("%d became %v, want a card: %v", n, got.Value, want)
		}
	}
}
