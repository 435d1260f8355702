// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package comparison compares the latencies of two sets of calls, and says whether a rule about the difference is
// broken.
package comparison

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
)

// Rule is a difference that must not be.
type Rule struct {
	Text      string
	Series    string
	Statistic latency.Statistic
	// Above reports that a change of more than Limit breaks the rule, and not one of less.
	Above bool
	Limit float64 // A part of the base if Relative, else seconds.
	// Relative reports that the limit is in percent.
	Relative bool
}

var form = regexp.MustCompile(`^\s*([a-z_]+)\.([a-z0-9]+)\s*([<>])\s*([+-]?)\s*(\d+(?:\.\d+)?)\s*(%|ms|s)\s*$`)

// Series are the names that rules may have.
func Series() []string {
	return append(latency.SeriesNames(), latency.ToolTime, latency.TimeToFirstAudio)
}

var errForm = errors.New(`want SERIES.STATISTIC > CHANGE, such as "response_latency.p95 > +10%" or "generation.p50 > +200ms"`)

// ParseRule reads a rule.
func ParseRule(text string) (Rule, error) {
	m := form.FindStringSubmatch(text)
	if m == nil {
		return Rule{}, fmt.Errorf("rule %q: %w", text, errForm)
	}
	if !slices.Contains(Series(), m[1]) {
		return Rule{}, fmt.Errorf("rule %q: there is no series %s, there are %s", text, m[1], strings.Join(Series(), ", "))
	}
	statistic, ok := latency.Named(m[2])
	if !ok {
		return Rule{}, fmt.Errorf("rule %q: there is no statistic %s, there are mean, p50, p90, p95, p99", text, m[2])
	}
	limit, err := strconv.ParseFloat(m[5], 64)
	if err != nil || math.IsInf(limit, 0) {
		return Rule{}, fmt.Errorf("rule %q: %w", text, errForm)
	}
	if m[4] == "-" {
		limit = -limit
	}
	r := Rule{Text: strings.TrimSpace(text), Series: m[1], Statistic: statistic, Above: m[3] == ">"}
	switch m[6] {
	case "%":
		r.Relative, limit = true, limit/100
	case "ms":
		limit *= time.Millisecond.Seconds()
	}
	r.Limit = limit
	return r, nil
}

// Broken reports whether a difference breaks the rule: it is beyond the limit, and its interval excludes that
// nothing changed. A change from 0 is beyond any limit in percent.
func (r *Rule) Broken(d *latency.Difference) bool {
	change := d.Change
	if r.Relative {
		var ok bool
		if change, ok = d.Relative(); !ok {
			change = math.Copysign(math.Inf(1), d.Change) // From 0, any change is beyond any part.
		}
	}
	if r.Above {
		return d.Slower() && change > r.Limit
	}
	return d.Faster() && change < r.Limit
}

// Result is the outcome of a comparison.
type Result struct {
	BaseCalls   int                  `json:"base_calls"`
	NewCalls    int                  `json:"new_calls"`
	Level       float64              `json:"level"` // The confidence of the intervals.
	Differences []latency.Difference `json:"differences"`
	Rules       []RuleResult         `json:"rules,omitempty"`
}

// RuleResult is the outcome of a rule. Known is false if one of the sets has no value of the series, and Few is
// true if there are too few values, or calls, to trust the difference.
type RuleResult struct {
	Rule   string `json:"rule"`
	Broken bool   `json:"broken"`
	Known  bool   `json:"known"`
	Few    bool   `json:"few,omitempty"`
	// FewCalls is true if there are too few calls.
	FewCalls bool `json:"few_calls,omitempty"`
}

// Compare compares two samples. It asks for the median and the 95th percentile of each series, and for what the
// rules need.
func Compare(base, next *latency.Sample, rules []Rule, r latency.Resampling) *Result {
	var questions []latency.Question
	ask := func(q latency.Question) {
		if !slices.ContainsFunc(questions, func(had latency.Question) bool {
			return had.Series == q.Series && had.Statistic.Name == q.Statistic.Name
		}) {
			questions = append(questions, q)
		}
	}
	for _, series := range Series() {
		ask(latency.Question{Series: series, Statistic: latency.P50})
		ask(latency.Question{Series: series, Statistic: latency.P95})
		for _, rule := range rules {
			if rule.Series == series {
				ask(latency.Question{Series: series, Statistic: rule.Statistic})
			}
		}
	}
	result := &Result{BaseCalls: base.Clusters(), NewCalls: next.Clusters(), Level: r.Level, Differences: latency.Compare(base, next, questions, r)}
	for _, rule := range rules {
		out := RuleResult{Rule: rule.Text}
		for i := range result.Differences {
			if d := &result.Differences[i]; d.Series == rule.Series && d.Statistic == rule.Statistic.Name {
				out.Known, out.Few, out.FewCalls, out.Broken = true, d.Few, d.FewCalls, rule.Broken(d)
			}
		}
		result.Rules = append(result.Rules, out)
	}
	return result
}

// Failed reports whether a rule is broken, or has nothing to check, as when a file has none of the series.
func (r *Result) Failed() bool {
	return slices.ContainsFunc(r.Rules, func(rule RuleResult) bool { return rule.Broken || !rule.Known })
}
