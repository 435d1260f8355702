// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
	"github.com/voice-agents/telemetry/semconv"
)

// maxStages is how many ended stages and tool runs a turn keeps. It drops the oldest.
const maxStages = 64

// turnWork holds the stages of a turn. The turn's lock guards it.
type turnWork struct {
	open    []*stage
	ended   []endedStage
	tools   []latency.Interval
	started int // The number of the stage that started last.
}

// stageStarted adds and numbers an open stage. It reports whether the turn has ended and will
// therefore not end the stage.
func (t *Turn) stageStarted(s *stage) (missed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isDetached {
		return false
	}
	t.work.started++
	s.Number = t.work.started
	if !t.ended {
		t.work.open = append(t.work.open, s)
	}
	return t.ended
}

// openStages returns the open stages, in the order in which they started.
func (t *Turn) openStages() []*stage {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.work.open)
}

// stageEnded removes a stage from the open ones and records how it ended.
func (t *Turn) stageEnded(s *stage, end stagerecord.End, attrs []attribute.KeyValue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.isDetached {
		return
	}
	w := &t.work
	if i := slices.Index(w.open, s); i >= 0 {
		w.open = slices.Delete(w.open, i, i+1)
	}
	w.ended = appendNewest(w.ended, endedStage{s, end, slices.Clip(attrs)})
	t.account.StageEnded(outcome.Stage{
		Kind: s.Kind, Number: s.Number, Outcome: end.Outcome,
		Err: end.Err, StopErr: end.StopErr, Interrupted: end.Interrupted,
	})
	if s.Kind == semconv.VoiceStageTool {
		w.tools = appendNewest(w.tools, latency.Interval{From: s.Start, To: end.At})
	}
}

// appendNewest appends to a list of at most maxStages elements and drops the oldest.
func appendNewest[E any](list []E, e E) []E {
	if len(list) < maxStages {
		return append(list, e)
	}
	copy(list, list[1:])
	list[len(list)-1] = e
	return list
}

// toolTime returns how much of the response latency tools took.
func (w *turnWork) toolTime(t0 time.Time, response time.Duration) time.Duration {
	return latency.Overlap(w.tools, t0, t0.Add(response))
}
