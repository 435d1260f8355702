// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import "github.com/voice-agents/telemetry/exporters/spool"

// Health is the state of the telemetry itself.
type Health struct {
	// Sending has the state of each signal that is exported by OTLP: pending, sent, retried, and
	// lost by reason. It is empty if nothing is exported.
	Sending []spool.Health
	// LinesLost is how many log lines each output could not write, by its name.
	LinesLost map[string]uint64
	// Panics is how many panics were recovered in the program's code: span and log processors,
	// samplers, providers, outputs, observers of turns. Each lost that component a span or a
	// record. The log names the component.
	Panics uint64
	// ScrapeLeftOut is how many metric points were left out of scrapes, by the name of the
	// metric: two instruments have the same name, or a label is reserved. A point that is left
	// out of ten scrapes counts ten times.
	ScrapeLeftOut map[string]uint64
	// CallbackFailures is how many calls of metric callbacks failed, panicked or did not return
	// in time. Only the measurements of these callbacks are missing.
	CallbackFailures uint64
}

// Delivering reports whether the collector accepted the newest request of each signal, or there
// was none yet. It is false for a collector that rejects everything. Use it for a dashboard, not
// for a probe that restarts the process: a collector that is down is no reason to end calls.
func (h Health) Delivering() bool {
	for _, s := range h.Sending {
		if !s.Delivering {
			return false
		}
	}
	return true
}

// Lost returns how many spans, metric points, records and lines were lost since the start.
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

// Health returns the state of the telemetry itself. It takes some microseconds. After Shutdown it
// returns the final state.
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
