// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package index

import (
	"slices"
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/shape"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/store"
)

// maxFaults is how many kinds of faults of a call are kept, the most frequent.
const maxFaults = 50

// addFaults adds what does not follow the conventions in the signals of a call, unless it is among the problems
// already. The parents of an open call may be still to come.
func addFaults(c *call.Call, batch *signal.Batch) {
	checker := shape.NewChecker()
	checker.Add(batch)
	has := func(kind string) bool {
		return slices.ContainsFunc(c.Problems, func(p call.Problem) bool { return p.Kind == kind })
	}
	for _, f := range checker.Findings() {
		switch f.Rule {
		case shape.Orphan:
			if c.Open || has(call.ProblemNoParent) {
				continue
			}
		case shape.WithoutParent:
			if c.Open {
				continue
			}
		case shape.Sum:
			if has(problemSum) {
				continue
			}
		case shape.Backwards:
			if has(call.ProblemBackwards) {
				continue
			}
		}
		if len(c.Faults) == maxFaults {
			return
		}
		c.Faults = append(c.Faults, call.Fault(f))
	}
}

// faults returns the problems and faults of a call as the store counts them. The name of a span stands for the place
// of a problem, so that those of many calls are one.
func faults(c *call.Call) (list []store.Fault) {
	for _, p := range c.Problems {
		what := p.Where
		if i := strings.LastIndexByte(what, ' '); i > 0 {
			what = what[:i]
		}
		list = append(list, store.Fault{Rule: strings.ReplaceAll(p.Kind, "_", " "), What: what, Count: int64(p.Count)})
	}
	for _, f := range c.Faults {
		list = append(list, store.Fault{Rule: f.Rule, What: f.What, Count: int64(f.Count)})
	}
	return list
}
