// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/index"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// The bounds of an answer.
const (
	maxTurns  = 200_000 // Are read, the newest.
	maxPoints = 2_000   // Are answered, at equal distances.
	maxGroups = 50      // The largest.
	bins      = 40      // Of the histogram.
)

// A Latency is how long calls made people wait, in seconds.
type Latency struct {
	// Groups are the statistics of one measure by group, the largest first. Segments are those of all measures.
	Groups   []Group `json:"groups"`
	Segments []Group `json:"segments"`
	// Points are turns, the oldest first.
	Points    []Point `json:"points"`
	Histogram []Bin   `json:"histogram"`
	Turns     int     `json:"turns"`
	// IsCut is true if there are more turns than are read: the newest are.
	IsCut bool `json:"is_cut,omitempty"`
}

// A Group is the statistics of some turns.
type Group struct {
	Name string `json:"name"`
	latency.Summary
}

// A Point is a turn.
type Point struct {
	Time  time.Time `json:"time"`
	Value float64   `json:"value"`
	Call  string    `json:"call"`
	Turn  int       `json:"turn"`
	Group string    `json:"group,omitempty"`
}

// A Bin counts the turns from one value to another.
type Bin struct {
	From  float64 `json:"from"`
	To    float64 `json:"to"`
	Count int     `json:"count"`
}

// groupOf returns the function that says to which group a turn belongs.
func groupOf(by string) (func(*index.TurnRow) string, error) {
	switch by {
	case "", "model":
		return func(t *index.TurnRow) string { return t.Model }, nil
	case "provider":
		return func(t *index.TurnRow) string { return t.Provider }, nil
	case "version":
		return func(t *index.TurnRow) string { return t.Version }, nil
	case "agent":
		return func(t *index.TurnRow) string { return t.Agent }, nil
	case "channel":
		return func(t *index.TurnRow) string { return t.Channel }, nil
	}
	return nil, badRequestError{fmt.Errorf("by: %.40q is not model, provider, version, agent or channel", by)}
}

// valueOf returns a measure of a turn.
func valueOf(t *index.TurnRow, measure string) (v float64, ok bool) {
	if measure == latency.Response {
		return t.Response, true
	}
	v, ok = t.Segments[measure]
	return v, ok
}

func (s *Server) latency(ctx context.Context, r *http.Request) (*Latency, error) {
	query := r.URL.Query()
	group, err := groupOf(query.Get("by"))
	if err != nil {
		return nil, err
	}
	measure := cmp.Or(query.Get("segment"), latency.Response)
	if measure == "response" {
		measure = latency.Response
	}
	if !slices.Contains(latency.SeriesNames(), measure) {
		return nil, badRequestError{fmt.Errorf("segment: %.40q is not one of %v", measure, latency.SeriesNames())}
	}
	filter, err := s.filterOf(ctx, query)
	if err != nil {
		return nil, err
	}
	turns, err := s.turns(ctx, &filter)
	if err != nil {
		return nil, err
	}
	answer := &Latency{
		Groups: []Group{}, Segments: []Group{}, Points: []Point{}, Histogram: []Bin{}, Turns: len(turns), IsCut: len(turns) == maxTurns,
	}
	var all, groups latency.Sample
	var values []float64
	every := max(1, (len(turns)+maxPoints-1)/maxPoints)
	for i := range turns {
		t := &turns[i]
		for _, name := range latency.SeriesNames() {
			if v, ok := valueOf(t, name); ok {
				all.Add(t.Call, name, v)
			}
		}
		v, ok := valueOf(t, measure)
		if !ok {
			continue
		}
		values = append(values, v)
		groups.Add(t.Call, group(t), v)
		if i%every == 0 {
			answer.Points = append(answer.Points, Point{Time: t.Time, Value: v, Call: t.Call, Turn: t.Turn, Group: group(t)})
		}
	}
	slices.Reverse(answer.Points) // The newest turns were read first.
	answer.Segments = summaries(&all, latency.SeriesNames())
	answer.Groups = summaries(&groups, groups.Names())
	slices.SortStableFunc(answer.Groups, func(a, b Group) int { return cmp.Compare(b.Count, a.Count) })
	answer.Groups = answer.Groups[:min(len(answer.Groups), maxGroups)]
	answer.Histogram = histogram(values)
	return answer, nil
}

func summaries(of *latency.Sample, names []string) (groups []Group) {
	groups = []Group{}
	for _, name := range names {
		if summary, ok := of.Summary(name); ok {
			groups = append(groups, Group{Name: name, Summary: summary})
		}
	}
	return groups
}

// histogram counts values in bins of equal width, from 0 to the 99th percentile. The last bin has all above.
func histogram(values []float64) []Bin {
	if len(values) == 0 {
		return []Bin{}
	}
	slices.Sort(values)
	width := math.Max(values[(len(values)-1)*99/100], 0.001) / bins
	counted := make([]Bin, bins)
	for i := range counted {
		counted[i].From, counted[i].To = float64(i)*width, float64(i+1)*width
	}
	counted[bins-1].To = math.Max(counted[bins-1].To, values[len(values)-1])
	for _, v := range values {
		counted[min(max(int(v/width), 0), bins-1)].Count++
	}
	return counted
}

// turns returns the turns of the calls that a filter selects, the newest first.
func (s *Server) turns(ctx context.Context, filter *store.Filter) ([]index.TurnRow, error) {
	rows, err := s.Store.Turns(ctx, filter, maxTurns)
	if err != nil {
		return nil, err
	}
	turns := make([]index.TurnRow, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row, &turns[i]); err != nil {
			return nil, fmt.Errorf("read a turn: %w", err)
		}
	}
	return turns, nil
}
