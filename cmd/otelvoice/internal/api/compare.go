// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
)

// A Comparison is how the latencies of two sets of calls differ.
type Comparison struct {
	Base Side  `json:"base"`
	New  Side  `json:"new"`
	Rows []Row `json:"rows"`
}

// A Side is one of the sets.
type Side struct {
	Calls int `json:"calls"`
	Turns int `json:"turns"`
}

// A Row is the difference of one statistic of the response latency or a segment.
type Row struct {
	latency.Difference
	Relative *float64 `json:"relative,omitempty"` // Of the base. Absent if the base is 0.
	// IsReal is true if the interval of 95 % excludes that nothing changed, and there are enough turns and calls.
	IsReal bool `json:"is_real,omitempty"`
}

// resampling is that of intervals on the page: they are computed anew with each request.
var resampling = latency.Resampling{Level: 0.95, Times: 500, Seed: 1} //nolint:gochecknoglobals // It does not change.

func (s *Server) compare(ctx context.Context, r *http.Request) (*Comparison, error) {
	query := r.URL.Query()
	base, sideOfBase, err := s.sample(ctx, "base", query.Get("base"))
	if err != nil {
		return nil, err
	}
	next, sideOfNew, err := s.sample(ctx, "new", query.Get("new"))
	if err != nil {
		return nil, err
	}
	var questions []latency.Question
	for _, name := range latency.SeriesNames() {
		for _, statistic := range []latency.Statistic{latency.P50, latency.P90, latency.P95} {
			questions = append(questions, latency.Question{Series: name, Statistic: statistic})
		}
	}
	c := &Comparison{Base: sideOfBase, New: sideOfNew, Rows: []Row{}}
	for _, d := range latency.Compare(base, next, questions, resampling) {
		row := Row{Difference: d, IsReal: d.Real()}
		if relative, ok := d.Relative(); ok {
			row.Relative = &relative
		}
		c.Rows = append(c.Rows, row)
	}
	return c, nil
}

// maxCompared is how many turns of a side are compared, the newest.
const maxCompared = 20_000

// sample returns the latencies of the calls that a filter, written as the query of a URL, selects.
func (s *Server) sample(ctx context.Context, name, text string) (*latency.Sample, Side, error) {
	query, err := url.ParseQuery(text)
	if err != nil {
		return nil, Side{}, badRequestError{fmt.Errorf("%s: %w", name, err)}
	}
	filter, err := s.filterOf(ctx, query)
	if err != nil {
		return nil, Side{}, fmt.Errorf("%s: %w", name, err)
	}
	turns, err := s.turns(ctx, &filter)
	if err != nil {
		return nil, Side{}, err
	}
	sample := new(latency.Sample)
	turns = turns[:min(len(turns), maxCompared)]
	for i := range turns {
		for _, measure := range latency.SeriesNames() {
			if v, ok := valueOf(&turns[i], measure); ok {
				sample.Add(turns[i].Call, measure, v)
			}
		}
	}
	return sample, Side{Calls: sample.Clusters(), Turns: len(turns)}, nil
}
