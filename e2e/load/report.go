// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package load tests the costs and leaks of a thousand concurrent calls: a service in a process of its
// own sends to a real collector, and tests compare the items that it made with those that the
// collector has. The service is in package calls. This package has the code that both share.
package load

import (
	"time"

	"github.com/voice-agents/telemetry/exporters/spool"
)

// The phases that the service reports.
const (
	Made      = "made"      // The last call of a round has ended.
	Delivered = "delivered" // The telemetry of the round was flushed.
	Ended     = "ended"     // Telemetry is shut down.
)

// A Report is a line that the service prints about itself on standard output.
type Report struct {
	Phase string
	Round int // From 1; 0 when telemetry is shut down.
	// Took is the time since the round began, and CPU the user and system time of all threads
	// since then. In a Delivered report it includes all costs of the round.
	Took, CPU time.Duration
	// Heap is the number of bytes in use after a garbage collection, in a Delivered report.
	Heap uint64
	// Goroutines is the number of goroutines, and Before their number before telemetry was set up.
	Goroutines, Before int
	// PeakRSS is the peak of resident memory in bytes, or 0 if the system does not report it.
	PeakRSS int64
	// Spans is the number of spans that have ended since the start.
	Spans int
	// Sending is the health of telemetry.
	Sending []spool.Health
	// LinesLost is the number of lines that outputs could not write.
	LinesLost uint64
}
