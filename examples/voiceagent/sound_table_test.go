// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

// summary is what the comparisons of several calls have in common.
type summary struct {
	calls, turns                            int
	unmatched                               int
	interruptions, interruptionsHeard       int
	response, userStopped, agentStarted     []time.Duration
	stopTime                                []time.Duration
	overlapTold, overlapHeard               time.Duration
	deadAirTold, deadAirHeard               time.Duration
	latencyTold, latencyHeard, stopMeasured []time.Duration
}

func summarize(reports []*recording.Report) *summary {
	s := &summary{calls: len(reports)}
	collect := func(to *[]time.Duration, c recording.Comparison) {
		if d, ok := c.Difference(); ok {
			*to = append(*to, d)
		}
	}
	for _, r := range reports {
		s.unmatched += r.Unmatched
		if d := r.DeadAir; d.Told != nil && d.Measured != nil {
			s.deadAirTold, s.deadAirHeard = s.deadAirTold+*d.Told, s.deadAirHeard+*d.Measured
		}
		for i := range r.Rows {
			row := &r.Rows[i]
			collect(&s.response, row.Response)
			collect(&s.userStopped, row.UserStopped)
			collect(&s.agentStarted, row.AgentStarted)
			collect(&s.stopTime, row.StopTime)
			if c := row.Response; c.Told != nil && c.Measured != nil {
				s.turns++
				s.latencyTold, s.latencyHeard = append(s.latencyTold, *c.Told), append(s.latencyHeard, *c.Measured)
			}
			if row.Turn.Outcome == string(otelvoice.Interrupted) {
				s.interruptions++
			}
			if row.StopTime.Measured != nil {
				s.interruptionsHeard++
				s.stopMeasured = append(s.stopMeasured, *row.StopTime.Measured)
			}
			if c := row.Overlap; c.Told != nil && c.Measured != nil {
				s.overlapTold, s.overlapHeard = s.overlapTold+*c.Told, s.overlapHeard+*c.Measured
			}
		}
	}
	return s
}

// check returns an error if a documented bound is exceeded.
func (s *summary) check(turns, interruptions int) error {
	return s.checkWithin(turns, interruptions, 10*time.Millisecond, 40*time.Millisecond)
}

func (s *summary) checkWithin(turns, interruptions int, median, worst time.Duration) (err error) {
	if s.turns != turns || s.interruptions != interruptions || s.interruptionsHeard != interruptions || s.unmatched > 0 {
		err = fmt.Errorf("%d turns, of which %d told and %d heard as interrupted, %d not found, want %d turns, %d interrupted",
			s.turns, s.interruptions, s.interruptionsHeard, s.unmatched, turns, interruptions)
	}
	for _, d := range []struct {
		what   string
		values []time.Duration
	}{{"response latency", s.response}, {"stop time", s.stopTime}} {
		if m, w := percentile(d.values, 50), percentile(d.values, 100); m > median || w > worst {
			err = errors.Join(err, fmt.Errorf("%s: the differences are %v in the median and %v at worst, want %v and %v", d.what, m, w, median, worst))
		}
	}
	return err
}

// String returns the table of the documentation.
func (s *summary) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "| difference from the sound | compared | median | p95 | worst |\n| --- | --- | --- | --- | --- |\n")
	for _, d := range []struct {
		what   string
		values []time.Duration
	}{
		{"response latency", s.response},
		{"end of the user's speech", s.userStopped},
		{"start of the agent's speech", s.agentStarted},
		{"stop time", s.stopTime},
	} {
		fmt.Fprintf(&b, "| %s | %d | %s | %s | %s |\n", d.what, len(d.values),
			milliseconds(percentile(d.values, 50)), milliseconds(percentile(d.values, 95)), milliseconds(percentile(d.values, 100)))
	}
	fmt.Fprintf(&b, "\n| | told | measured |\n| --- | --- | --- |\n")
	fmt.Fprintf(&b, "| response latency, median | %s | %s |\n", seconds(percentile(s.latencyTold, 50)), seconds(percentile(s.latencyHeard, 50)))
	fmt.Fprintf(&b, "| response latency, p95 | %s | %s |\n", seconds(percentile(s.latencyTold, 95)), seconds(percentile(s.latencyHeard, 95)))
	fmt.Fprintf(&b, "| interruptions | %d | %d |\n", s.interruptions, s.interruptionsHeard)
	fmt.Fprintf(&b, "| overlap | %s | %s |\n", seconds(s.overlapTold), seconds(s.overlapHeard))
	fmt.Fprintf(&b, "| dead air | %s | %s |\n", seconds(s.deadAirTold), seconds(s.deadAirHeard))
	return b.String()
}

// percentile returns the smallest magnitude that at least p percent do not exceed.
func percentile(values []time.Duration, p float64) time.Duration {
	if len(values) == 0 {
		return 0
	}
	magnitudes := make([]time.Duration, len(values))
	for i, v := range values {
		magnitudes[i] = v.Abs()
	}
	slices.Sort(magnitudes)
	return magnitudes[int(math.Ceil(p/100*float64(len(magnitudes))))-1]
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
