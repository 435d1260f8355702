// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

// verifyResult is the output of verify -json. Times are in seconds. Unknown values are left out.
type verifyResult struct {
	Turns        []verifyTurn       `json:"turns"`
	Response     verifyDistribution `json:"response_latency"`
	StopTime     verifyDistribution `json:"stop_time"`
	UserStopped  verifyDistribution `json:"user_stopped"`
	AgentStarted verifyDistribution `json:"agent_started"`
	DeadAir      verifyPair         `json:"dead_air"`
	Shift        float64            `json:"shift"`
	Unmatched    int                `json:"unmatched"`
	OnlyMeasured int                `json:"only_measured"`
}

type verifyTurn struct {
	Index        int        `json:"index"`
	Outcome      string     `json:"outcome,omitempty"`
	Response     verifyPair `json:"response_latency"`
	UserStopped  verifyPair `json:"user_stopped"`
	AgentStarted verifyPair `json:"agent_started"`
	StopTime     verifyPair `json:"stop_time"`
	Overlap      verifyPair `json:"overlap"`
	Missing      string     `json:"missing,omitempty"`
	Notes        []string   `json:"notes,omitempty"`
}

type verifyPair struct {
	Told       *float64 `json:"told,omitempty"`
	Measured   *float64 `json:"measured,omitempty"`
	Difference *float64 `json:"difference,omitempty"`
}

// verifyDistribution has only a count of 0 if nothing was compared.
type verifyDistribution struct {
	Count  int      `json:"count"`
	Median *float64 `json:"median,omitempty"`
	P95    *float64 `json:"p95,omitempty"`
	Worst  *float64 `json:"worst,omitempty"`
	Mean   *float64 `json:"mean,omitempty"`
}

func newVerifyResult(r *recording.Report) verifyResult {
	out := verifyResult{
		Turns:    []verifyTurn{},
		Response: newVerifyDistribution(r.Response), StopTime: newVerifyDistribution(r.StopTime),
		UserStopped: newVerifyDistribution(r.UserStopped), AgentStarted: newVerifyDistribution(r.AgentStarted),
		DeadAir: newVerifyPair(r.DeadAir), Shift: r.Shift.Seconds(),
		Unmatched: r.Unmatched, OnlyMeasured: r.OnlyMeasured,
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		out.Turns = append(out.Turns, verifyTurn{
			Index: row.Turn.Index, Outcome: row.Turn.Outcome,
			Response: newVerifyPair(row.Response), UserStopped: newVerifyPair(row.UserStopped),
			AgentStarted: newVerifyPair(row.AgentStarted), StopTime: newVerifyPair(row.StopTime),
			Overlap: newVerifyPair(row.Overlap), Missing: row.Missing, Notes: row.Notes,
		})
	}
	return out
}

func newVerifyPair(c recording.Comparison) (p verifyPair) {
	seconds := func(d *time.Duration) *float64 {
		if d == nil {
			return nil
		}
		return new(d.Seconds())
	}
	p.Told, p.Measured = seconds(c.Told), seconds(c.Measured)
	if d, ok := c.Difference(); ok {
		p.Difference = new(d.Seconds())
	}
	return p
}

func newVerifyDistribution(d recording.Distribution) verifyDistribution {
	if d.Count == 0 {
		return verifyDistribution{}
	}
	return verifyDistribution{
		Count: d.Count, Median: new(d.Median.Seconds()), P95: new(d.P95.Seconds()),
		Worst: new(d.Worst.Seconds()), Mean: new(d.Mean.Seconds()),
	}
}
