// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// An Interruption describes a barge-in.
type Interruption struct {
	Source InterruptionSource
	// PlayedFor is how much of the answer was played to the user, or nil if unknown.
	PlayedFor *time.Duration
}

// interruption describes the interruption of a turn.
type interruption struct {
	source InterruptionSource
	played time.Duration
	known  bool // Whether played is known.
	at     time.Time
	since  time.Time // When the user began to speak, or the zero time.
}

// Interrupt records that the user spoke over the agent: the outcome of the turn and of the
// stages still open becomes [Interrupted], unless the turn fails. Only the first call counts.
// Interrupt does not cancel the work; the agent does, with [ErrInterrupted] as the cause.
//
// A source that is not one of the constants is recorded on the span and the end line, cut to 256
// bytes, and is _OTHER in metrics.
func (t *Turn) Interrupt(source InterruptionSource, opts ...InterruptOption) {
	if t == nil {
		return
	}
	source = boundText(source)
	cfg := newInterruptConfig(opts)
	at := orNow(cfg.at)
	var first bool
	var open []*stage
	if !t.change(semconv.EventVoiceInterruption, func() {
		if first = t.account.Interrupt(); first {
			t.interruption = interruption{source: source, played: cfg.position, known: cfg.positionKnown, at: at, since: cfg.since}
			t.slow.stop()
			open = slices.Clone(t.work.open)
		}
	}) || !first {
		return
	}
	for _, stage := range open {
		stage.Interrupt()
	}
	emit.AddEvent(t.span, semconv.EventVoiceInterruption, at, semconv.VoiceInterruptionSource(string(source)))
}

// FalseInterruption records that the barge-in was a false one (a cough, an "uh-huh") and
// that the agent continued: the turn does not count as interrupted.
func (t *Turn) FalseInterruption() {
	if t == nil {
		return
	}
	now := time.Now()
	var open []*stage
	if !t.change(semconv.EventVoiceFalseInterruption, func() {
		t.account.Deny()
		t.dismiss(now)
		t.interruption = interruption{}
		t.watch(t.isWatched(latency.UserStopped))
		open = slices.Clone(t.work.open)
	}) {
		return
	}
	for _, stage := range open {
		stage.Resume()
	}
	t.span.AddEvent(semconv.EventVoiceFalseInterruption)
}

// Interruption returns the turn's interruption, if there was one. A failed turn may have one.
func (t *Turn) Interruption() (i Interruption, ok bool) {
	if t == nil {
		return i, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.account.Interrupted() {
		return i, false
	}
	i.Source = t.interruption.source
	if t.interruption.known {
		i.PlayedFor = new(t.interruption.played)
	}
	return i, true
}
