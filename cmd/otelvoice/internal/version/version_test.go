// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package version_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/version"
)

func TestCompare(t *testing.T) {
	for _, sorted := range []string{
		"1.9 1.10 2.0 10.0",
		"v1.4.0-alpha v1.4.0-rc.1 v1.4.0-rc.2 v1.4.0-rc.10 v1.4.0 v1.4.1",
		"1 1.0 1.0.0 1.0.1",
		"2026-03-01 2026-03-02 2026-11-01",
		"build-99 build-100",
		"0.9.9 0.10.0-dirty 0.10.0 0.10.0+local",
		"01 1 2",
		"9 99999999999999999999999999 100000000000000000000000000",
		"canary main",
	} {
		want := strings.Fields(sorted)
		got := slices.Clone(want)
		for range 5 {
			rand.Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
			slices.SortFunc(got, version.Compare)
			if !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		}
	}
}

// FuzzCompare finds versions whose order depends on which comes first.
func FuzzCompare(f *testing.F) {
	f.Add("1.9", "1.10", "1.10-rc.1")
	f.Add("a", "a-", "a1")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if version.Compare(a, b) != -version.Compare(b, a) || (version.Compare(a, b) == 0) != (a == b) {
			t.Errorf("%q and %q: %d and %d", a, b, version.Compare(a, b), version.Compare(b, a))
		}
		all := []string{a, b, c}
		slices.SortFunc(all, version.Compare)
		if version.Compare(all[0], all[2]) > 0 {
			t.Errorf("%q: the order has a circle", all)
		}
	})
}
