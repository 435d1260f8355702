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
	// Change is New − Base, in seconds.
	Change float64 `json:"change"`
	// Interval is unknown if there are too few calls.
	*Interval
	// Few reports that there are too few values or too few calls to tell the change from noise.
	Few bool `json:"few,omitempty"`
	// FewCalls reports that there are too few calls.
	FewCalls bool `json:"few_calls,omitempty"`
}

// Interval has the true change with the confidence that was asked for.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Slower reports whether the interval excludes that the series did not become slower, and there are enough values.
func (d *Difference) Slower() bool { return !d.Few && d.Interval != nil && d.Low > 0 }

// Faster reports whether the interval excludes that the series did not become faster, and there are enough values.
func (d *Difference) Faster() bool { return !d.Few && d.Interval != nil && d.High < 0 }

// Real reports whether the interval excludes that nothing changed, and there are enough values.
func (d *Difference) Real() bool { return d.Slower() || d.Faster() }

// Relative returns the change as a part of the base. ok is false if there is no such part: the base is 0, or next to it.
func (d *Difference) Relative() (change float64, ok bool) {
	change = d.Change / math.Abs(d.Base)
	if math.IsNaN(change) || math.IsInf(change, 0) {
		return 0, false
	}
	return change, true
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
		isFew := math.Round(fewerClusters(base, next, q.Series)) < EnoughCalls
		asked = append(asked, q)
		found = append(found, Difference{
			Series: q.Series, Statistic: q.Statistic.Name, Base: before, New: after, BaseCount: n, NewCount: m, Change: after - before,
			Few: isFew || min(n, m) < q.Statistic.Enough(), FewCalls: isFew,
		})
	}
	if !slices.ContainsFunc(found, func(d Difference) bool { return !d.FewCalls }) || r.Times < 1 {
		return found
	}
	drawn := [2][][]float64{draw(base, asked, r, 1), draw(next, asked, r, 2)}
	for i := range found {
		if found[i].FewCalls {
			continue
		}
		changes := make([]float64, 0, r.Times)
		for j := range r.Times {
			if before, after := drawn[0][i][j], drawn[1][i][j]; !math.IsNaN(before) && !math.IsNaN(after) {
				changes = append(changes, after-before)
			}
		}
		if len(changes) == 0 {
			found[i].Few, found[i].FewCalls = true, true
			continue
		}
		slices.Sort(changes)
		found[i].Interval = interval(found[i].Change, changes, r.Level, fewerClusters(base, next, found[i].Series))
	}
	return found
}

// EnoughCalls is how many calls each side needs, so that the bootstrap over calls has an interval. With fewer, the
// resamples are too much alike.
const EnoughCalls = 8

// fewerClusters returns the effective number of clusters of the side that has fewer.
func fewerClusters(base, next *Sample, series string) float64 {
	return min(base.effective(series), next.effective(series))
}

// interval returns the interval of a change from the sorted changes of resamples. That of the bootstrap is too narrow
// for few clusters: resamples vary by n-1 of n parts of the variance, and by the normal distribution instead of
// Student's (Hesterberg, What Teachers Should Know about the Bootstrap, 2015, section 5.2). The interval is wider by
// both.
func interval(change float64, resampled []float64, level, clusters float64) *Interval {
	tail, last := (1-level)/2, float64(len(resampled)-1)
	low, high := resampled[int(math.Floor(last*tail))], resampled[int(math.Ceil(last*(1-tail)))]
	normal := math.Sqrt2 * math.Erfinv(level)
	wider := student(normal, clusters-1) / normal * math.Sqrt(clusters/(clusters-1))
	return &Interval{Low: change - wider*max(change-low, 0), High: change + wider*max(high-change, 0)}
}

// student returns the quantile of Student's distribution from that of the normal distribution (Abramowitz and Stegun,
// Handbook of Mathematical Functions, 1964, 26.7.5). It is exact to three digits from 6 degrees of freedom on.
func student(z, freedom float64) float64 {
	square := z * z
	return z * (1 + (square+1)/(4*freedom) + ((5*square+16)*square+3)/(96*freedom*freedom) +
		(((3*square+19)*square+17)*square-15)/(384*freedom*freedom*freedom))
}

// draw returns the statistics of resamples of the clusters, for each question.
func draw(s *Sample, questions []Question, r Resampling, stream uint64) [][]float64 {
	random := rand.New(rand.NewPCG(r.Seed, stream))
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
