// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Difference is how a statistic of a series changed from one sample to another.
type Difference struct {
	Series    string  `json:"series"`
	Statistic string  `json:"statistic"`
	Base      float64 `json:"base"`
	New       float64 `json:"new"`
	BaseCount int     `json:"base_count"`
	NewCount  int     `json:"new_count"`
	// Change is New − Base, in seconds. Low and High are the ends of its interval.
	Change float64 `json:"change"`
	Low    float64 `json:"low"`
	High   float64 `json:"high"`
	// Few reports that there are too few values to trust the interval.
	Few bool `json:"few,omitempty"`
}

// Real reports whether the interval excludes that nothing changed, and there are enough values.
func (d *Difference) Real() bool { return !d.Few && (d.Low > 0 || d.High < 0) }

// Relative returns the change as a part of the base. ok is false if the base is 0.
func (d *Difference) Relative() (change float64, ok bool) {
	if d.Base == 0 {
		return 0, false
	}
	return d.Change / d.Base, true
}

// Resampling says how intervals are computed.
type Resampling struct {
	Level float64 // The confidence, such as 0.95.
	Times int     // How many resamples are drawn, such as 1,000.
	Seed  uint64  // The same seed gives the same intervals.
}

// Question is one statistic of one series.
type Question struct {
	Series    string
	Statistic Statistic
}

// Compare returns the differences of the statistics that both samples have. It takes Times passes over all values.
func Compare(base, next *Sample, questions []Question, r Resampling) []Difference {
	var asked []Question
	var found []Difference
	for _, q := range questions {
		before, ok := base.Statistic(q.Series, q.Statistic)
		after, ok2 := next.Statistic(q.Series, q.Statistic)
		if !ok || !ok2 {
			continue
		}
		n, m := base.Count(q.Series), next.Count(q.Series)
		asked = append(asked, q)
		found = append(found, Difference{
			Series: q.Series, Statistic: q.Statistic.Name, Base: before, New: after, BaseCount: n, NewCount: m, Change: after - before,
			Few: min(n, m) < q.Statistic.Enough(),
		})
	}
	if len(found) == 0 || r.Times < 1 {
		return found
	}
	drawn := [2][][]float64{draw(base, asked, r, 1), draw(next, asked, r, 2)}
	for i := range found {
		changes := make([]float64, 0, r.Times)
		for j := range r.Times {
			if before, after := drawn[0][i][j], drawn[1][i][j]; !math.IsNaN(before) && !math.IsNaN(after) {
				changes = append(changes, after-before)
			}
		}
		if len(changes) == 0 {
			found[i].Few = true
			continue
		}
		slices.Sort(changes)
		tail := (1 - r.Level) / 2
		last := float64(len(changes) - 1)
		found[i].Low = changes[int(math.Floor(last*tail))]
		found[i].High = changes[int(math.Ceil(last*(1-tail)))]
	}
	return found
}

// draw returns the statistics of resamples of the clusters, for each question.
func draw(s *Sample, questions []Question, r Resampling, stream uint64) [][]float64 {
	random := rand.New(rand.NewPCG(r.Seed, stream)) //nolint:gosec // It resamples, it keeps no secret.
	drawn := make([][]float64, len(questions))
	for i := range drawn {
		drawn[i] = make([]float64, r.Times)
	}
	weights := make([]int32, len(s.clusters))
	totals := make(map[string]float64)
	for j := range r.Times {
		clear(weights)
		for range weights {
			weights[random.IntN(len(weights))]++
		}
		clear(totals)
		for i, q := range questions {
			values := s.sorted(q.Series)
			total, ok := totals[q.Series]
			if !ok {
				for _, v := range values {
					total += float64(weights[v.cluster])
				}
				totals[q.Series] = total
			}
			drawn[i][j] = math.NaN()
			if total > 0 {
				drawn[i][j] = statistic(values, weights, total, q.Statistic)
			}
		}
	}
	return drawn
}
