// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/semconv"
)

// SetOutcome sets the business outcome of the call in the application's own words, such as "booked" or
// "escalated": voice.session.outcome on the session's span and end line, and a dimension of
// voice.session.outcome.count, which counts sessions that have one. The last outcome counts. An empty one is
// ignored. After the session's end it is dropped with a warning. Of a conversation in several parts, each part
// has its own.
//
// It is neither why the connection ended ([Session.SetEndReason]) nor whether the software worked
// ([Session.Fail]): a call that the user hung up can be booked, and one without errors can be lost.
//
// Use few values. Beyond 64 in a process the metric has _OTHER and a warning is logged once; spans and lines
// have the value, truncated to 256 bytes.
func (s *Session) SetOutcome(outcome string) {
	if s == nil || outcome == "" {
		return
	}
	outcome = boundID(outcome)
	s.tell(semconv.VoiceSessionOutcomeKey, "the outcome", func(f *sessionFacts) { f.outcome = outcome })
}

// countOutcome counts the session that ends by its outcome, if it has one.
func (s *Session) countOutcome() {
	s.facts.mu.Lock()
	outcome := s.facts.outcome
	s.facts.mu.Unlock()
	if outcome == "" {
		return
	}
	s.count(func() {
		if s.tel.emit.Metrics.Outcome(s.ctx, outcome, s.config.channel, s.variant.dimensions) {
			s.tel.emit.Log.Session(s.ctx, calllog.Warn,
				"there are more values of voice.session.outcome than the metric distinguishes: further ones are _OTHER", nil)
		}
	})
}
