// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package period_test

import (
	"testing"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/period"
)

func TestParse(t *testing.T) {
	now := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"2h": now.Add(-2 * time.Hour), "1h30m": now.Add(-90 * time.Minute), "0s": now,
		"2026-03-01T09:00:00Z": time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC), "2026-03-01T09:00:00.5+02:00": time.Date(2026, 3, 1, 7, 0, 0, 5e8, time.UTC),
		"2026-03-01": time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
		"":           {}, "yesterday": {}, "-2h": {}, "2": {}, "2026-13-01": {}, "9999999999999h": {}, "2026-03-01 09:00": {},
	} {
		got, err := period.Parse(text, now)
		if !got.Equal(want) || (err != nil) != want.IsZero() {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("2h")
	f.Add("2026-03-01T09:00:00Z")
	f.Fuzz(func(t *testing.T, text string) {
		if at, err := period.Parse(text, time.Unix(0, 0)); err != nil && !at.IsZero() {
			t.Errorf("%q: %v and %v", text, at, err)
		}
	})
}
