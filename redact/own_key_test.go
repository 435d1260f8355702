// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/redact"
)

// By default, mobile and tokens are not secret as attributes: mobile=true, tokens=312. The keys that a program names
// are.
func TestKeysTakePrecedenceOverDefaults(t *testing.T) {
	for _, key := range []attribute.Key{"mobile", "tokens", "agent.cli"} {
		for _, rules := range [][]redact.Rule{
			append(redact.Default(), redact.Keys(string(key))),
			append([]redact.Rule{redact.Keys(string(key))}, redact.Default()...),
		} {
			kv, changed := redact.New(rules...).Attribute(key.String("x"))
			if !changed || kv.Value.AsString() != redact.Redacted {
				t.Errorf("%s is %v", key, kv.Value)
			}
		}
		if kv, changed := redact.New(redact.Default()...).Attribute(key.String("x")); changed {
			t.Errorf("by default %s is %v", key, kv.Value)
		}
	}
}
