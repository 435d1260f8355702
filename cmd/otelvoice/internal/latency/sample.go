// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package latency computes statistics of how long calls made people wait: percentiles, by group, and intervals of
// the difference between two sets of calls.
//
// Percentiles interpolate between the two nearest values (Hyndman and Fan, Sample Quantiles in Statistical
// Packages, 1996, definition 7). Turns of one call resemble each other, so that intervals resample calls, not
// turns (the cluster bootstrap; Davison and Hinkley, Bootstrap Methods and their Application, 1997, section 3.8).
package latency

import (
	"cmp"
	"math"
	"slices"
)

// Summary is the statistics of a series. Durations are seconds.
type Summary struct {
	Count int     `json:"count"`
	Mean  float64 `json:"mean"`
	P50   float64 `json:"p50"`
	P90   float64 `json:"p90"`
	P95   float64 `json:"p95"`
	P99   float64 `json:"p99"`
	Max   float64 `json:"max"`
}

// Statistic is a number of a series: the mean, or a percentile between 0 and 1.
type Statistic struct {
	Name string
	P    float64 // NaN is the mean.
}

// The statistics by name.
var (
	Mean = Statistic{"mean", math.NaN()}
	P50  = Statistic{"p50", 0.50}
	P90  = Statistic{"p90", 0.90}
	P95  = Statistic{"p95", 0.95}
	P99  = Statistic{"p99", 0.99}
)

// Named returns a statistic.
func Named(name string) (Statistic, bool) {
	for _, s := range []Statistic{Mean, P50, P90, P95, P99} {
		if s.Name == name {
			return s, true
		}
	}
	return Statistic{}, false
}

// Enough is the number of values from which the statistic can be told apart from its neighbours: ten above it.
func (s Statistic) Enough() int {
	if math.IsNaN(s.P) {
		return 10
	}
	return int(math.Round(10 / min(s.P, 1-s.P)))
}

// Sample is the values of several series. The zero Sample is empty. It is not safe for concurrent use.
type Sample struct {
	series   map[string]*series
	clusters map[string]int32
}

type series struct {
	values []value // Sorted if it is.
	sorted bool
}

type value struct {
	v       float64
	cluster int32
}

// Add adds a value of a series. The values of a cluster, which is a call, resemble each other. A value that is not
// finite is left out.
func (s *Sample) Add(cluster, name string, v float64) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return
	}
	if s.series == nil {
		s.series, s.clusters = make(map[string]*series), make(map[string]int32)
	}
	of := s.series[name]
	if of == nil {
		of = &series{}
		s.series[name] = of
	}
	id, ok := s.clusters[cluster]
	if !ok {
		id = int32(len(s.clusters))
		s.clusters[cluster] = id
	}
	of.values, of.sorted = append(of.values, value{v, id}), false
}

// Names returns the series that have values, sorted by name.
func (s *Sample) Names() []string {
	names := make([]string, 0, len(s.series))
	for name := range s.series {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Count returns the number of values of a series.
func (s *Sample) Count(name string) int {
	if of := s.series[name]; of != nil {
		return len(of.values)
	}
	return 0
}

// Clusters returns the number of clusters.
func (s *Sample) Clusters() int { return len(s.clusters) }

// effective returns how many clusters of equal size tell as much about a series as those that it has (Kish, Survey
// Sampling, 1965, section 8.2): fewer than there are if some of them have most of the values.
func (s *Sample) effective(name string) float64 {
	sizes := make([]float64, len(s.clusters))
	for _, v := range s.sorted(name) {
		sizes[v.cluster]++
	}
	sum, squares := 0.0, 0.0
	for _, size := range sizes {
		sum += size
		squares += size * size
	}
	if sum == 0 {
		return 0
	}
	return sum * sum / squares
}

// Summary returns the statistics of a series. ok is false if it has no values.
func (s *Sample) Summary(name string) (sum Summary, ok bool) {
	values := s.sorted(name)
	if len(values) == 0 {
		return Summary{}, false
	}
	weights := ones(len(s.clusters))
	at := func(stat Statistic) float64 { return statistic(values, weights, float64(len(values)), stat) }
	return Summary{
		Count: len(values), Mean: at(Mean), P50: at(P50), P90: at(P90), P95: at(P95), P99: at(P99), Max: values[len(values)-1].v,
	}, true
}

// Statistic returns one statistic of a series. ok is false if it has no values.
func (s *Sample) Statistic(name string, stat Statistic) (v float64, ok bool) {
	values := s.sorted(name)
	if len(values) == 0 {
		return 0, false
	}
	return statistic(values, ones(len(s.clusters)), float64(len(values)), stat), true
}

func (s *Sample) sorted(name string) []value {
	of := s.series[name]
	if of == nil {
		return nil
	}
	if !of.sorted {
		slices.SortFunc(of.values, func(a, b value) int { return cmp.Or(cmp.Compare(a.v, b.v), cmp.Compare(a.cluster, b.cluster)) })
		of.sorted = true
	}
	return of.values
}

func ones(n int) []int32 {
	weights := make([]int32, n)
	for i := range weights {
		weights[i] = 1
	}
	return weights
}

// statistic returns a statistic of sorted values, each of which counts as often as its cluster's weight. Total is
// the sum of the weights.
func statistic(values []value, weights []int32, total float64, stat Statistic) float64 {
	if math.IsNaN(stat.P) {
		sum := 0.0
		for _, v := range values {
			sum += v.v * float64(weights[v.cluster])
		}
		return sum / total
	}
	position := (total - 1) * stat.P // From 0, between two values.
	low := math.Floor(position)
	seen, from := 0.0, math.NaN()
	for _, v := range values {
		w := float64(weights[v.cluster])
		if w == 0 {
			continue
		}
		seen += w
		if math.IsNaN(from) && seen > low {
			from = v.v
		}
		if seen > low+1 || seen >= total {
			if seen > low+1 || position == low {
				return from + (v.v-from)*(position-low)
			}
		}
	}
	return from
}
