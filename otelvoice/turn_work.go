// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// maxStages bounds how many stages and tool runs a turn remembers. Of more, the oldest are
// forgotten.
const maxStages = 64

// turnWork is what a turn knows of its stages. The turn's lock guards it.
type turnWork struct {
	open    []*stage
	ended   []endedStage
	tools   []latency.Interval
	started int // How many stages started, which numbers them.
	// newest is the number and the outcome of the newest stage that has ended.
	newest        int
	newestOutcome Outcome
	failures      map[string]stageFailure // Of each kind's newest stage, if it failed.
	// cut is the error with which the last stage ended that was interrupted or abandoned.
	cut        error
	cutOutcome Outcome
}

// stageFailure is how a stage failed.
type stageFailure struct {
	err error
	cut bool // A barge-in came while the stage was open.
}

// stageStarted remembers an open stage and numbers it. It reports whether it came too late:
// the turn has ended, and does not end it.
func (t *Turn) stageStarted(s *stage) (missed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.work.started++
	s.number = t.work.started
	if !t.ended {
		t.work.open = append(t.work.open, s)
	}
	return t.ended
}

// stageEnded forgets a stage and remembers how it ended.
func (t *Turn) stageEnded(s *stage, end stageEnd, attrs []attribute.KeyValue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := &t.work
	if i := slices.Index(w.open, s); i >= 0 {
		w.open = slices.Delete(w.open, i, i+1)
	}
	w.ended = appendNewest(w.ended, endedStage{s, end, slices.Clip(attrs)})
	if end.cut != nil {
		w.cut, w.cutOutcome = end.cut, end.outcome
	}
	if s.number > w.newest {
		w.newest, w.newestOutcome = s.number, end.outcome
	}
	if s.kind == semconv.VoiceStageTool {
		w.tools = appendNewest(w.tools, latency.Interval{From: s.start, To: end.at})
		return
	}
	if end.outcome == Failed {
		if w.failures == nil {
			w.failures = make(map[string]stageFailure, 1)
		}
		w.failures[s.kind] = stageFailure{end.err, s.cut}
	} else {
		delete(w.failures, s.kind)
	}
}

// appendNewest appends to a list that is bounded, whose oldest element goes first.
func appendNewest[E any](list []E, e E) []E {
	if len(list) < maxStages {
		return append(list, e)
	}
	copy(list, list[1:])
	list[len(list)-1] = e
	return list
}

// failure returns the error that makes the turn fail, if there is one.
func (t *Turn) failure() error {
	if t.err != nil {
		return t.err
	}
	_, heard := t.marks.AgentStarted()
	bargeIn := heard && t.interruption.came
	// What the user would have heard last comes first.
	for _, kind := range []string{semconv.VoiceStageTTS, semconv.VoiceStageLLM, semconv.VoiceStageSTT} {
		if f := t.work.failures[kind]; f.err != nil && (!f.cut || !bargeIn) {
			return f.err
		}
	}
	return nil
}

// decide returns the turn's outcome; see [Turn.SetOutcome]. ending is the outcome that the
// session or a panic ends the turn with, or "" if its own End does.
func (t *Turn) decide(ending Outcome, err error) Outcome {
	switch {
	case t.outcome != "":
		return t.outcome
	case ending == Failed || err != nil:
		return Failed
	case t.interruption.came || t.cancelled == Interrupted:
		return Interrupted
	case t.work.newestOutcome == Interrupted && !t.interruption.denied:
		return Interrupted
	case ending != "":
		return ending
	case t.cancelled != "":
		return t.cancelled
	}
	_, heard := t.marks.AgentStarted()
	if !heard && (t.work.newest == 0 || t.work.newestOutcome == Abandoned) {
		return Abandoned
	}
	return Completed
}

// interrupted reports whether the turn counts as an interruption: one that failed does, too,
// if the user spoke over it.
func (t *Turn) interrupted(outcome Outcome) bool {
	return outcome == Interrupted || outcome == Failed && t.interruption.came
}

// toolTime returns how much of the response latency tools took.
func (w *turnWork) toolTime(t0 time.Time, response time.Duration) time.Duration {
	return latency.Overlap(w.tools, t0, t0.Add(response))
}
