// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
)

func TestPercentiles(t *testing.T) {
	for _, tt := range []struct {
		values             []float64
		p50, p90, p95, p99 float64
	}{
		{[]float64{1}, 1, 1, 1, 1},
		{[]float64{2, 1}, 1.5, 1.9, 1.95, 1.99},
		{[]float64{4, 3, 2, 1}, 2.5, 3.7, 3.85, 3.97},
		{[]float64{10, 10, 10, 0}, 10, 10, 10, 10},
		{[]float64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, math.NaN(), math.Inf(1)}, 5.5, 9.1, 9.55, 9.91},
	} {
		var s latency.Sample
		for i, v := range tt.values {
			s.Add(fmt.Sprint(i%3), "x", v)
		}
		got, ok := s.Summary("x")
		for i, pair := range [][2]float64{{got.P50, tt.p50}, {got.P90, tt.p90}, {got.P95, tt.p95}, {got.P99, tt.p99}} {
			if !ok || math.Abs(pair[0]-pair[1]) > 1e-9 {
				t.Errorf("%v: percentile %d is %v, want %v", tt.values, i, pair[0], pair[1])
			}
		}
	}
	if _, ok := new(latency.Sample).Summary("x"); ok {
		t.Error("an empty sample has a summary")
	}
}

// A value that counts twice is one that is there twice.
func TestResamplesAreSamples(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var s latency.Sample
		var plain []float64
		for range 1 + random.IntN(20) {
			v := float64(random.IntN(10))
			plain = append(plain, v)
			s.Add("one", "x", v)
		}
		slices.Sort(plain)
		for _, stat := range []latency.Statistic{latency.P50, latency.P90, latency.P99} {
			at := stat.P * float64(len(plain)-1)
			low, high := plain[int(math.Floor(at))], plain[int(math.Ceil(at))]
			want := low + (high-low)*(at-math.Floor(at))
			if got, _ := s.Statistic("x", stat); math.Abs(got-want) > 1e-9 {
				t.Fatalf("%v: %s is %v, want %v", plain, stat.Name, got, want)
			}
		}
	}
}

// run is a sample of calls with eight turns each. Latencies are log-normal, as real ones are, and those of a call
// resemble each other.
func run(random *rand.Rand, calls int, generation float64) *latency.Sample {
	s := new(latency.Sample)
	for c := range calls {
		of := math.Exp(random.NormFloat64() * 0.15)
		for range 8 {
			g := 0.4 * of * math.Exp(random.NormFloat64()*0.35) * generation
			e := 0.3 * math.Exp(random.NormFloat64()*0.2)
			s.Add(fmt.Sprint(c), "generation", g)
			s.Add(fmt.Sprint(c), "endpointing", e)
			s.Add(fmt.Sprint(c), latency.Response, g+e)
		}
	}
	return s
}

var questions = []latency.Question{{Series: "generation", Statistic: latency.P50}, {Series: latency.Response, Statistic: latency.P95}, {Series: "endpointing", Statistic: latency.P50}}

// In 100 comparisons of two runs of the same thing, each statistic is found different at most 5 times, and a
// segment that is slower by 15 % is found each time.
func TestDifferencesOfKnownRuns(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	var alarms, hits [3]int
	const trials = 100
	for trial := range trials {
		r := latency.Resampling{Level: 0.95, Times: 400, Seed: uint64(trial)}
		base := run(random, 150, 1)
		for i, d := range latency.Compare(base, run(random, 150, 1), questions, r) {
			if d.Real() && d.Change > 0 { // Slower.
				alarms[i]++
			}
		}
		for i, d := range latency.Compare(base, run(random, 150, 1.15), questions, r) {
			if d.Real() && d.Change > 0 {
				hits[i]++
			}
		}
	}
	t.Logf("false alarms %v, found %v of %d", alarms, hits, trials)
	if slices.Max(alarms[:]) > trials*5/100 {
		t.Errorf("false alarms %v of %d", alarms, trials)
	}
	if hits[0] < trials*95/100 || hits[2] > trials*8/100 {
		t.Errorf("found %v of %d, want the slower generation and not the endpointing", hits, trials)
	}
}

func TestIntervalsAreTheSameForASeed(t *testing.T) {
	base, next := run(rand.New(rand.NewPCG(1, 1)), 30, 1), run(rand.New(rand.NewPCG(2, 2)), 30, 1.2)
	r := latency.Resampling{Level: 0.95, Times: 200, Seed: 5}
	a, b := latency.Compare(base, next, questions, r), latency.Compare(base, next, questions, r)
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got %+v and %+v", a, b)
	}
	if d := a[0]; d.Low > d.Change || d.High < d.Change {
		t.Errorf("the interval %v to %v does not have the change %v", d.Low, d.High, d.Change)
	}
}

func TestFewValues(t *testing.T) {
	base, next := run(rand.New(rand.NewPCG(1, 1)), 2, 1), run(rand.New(rand.NewPCG(2, 2)), 2, 3)
	for _, d := range latency.Compare(base, next, []latency.Question{{Series: latency.Response, Statistic: latency.P95}, {Series: "unknown", Statistic: latency.P50}}, latency.Resampling{Level: 0.95, Times: 100}) {
		if !d.Few || d.Real() {
			t.Errorf("%+v, want too few values", d)
		}
	}
}
