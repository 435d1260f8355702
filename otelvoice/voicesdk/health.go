// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import "github.com/voice-agents/telemetry/exporters/spool"

// Health is how the telemetry itself is doing.
type Health struct {
	// Sending is what is sent by OTLP, signal by signal: what waits, what was sent and
	// tried again, and what was lost, by the reason. It is empty when nothing is sent.
	Sending []spool.Health
	// LinesLost is how many log lines each output could not write, by its name.
	LinesLost map[string]uint64
	// Panics is how many panics were recovered in code that the program brought: span and
	// log processors, samplers, providers, outputs, observers of turns. Each cost that
	// component a span or a record. The log names it.
	Panics uint64
	// ScrapeLeftOut is how many metric points were left out of scrapes because they cannot be
	// served, by the name of the metric: two instruments have one name, or a label is reserved.
	// A point that is left out of each of ten scrapes counts ten times.
	ScrapeLeftOut map[string]uint64
	// CallbackFailures is how many calls of metric callbacks failed, panicked or did not return
	// in time. What such a callback measures is missing for that while, and nothing else.
	CallbackFailures uint64
}

// Delivering reports that the collector took each signal's newest request, or that there
// was none yet. A collector that refuses everything for good does not deliver. It
// is for a dashboard, and not for a probe that restarts the process: a collector that is down
// is no reason to end calls.
func (h Health) Delivering() bool {
	for _, s := range h.Sending {
		if !s.Delivering {
			return false
		}
	}
	return true
}

// Lost is how many spans, metric points, records and lines were lost since the start.
func (h Health) Lost() (n uint64) {
	for _, s := range h.Sending {
		for _, dropped := range s.Dropped {
			n += uint64(max(dropped, 0))
		}
	}
	for _, lost := range h.LinesLost {
		n += lost
	}
	for _, lost := range h.ScrapeLeftOut {
		n += lost
	}
	return n
}

// Health tells how the telemetry itself is doing. It costs some microseconds, is safe for
// concurrent use, and after Shutdown tells how it ended.
func (s *SDK) Health() Health {
	if s == nil || s.set == nil {
		return Health{}
	}
	h := Health{Sending: s.set.Health(), Panics: s.set.Faults.Panics(), ScrapeLeftOut: s.set.ScrapeLeftOut()}
	if s.set.Guard != nil {
		h.CallbackFailures = uint64(max(s.set.Guard.Failures(), 0))
	}
	for name, lost := range s.set.Lost {
		if h.LinesLost == nil {
			h.LinesLost = make(map[string]uint64, len(s.set.Lost))
		}
		h.LinesLost[name] = lost()
	}
	return h
}
