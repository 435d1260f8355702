// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// An Interruption is what cut a turn short.
type Interruption struct {
	Source InterruptionSource
	// PlayedFor is how much of the answer the user had heard; nil is unknown.
	PlayedFor *time.Duration
}

// interruption is what a turn knows of its interruption.
type interruption struct {
	came   bool
	source InterruptionSource
	played time.Duration
	known  bool // Whether played is known.
	// denied is that it was none after all; see [Turn.FalseInterruption].
	denied bool
}

// Interrupt records that the user spoke over the agent: the outcome of the turn and of the
// stages still open becomes [Interrupted], unless the turn fails. The first call counts. It
// cancels nothing; the agent's own code does that, with [ErrInterrupted] as the cause.
func (t *Turn) Interrupt(source InterruptionSource, opts ...InterruptOption) {
	if t == nil {
		return
	}
	cfg := newInterruptConfig(opts)
	at := orNow(cfg.at)
	var first bool
	var open []*stage
	if !t.change(semconv.EventVoiceInterruption, func() {
		if first = !t.interruption.came; first {
			t.interruption = interruption{came: true, source: source, played: cfg.position, known: cfg.positionKnown}
			open = slices.Clone(t.work.open)
		}
	}) || !first {
		return
	}
	for _, stage := range open {
		stage.interrupt()
	}
	addEvent(t.span, semconv.EventVoiceInterruption, at, semconv.VoiceInterruptionSource(string(source)))
}

// FalseInterruption records that what seemed a barge-in was none (a cough, an
// "uh-huh") and the agent went on: the turn does not count as interrupted.
func (t *Turn) FalseInterruption() {
	if t == nil {
		return
	}
	var open []*stage
	if !t.change(semconv.EventVoiceFalseInterruption, func() {
		t.interruption = interruption{denied: true}
		open = slices.Clone(t.work.open)
	}) {
		return
	}
	for _, stage := range open {
		stage.resume()
	}
	t.span.AddEvent(semconv.EventVoiceFalseInterruption)
}

// Interruption returns what cut the turn short, if anything did. A turn that failed may have
// one, too.
func (t *Turn) Interruption() (i Interruption, ok bool) {
	if t == nil {
		return i, false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.interruption.came {
		return i, false
	}
	i.Source = t.interruption.source
	if t.interruption.known {
		i.PlayedFor = new(t.interruption.played)
	}
	return i, true
}
