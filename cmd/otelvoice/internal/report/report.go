// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package report adds calls up to a report: percentiles of the response latency and its segments, by group and by
// model, outcomes, interruptions and cost. The report in JSON is the same as the others.
package report

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/semconv"
)

// Report is the statistics of calls. Durations are seconds. Latencies are those of completed turns.
type Report struct {
	From  time.Time `json:"from,omitzero"` // The start of the first and of the last call.
	To    time.Time `json:"to,omitzero"`
	Calls int       `json:"calls"`
	Open  int       `json:"open"` // Calls that have not ended.
	Turns int       `json:"turns"`
	// Interrupted is the turns in which the user barged in.
	Interrupted int `json:"interrupted"`
	// Slow is the turns that took longer than their budget.
	Slow int `json:"slow"`
	// Latency has the response latency, its segments and the time to the first audio, in that order.
	Latency []Series `json:"latency"`
	// Groups has the response latency by version, channel, model and provider. A grouping that knows no group
	// is left out.
	Groups     []Group        `json:"groups,omitempty"`
	Models     []Model        `json:"models,omitempty"`
	Turn       map[string]int `json:"turn_outcomes,omitempty"`
	Outcomes   map[string]int `json:"outcomes,omitempty"`
	EndReasons map[string]int `json:"end_reasons,omitempty"`
	Errors     map[string]int `json:"errors,omitempty"` // Of stages.
	Cost       []Cost         `json:"cost,omitempty"`
	Problems   map[string]int `json:"problems,omitempty"`
}

// Series is a series with its name.
type Series struct {
	Name string `json:"name"`
	latency.Summary
}

// Group is the response latency of a group.
type Group struct {
	By   latency.Grouping `json:"by"`
	Name string           `json:"name"`
	latency.Summary
}

// Model is the stages of a model, or of a tool.
type Model struct {
	Kind     string `json:"kind"`
	Provider string `json:"provider,omitempty"`
	Name     string `json:"name"`
	Count    int    `json:"count"`
	Failed   int    `json:"failed"`
	Retries  int    `json:"retries"`
	// FirstOutput and Duration are those of completed stages; nil is unknown.
	FirstOutput  *latency.Summary `json:"first_output,omitempty"`
	Duration     *latency.Summary `json:"duration,omitempty"`
	InputTokens  int64            `json:"input_tokens,omitempty"`
	OutputTokens int64            `json:"output_tokens,omitempty"`
	Cost         []Cost           `json:"cost,omitempty"`
}

// Cost is the sum in a currency. Unknown is how many calls or stages it lacks.
type Cost struct {
	Currency string  `json:"currency"`
	Amount   float64 `json:"amount"`
	Known    int     `json:"known"` // How many calls or stages it is of.
}

// Builder adds calls up. Budget is from how many seconds on a turn without a budget of its own is slow. The zero
// Builder with a budget is ready to use. What it holds grows with the number of turns, by about 200 bytes each.
type Builder struct {
	Budget float64

	report Report
	sample latency.Sample
	groups map[latency.Grouping]*latency.Sample
	models map[modelKey]*model
	cost   map[string]*Cost
}

type modelKey struct{ kind, provider, name string }

type model struct {
	Model
	sample latency.Sample
	cost   map[string]*Cost
}

var groupings = []latency.Grouping{latency.ByVersion, latency.ByChannel, latency.ByModel, latency.ByProvider}

// Add adds a call.
func (b *Builder) Add(c *call.Call) {
	r := &b.report
	if b.groups == nil {
		b.groups, b.models, b.cost = make(map[latency.Grouping]*latency.Sample), make(map[modelKey]*model), make(map[string]*Cost)
		r.Turn, r.Outcomes, r.EndReasons = make(map[string]int), make(map[string]int), make(map[string]int)
		r.Errors, r.Problems = make(map[string]int), make(map[string]int)
	}
	r.Calls++
	if c.Open {
		r.Open++
	}
	if !c.Start.IsZero() && (r.From.IsZero() || c.Start.Before(r.From)) {
		r.From = c.Start
	}
	if c.Start.After(r.To) {
		r.To = c.Start
	}
	count(r.Outcomes, c.Outcome)
	count(r.EndReasons, c.EndReason)
	charge(b.cost, c.Cost)
	for _, p := range c.Problems {
		r.Problems[p.Kind] += p.Count
	}
	b.sample.AddCall(c)
	for _, t := range c.Turns {
		b.turn(c, t)
	}
	c.Visit(func(_ *call.Turn, s *call.Stage) { b.stage(latency.Cluster(c), s) })
}

func (b *Builder) turn(c *call.Call, t *call.Turn) {
	r := &b.report
	r.Turns++
	count(r.Turn, t.Outcome)
	if t.Interruption != nil {
		r.Interrupted++
	}
	if t.Slow(b.Budget) {
		r.Slow++
	}
	if t.ResponseLatency == nil || !latency.Counts(t) {
		return
	}
	for _, by := range groupings {
		if name := by.Group(c, t); name != "" {
			if b.groups[by] == nil {
				b.groups[by] = new(latency.Sample)
			}
			b.groups[by].Add(latency.Cluster(c), name, *t.ResponseLatency)
		}
	}
}

const (
	firstOutput = "first_output"
	duration    = "duration"
)

func (b *Builder) stage(cluster string, s *call.Stage) {
	count(b.report.Errors, s.Error)
	key := modelKey{s.Kind, s.Provider, s.Model}
	switch s.Kind {
	case semconv.VoiceStageTool:
		key.name = cmp.Or(s.Attributes.Text(semconv.GenAIToolNameKey), s.Name)
	case semconv.VoiceStageSTT, semconv.VoiceStageLLM, semconv.VoiceStageTTS, semconv.VoiceStageRealtime:
	default:
		return
	}
	m := b.models[key]
	if m == nil {
		m = &model{Model: Model{Kind: s.Kind, Provider: s.Provider, Name: key.name}, cost: make(map[string]*Cost)}
		b.models[key] = m
	}
	m.Count++
	m.Retries += s.Resends
	if s.Attempt > 1 {
		m.Retries++
	}
	if s.Outcome == semconv.VoiceStageOutcomeFailed {
		m.Failed++
	}
	if s.Outcome == semconv.VoiceStageOutcomeCompleted {
		if s.FirstOutput != nil {
			m.sample.Add(cluster, firstOutput, *s.FirstOutput)
		}
		if s.Duration != nil {
			m.sample.Add(cluster, duration, *s.Duration)
		}
	}
	if t := s.Tokens; t != nil {
		if t.Input != nil {
			m.InputTokens += *t.Input
		}
		if t.Output != nil {
			m.OutputTokens += *t.Output
		}
	}
	charge(m.cost, s.Cost)
}

// Report returns the report of what was added.
func (b *Builder) Report() *Report {
	r := b.report
	r.Latency = []Series{}
	for _, name := range append(latency.SeriesNames(), latency.ToolTime, latency.TimeToFirstAudio) {
		if sum, ok := b.sample.Summary(name); ok {
			r.Latency = append(r.Latency, Series{name, sum})
		}
	}
	for _, by := range groupings {
		if of := b.groups[by]; of != nil {
			for _, name := range of.Names() {
				sum, _ := of.Summary(name)
				r.Groups = append(r.Groups, Group{by, name, sum})
			}
		}
	}
	for _, m := range b.models {
		out := m.Model
		if sum, ok := m.sample.Summary(firstOutput); ok {
			out.FirstOutput = &sum
		}
		if sum, ok := m.sample.Summary(duration); ok {
			out.Duration = &sum
		}
		out.Cost = costs(m.cost)
		r.Models = append(r.Models, out)
	}
	slices.SortFunc(r.Models, func(x, y Model) int {
		return cmp.Or(cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Provider, y.Provider), cmp.Compare(x.Name, y.Name))
	})
	r.Cost = costs(b.cost)
	return &r
}

// maxNames and maxName, in bytes, bound the names that are counted apart, so that a report of hostile text is small.
const (
	maxNames = 1000
	maxName  = 200
	other    = "_OTHER"
)

func count(counts map[string]int, name string) {
	if name == "" {
		return
	}
	name = cleantext.Head(name, maxName)
	if _, ok := counts[name]; !ok && len(counts) >= maxNames {
		name = other
	}
	counts[name]++
}

func charge(sums map[string]*Cost, m *call.Money) {
	if m == nil {
		return
	}
	if sums[m.Currency] == nil {
		sums[m.Currency] = &Cost{Currency: m.Currency}
	}
	sums[m.Currency].Amount += m.Amount
	sums[m.Currency].Known++
}

func costs(sums map[string]*Cost) (list []Cost) {
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		list = append(list, *sums[currency])
	}
	return list
}
