// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package comparison_test

import (
	"fmt"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/comparison"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
)

// A change from 0 is beyond any limit in percent.
func TestRulesOfBaseZero(t *testing.T) {
	always := func(v float64) *latency.Sample {
		s := new(latency.Sample)
		for c := range 10 {
			for range 10 {
				s.Add(fmt.Sprint(c), "dispatch", v)
			}
		}
		return s
	}
	for _, tt := range []struct {
		base, next float64
		rule       string
		isBroken   bool
	}{
		{0, 0.2, "dispatch.p50 > +10%", true},
		{0, 0.2, "dispatch.mean > +1000%", true},
		{0, 0.2, "dispatch.p50 > -10%", true},
		{0, 0.2, "dispatch.p50 < -10%", false},
		{0, -0.2, "dispatch.p50 < -10%", true},
		{0, -0.2, "dispatch.p50 > +10%", false},
		{0, 0, "dispatch.p50 > +0%", false},
		{0, 0, "dispatch.p50 < -0%", false},
		{0, 0, "dispatch.p50 > -10%", false},
		{0, 0.2, "dispatch.p50 > +100ms", true},
		{0.2, 0, "dispatch.p50 < -50%", true},
		{-0.1, 0.1, "dispatch.p50 > +10%", true},
		{-0.1, 0.1, "dispatch.p50 < -10%", false},
	} {
		rule, err := comparison.ParseRule(tt.rule)
		if err != nil {
			t.Fatal(err)
		}
		result := comparison.Compare(always(tt.base), always(tt.next), []comparison.Rule{rule}, latency.Resampling{Level: 0.95, Times: 100})
		if got := result.Rules[0]; got.Broken != tt.isBroken || !got.Known || result.Failed() != tt.isBroken {
			t.Errorf("%s, from %v to %v: %+v", tt.rule, tt.base, tt.next, got)
		}
	}
}
