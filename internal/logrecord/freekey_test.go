// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logrecord_test

import (
	"testing"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

func TestFreeKey(t *testing.T) {
	taken := make(map[attribute.Key]bool)
	isTaken := func(k attribute.Key) bool { return taken[k] }
	want := []attribute.Key{"k", "k_2", "k_3", "k_4", "k_5", "k_6", "k_7", "k_8", "k_9", "k_10", "k_11"}
	for _, key := range want {
		got := logrecord.FreeKey("k", isTaken)
		if got != key {
			t.Errorf("got %s, want %s", got, key)
		}
		taken[got] = true
	}
	if got := logrecord.FreeKey("other", isTaken); got != "other" {
		t.Errorf("got %s", got)
	}
	delete(taken, "k_3")
	if got := logrecord.FreeKey("k", isTaken); taken[got] {
		t.Errorf("with a gap got %s, which is taken", got)
	}
	// The number of calls grows with the logarithm of the taken numbers.
	asked := 0
	logrecord.FreeKey("k", func(attribute.Key) bool { asked++; return asked < 20 })
	if asked > 60 {
		t.Errorf("asked %d times", asked)
	}
}
