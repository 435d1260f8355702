// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency_test

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
)

// callsOf is a sample of calls, each with its number of turns. Half of the variance is between calls.
func callsOf(random *rand.Rand, calls int, turns func(call int) int) *latency.Sample {
	s := new(latency.Sample)
	for c := range calls {
		of := random.NormFloat64() * 0.2
		for range turns(c) {
			s.Add(fmt.Sprint(c), latency.Response, math.Exp(of+random.NormFloat64()*0.2))
		}
	}
	return s
}

// In 100 comparisons of two runs of the same thing, at most 5 find a difference, be it slower or faster, with any number
// of calls and whether or not a few calls have most of the turns. With less than EnoughCalls calls, none does.
func TestFalseAlarmsByNumberOfCalls(t *testing.T) {
	const trials = 50
	median := []latency.Question{{Series: latency.Response, Statistic: latency.P50}}
	for _, tt := range []struct {
		name  string
		turns func(call int) int
	}{
		{"as many turns in each call", func(int) int { return 12 }},
		{"1 to 30 turns", func(call int) int { return 1 + call*7%30 }},
		{"one call with most turns", func(call int) int { return 4 + 96*max(1-call, 0) }},
	} {
		for _, calls := range [][2]int{{1, latency.EnoughCalls - 1}, {latency.EnoughCalls, 14}, {15, 30}} {
			t.Run(fmt.Sprintf("%s, %d to %d calls", tt.name, calls[0], calls[1]), func(t *testing.T) {
				random := rand.New(rand.NewPCG(13, 17))
				all, alarms := 0, 0
				for n := calls[0]; n <= calls[1]; n += 1 + n/15*2 { // Every third from 15 on, to be quick.
					for trial := range trials {
						r := latency.Resampling{Level: 0.95, Times: 100, Seed: uint64(trial)}
						d := latency.Compare(callsOf(random, n, tt.turns), callsOf(random, n, tt.turns), median, r)[0]
						if d.FewCalls && (d.Interval != nil || d.Real()) {
							t.Fatalf("%d calls are too few, and the change has an interval: %+v", n, d)
						}
						all++
						if d.Real() {
							alarms++
						}
					}
				}
				t.Logf("%d of %d", alarms, all)
				if alarms*100 > all*5 || calls[1] < latency.EnoughCalls && alarms > 0 {
					t.Errorf("%d of %d comparisons of the same thing find a difference", alarms, all)
				}
			})
		}
	}
}

// A change that is far larger than the noise is found from EnoughCalls calls on.
func TestDifferenceOfEnoughCalls(t *testing.T) {
	sample := func(calls int, latencies float64) *latency.Sample {
		s := new(latency.Sample)
		for c := range calls {
			for i := range 10 {
				s.Add(fmt.Sprint(c), latency.Response, latencies+float64((c*7+i*3)%20)/100)
			}
		}
		return s
	}
	median := []latency.Question{{Series: latency.Response, Statistic: latency.P50}}
	for calls, isFound := range map[int]bool{1: false, latency.EnoughCalls - 1: false, latency.EnoughCalls: true, 100: true} {
		d := latency.Compare(sample(calls, 0.5), sample(calls, 0.7), median, latency.Resampling{Level: 0.95, Times: 200})[0]
		if d.Slower() != isFound || d.FewCalls == isFound || d.Faster() {
			t.Errorf("%d calls: %+v", calls, d)
		}
	}
}

// The calls that count are those that have the series.
func TestCallsWithoutTheSeries(t *testing.T) {
	s := new(latency.Sample)
	for c := range 50 {
		s.Add(fmt.Sprint(c), latency.Response, 1)
	}
	for i := range 50 {
		s.Add("0", latency.ToolTime, float64(i))
	}
	d := latency.Compare(s, s, []latency.Question{{Series: latency.ToolTime, Statistic: latency.P50}}, latency.Resampling{Level: 0.95, Times: 100})[0]
	if !d.FewCalls {
		t.Errorf("%+v, want too few calls: one of 50 has the series", d)
	}
}

// What is unknown is absent.
func TestDifferenceOfFewCallsAsJSON(t *testing.T) {
	one := new(latency.Sample)
	one.Add("a", latency.Response, 0)
	d := latency.Compare(one, one, []latency.Question{{Series: latency.Response, Statistic: latency.P50}}, latency.Resampling{Level: 0.95, Times: 100})
	text, err := json.Marshal(d)
	if err != nil || strings.Contains(string(text), "low") || strings.Contains(string(text), "high") || !strings.Contains(string(text), `"few_calls":true`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestRelativeChange(t *testing.T) {
	for _, tt := range []struct {
		base, change, want float64
		isKnown            bool
	}{
		{2, 1, 0.5, true},
		{2, -1, -0.5, true},
		{-2, 1, 0.5, true}, // Slower, although the base is negative.
		{1, 0, 0, true},
		{0, 0, 0, false},
		{0, 1, 0, false},
		{math.SmallestNonzeroFloat64, 1, 0, false}, // JSON has no infinity.
	} {
		d := latency.Difference{Base: tt.base, New: tt.base + tt.change, Change: tt.change}
		if got, ok := d.Relative(); got != tt.want || ok != tt.isKnown {
			t.Errorf("%v from %v: got %v, %v", tt.change, tt.base, got, ok)
		}
	}
}
