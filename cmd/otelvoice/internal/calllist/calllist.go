// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package calllist is the table of calls, and the filters of it.
package calllist

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
	"github.com/voice-agents/telemetry/semconv"
)

// Row is a call in the table.
type Row struct {
	Session       string      `json:"session,omitempty"`
	Correlation   string      `json:"correlation,omitempty"`
	Traces        []string    `json:"traces,omitempty"`
	Agent         string      `json:"agent,omitempty"`
	Version       string      `json:"version,omitempty"`
	Channel       string      `json:"channel,omitempty"`
	Start         time.Time   `json:"start,omitzero"`
	Duration      *float64    `json:"duration,omitempty"`
	Open          bool        `json:"open,omitempty"`
	Turns         int         `json:"turns"`
	Slow          int         `json:"slow"`
	Failed        int         `json:"failed"`
	Interruptions int         `json:"interruptions"`
	P50           *float64    `json:"response_latency_p50,omitempty"`
	P95           *float64    `json:"response_latency_p95,omitempty"`
	Outcome       string      `json:"outcome,omitempty"`
	EndReason     string      `json:"end_reason,omitempty"`
	Error         string      `json:"error,omitempty"`
	Cost          *call.Money `json:"cost,omitempty"`
	Problems      int         `json:"problems,omitempty"`
}

// Filter chooses calls. The zero Filter chooses all.
type Filter struct {
	Agent, Version, Channel, Outcome string
	Slow, Interrupted, Error         bool
	// Budget is from how many seconds on a turn without a budget of its own is slow.
	Budget float64
}

// New returns the row of a call. Budget is that of Filter.
func New(c *call.Call, budget float64) Row {
	r := Row{
		Session: c.IDs.Session, Correlation: c.IDs.Correlation, Traces: c.IDs.Traces, Agent: c.Agent.KnownName(),
		Version: c.Agent.KnownVersion(), Channel: c.Channel, Start: c.Start, Duration: c.Duration, Open: c.Open,
		Turns: len(c.Turns), Interruptions: c.Interruptions, Outcome: c.Outcome, EndReason: c.EndReason, Error: c.Error, Cost: c.Cost,
	}
	var s latency.Sample
	s.AddCall(c)
	if sum, ok := s.Summary(latency.Response); ok {
		r.P50, r.P95 = &sum.P50, &sum.P95
	}
	for _, t := range c.Turns {
		if t.Slow(budget) {
			r.Slow++
		}
		if t.Outcome == semconv.VoiceTurnOutcomeFailed {
			r.Failed++
		}
	}
	for _, p := range c.Problems {
		r.Problems += p.Count
	}
	return r
}

// Matches reports whether the filter chooses the call.
func (f *Filter) Matches(r *Row) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	return is(f.Agent, r.Agent) && is(f.Version, r.Version) && is(f.Channel, r.Channel) &&
		(f.Outcome == "" || f.Outcome == r.Outcome || f.Outcome == r.EndReason) &&
		(!f.Slow || r.Slow > 0) && (!f.Interrupted || r.Interruptions > 0) && (!f.Error || r.Error != "" || r.Failed > 0)
}

// Sort sorts calls, the oldest first.
func Sort(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Session, b.Session))
	})
}

// Write writes the table.
func Write(w io.Writer, rows []Row, s terminal.Screen) error {
	table := terminal.Table{Columns: []terminal.Column{
		{Head: "START"},
		{Head: "CALL", Max: 36},
		{Head: "AGENT", Max: 24},
		{Head: "CHANNEL", Max: 12},
		{Head: "TIME", Right: true},
		{Head: "TURNS", Right: true},
		{Head: "P50", Right: true},
		{Head: "P95", Right: true},
		{Head: "SLOW", Right: true},
		{Head: "BARGE-INS", Right: true},
		{Head: "END", Max: 40},
		{Head: "COST", Right: true},
	}}
	for _, r := range rows {
		style, end := terminal.Plain, strings.TrimPrefix(r.Outcome+", "+r.EndReason, ", ")
		end = strings.TrimSuffix(end, ", ")
		switch {
		case r.Open:
			end = "open"
		case r.Error != "":
			style, end = terminal.Red, strings.TrimSuffix(end, semconv.VoiceSessionEndReasonError)+"error: "+r.Error
		case r.Failed > 0:
			end += fmt.Sprintf(", %d failed", r.Failed)
		}
		table.Add(style, stamp(r.Start), cmp.Or(r.Session, r.Correlation, first(r.Traces)), strings.TrimSpace(r.Agent+" "+r.Version), r.Channel,
			terminal.Seconds(r.Duration), strconv.Itoa(r.Turns), terminal.Seconds(r.P50), terminal.Seconds(r.P95), some(r.Slow), some(r.Interruptions),
			strings.TrimPrefix(end, ", "), Money(r.Cost))
	}
	return table.Write(w, s)
}

func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

func first(list []string) string {
	if len(list) == 0 {
		return ""
	}
	return list[0]
}

func some(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// Money returns a cost as people read it; "" is unknown.
func Money(m *call.Money) string {
	if m == nil {
		return ""
	}
	return strings.TrimSpace(strconv.FormatFloat(m.Amount, 'f', 4, 64) + " " + m.Currency)
}
