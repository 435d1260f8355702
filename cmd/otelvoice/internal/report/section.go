// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
)

// section is a table of the report as text.
type section struct {
	Title string
	Note  string
	Heads []string // The first so many columns are text, the others numbers.
	Text  int
	Rows  [][]string
	// Bars are the parts of each row's bar; nil if there are none.
	Bars []float64
}

var percentiles = []string{"count", "p50", "p90", "p95", "p99", "max"}

// sections returns the report as tables.
func (r *Report) sections() (all []section) {
	if len(r.Latency) > 0 {
		s := section{Title: "Latency", Note: "Seconds, of completed turns.", Heads: append([]string{"segment"}, percentiles...), Text: 1}
		for _, l := range r.Latency {
			s.Rows = append(s.Rows, append([]string{strings.ReplaceAll(l.Name, "_", " ")}, numbers(&l.Summary)...))
			s.Bars = append(s.Bars, l.P95)
		}
		all = append(all, s)
	}
	if len(r.Groups) > 0 {
		s := section{Title: "Response latency by group", Heads: append([]string{"by", "group"}, percentiles...), Text: 2}
		for _, g := range r.Groups {
			s.Rows = append(s.Rows, append([]string{string(g.By), g.Name}, numbers(&g.Summary)...))
			s.Bars = append(s.Bars, g.P95)
		}
		all = append(all, s)
	}
	if len(r.Models) > 0 {
		s := section{
			Title: "Models and tools", Note: "The time to the first token or byte and the duration are those of completed requests, in seconds.", Text: 3,
			Heads: []string{"stage", "provider", "model", "count", "failed", "retries", "first p50", "first p95", "time p50", "time p95", "tokens in", "tokens out", "cost"},
		}
		for _, m := range r.Models {
			first, last := make([]string, 2), make([]string, 2)
			if m.FirstOutput != nil {
				first = []string{seconds(m.FirstOutput.P50), seconds(m.FirstOutput.P95)}
			}
			if m.Duration != nil {
				last = []string{seconds(m.Duration.P50), seconds(m.Duration.P95)}
			}
			s.Rows = append(s.Rows, []string{
				m.Kind, m.Provider, m.Name, strconv.Itoa(m.Count), some(m.Failed), some(m.Retries), first[0], first[1], last[0], last[1],
				some(int(m.InputTokens)), some(int(m.OutputTokens)), money(m.Cost),
			})
		}
		all = append(all, s)
	}
	counts := section{Title: "Outcomes", Heads: []string{"of", "outcome", "count", "share"}, Text: 2}
	counts.add("turns", r.Turn, r.Turns)
	counts.add("calls", r.Outcomes, r.Calls)
	counts.add("calls ended by", r.EndReasons, r.Calls)
	counts.add("errors of stages", r.Errors, 0)
	counts.add("problems of the telemetry", r.Problems, 0)
	if len(counts.Rows) > 0 {
		all = append(all, counts)
	}
	return all
}

func (s *section) add(of string, counts map[string]int, all int) {
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	for _, name := range names {
		share := ""
		if all > 0 {
			share = fmt.Sprintf("%.1f %%", 100*float64(counts[name])/float64(all))
		}
		s.Rows = append(s.Rows, []string{of, name, strconv.Itoa(counts[name]), share})
	}
}

// head says in one sentence what the report is of.
func (r *Report) head() string {
	text := fmt.Sprintf("%d calls", r.Calls)
	if r.Open > 0 {
		text += fmt.Sprintf(" (%d open)", r.Open)
	}
	text += fmt.Sprintf(", %d turns, %d slow, %d interrupted", r.Turns, r.Slow, r.Interrupted)
	if !r.From.IsZero() {
		text += fmt.Sprintf(", %s to %s", r.From.UTC().Format("2006-01-02 15:04"), r.To.UTC().Format("2006-01-02 15:04 UTC"))
	}
	for _, c := range r.Cost {
		text += fmt.Sprintf(", cost %s", strings.TrimSpace(strconv.FormatFloat(c.Amount, 'f', 4, 64)+" "+c.Currency))
		if c.Known < r.Calls {
			text += fmt.Sprintf(" (of %d calls)", c.Known)
		}
	}
	return text
}

func numbers(s *latency.Summary) []string {
	return []string{strconv.Itoa(s.Count), seconds(s.P50), seconds(s.P90), seconds(s.P95), seconds(s.P99), seconds(s.Max)}
}

func seconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

func some(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func money(costs []Cost) string {
	var parts []string
	for _, c := range costs {
		parts = append(parts, strings.TrimSpace(strconv.FormatFloat(c.Amount, 'f', 4, 64)+" "+c.Currency))
	}
	return strings.Join(parts, " + ")
}
