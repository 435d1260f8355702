// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package load holds what a thousand calls at once cost and leave: a service of their own
// process, a real collector, and the comparison of what the one has made with what the
// other has. The service is in calls; here is what it and its tests share.
package load

import (
	"time"

	"github.com/voice-agents/telemetry/exporters/spool"
)

// The phases that the service reports.
const (
	Made      = "made"      // The last call of a round has ended.
	Delivered = "delivered" // What the round has made was flushed.
	Ended     = "ended"     // Telemetry is shut down.
)

// A Report is what the service says of itself on its standard output, one line each.
type Report struct {
	Phase string
	Round int // From 1; 0 when telemetry is shut down.
	// Took is the time since the round began, CPU that of all threads, user and system,
	// since then. That of Delivered has all that the round costs.
	Took, CPU time.Duration
	// Heap is the bytes in use after a collection, when delivered.
	Heap uint64
	// Goroutines is how many there are. Before telemetry was set up there were Before.
	Goroutines, Before int
	// PeakRSS is the most bytes of memory that the process had so far, 0 where the system
	// does not tell.
	PeakRSS int64
	// Spans is how many have ended since the start.
	Spans int
	// Sending is what telemetry says of itself.
	Sending []spool.Health
	// LinesLost is how many lines outputs could not write.
	LinesLost uint64
}
