// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package comparison_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/comparison"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
)

func TestParseRule(t *testing.T) {
	for _, tt := range []struct {
		text     string
		series   string
		limit    float64
		relative bool
		above    bool
		ok       bool
	}{
		{"response_latency.p95 > +10%", "response_latency", 0.1, true, true, true},
		{" generation.p50>200ms ", "generation", 0.2, false, true, true},
		{"synthesis.mean < -0.5s", "synthesis", -0.5, false, false, true},
		{"time_to_first_audio.p99 > 1.5 s", "time_to_first_audio", 1.5, false, true, true},
		{"response_latency > 10%", "", 0, false, false, false},
		{"response_latency.p42 > 10%", "", 0, false, false, false},
		{"nothing.p95 > 10%", "", 0, false, false, false},
		{"response_latency.p95 > 10", "", 0, false, false, false},
		{"response_latency.p95 >= 10%", "", 0, false, false, false},
		{"", "", 0, false, false, false},
	} {
		got, err := comparison.ParseRule(tt.text)
		if (err == nil) != tt.ok || got.Series != tt.series || math.Abs(got.Limit-tt.limit) > 1e-9 || got.Relative != tt.relative || got.Above != tt.above {
			t.Errorf("%q: got %+v, %v", tt.text, got, err)
		}
	}
}

func FuzzParseRule(f *testing.F) {
	f.Add("response_latency.p95 > +10%")
	f.Fuzz(func(t *testing.T, text string) {
		if r, err := comparison.ParseRule(text); err == nil && (math.IsNaN(r.Limit) || math.IsInf(r.Limit, 0)) {
			t.Errorf("%q has the limit %v", text, r.Limit)
		}
	})
}

// run is a sample of calls whose response latencies are log-normal.
func run(random *rand.Rand, slower float64) *latency.Sample {
	s := new(latency.Sample)
	for c := range 80 {
		of := math.Exp(random.NormFloat64() * 0.2)
		for range 6 {
			s.Add(fmt.Sprint(c), latency.Response, 0.8*of*math.Exp(random.NormFloat64()*0.3)*slower)
		}
	}
	return s
}

// In 100 comparisons of two runs of the same thing, a rule is broken at most 5 times, although half of the runs are
// above its limit of 0.
func TestFalseAlarms(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	var rules []comparison.Rule
	for _, text := range []string{"response_latency.p50 > 0%", "response_latency.p95 > 0%"} {
		r, err := comparison.ParseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		rules = append(rules, r)
	}
	var broken, found [2]int
	for trial := range 100 {
		r := latency.Resampling{Level: 0.95, Times: 300, Seed: uint64(trial)}
		base := run(random, 1)
		same, slower := comparison.Compare(base, run(random, 1), rules, r), comparison.Compare(base, run(random, 1.3), rules, r)
		for i := range rules {
			if same.Rules[i].Broken {
				broken[i]++
			}
			if slower.Rules[i].Broken {
				found[i]++
			}
		}
	}
	t.Logf("broken %v, found %v", broken, found)
	if broken[0] > 5 || broken[1] > 5 || found[0] < 99 || found[1] < 90 {
		t.Errorf("broken %v of 100, found %v of 100", broken, found)
	}
}
