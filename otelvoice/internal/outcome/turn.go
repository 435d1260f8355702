// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package outcome

import (
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/semconv"
)

// A Turn collects the events that decide the outcome of a turn. The zero Turn has no events. Its
// user guards it with a lock.
type Turn struct {
	set       Outcome // By Set.
	err       error   // The first error of Fail.
	cancelled Outcome // The outcome of a cancellation given to Fail: Interrupted or Abandoned.

	interrupted bool
	denied      bool // The interruption was a false one.

	newest        int // The number of the newest stage that has ended, and its outcome.
	newestOutcome Outcome
	failures      map[string]stageFailure // By kind, of the newest stage of the kind if it failed.
	// stopErr is the error with which the last stage ended that was interrupted or abandoned.
	stopErr     error
	stopOutcome Outcome
}

// A Stage is how a stage of the turn ended.
type Stage struct {
	Kind        string // One of the values of voice.stage.
	Number      int    // In the turn, from 1.
	Outcome     Outcome
	Err         error // The error of a failed stage.
	StopErr     error // The error of a stage that was interrupted or abandoned.
	Interrupted bool  // A barge-in came while the stage was open.
}

type stageFailure struct {
	err         error
	interrupted bool
}

// Set overrules the outcome.
func (t *Turn) Set(o Outcome) { t.set = o }

// Fail records the error that the turn ends with. A cancellation is no failure.
func (t *Turn) Fail(err error) {
	switch {
	case failure.Is(err, ErrInterrupted), t.interrupted && ClosedHere(err):
		t.cancelled = Interrupted
	case IsCancellation(err):
		t.cancel(Abandoned)
	case t.stopErr != nil && failure.Is(err, t.stopErr):
		t.cancel(t.stopOutcome)
	case t.err == nil:
		t.err = err
	}
}

// cancel sets the outcome of a cancellation. It does not replace an interruption.
func (t *Turn) cancel(o Outcome) {
	if t.cancelled == "" || o == Interrupted {
		t.cancelled = o
	}
}

// Interrupt records a barge-in, and reports whether it is the first.
func (t *Turn) Interrupt() (first bool) {
	if t.interrupted {
		return false
	}
	t.interrupted, t.denied = true, false
	return true
}

// Deny records that the barge-in was a false one.
func (t *Turn) Deny() { t.interrupted, t.denied = false, true }

// Interrupted reports whether a barge-in came.
func (t *Turn) Interrupted() bool { return t.interrupted }

// StageEnded records how a stage ended.
func (t *Turn) StageEnded(s Stage) {
	if s.StopErr != nil {
		t.stopErr, t.stopOutcome = s.StopErr, s.Outcome
	}
	if s.Number > t.newest {
		t.newest, t.newestOutcome = s.Number, s.Outcome
	}
	switch {
	case s.Kind == semconv.VoiceStageTool: // The LLM can talk about the failure of a tool.
	case s.Outcome == Failed:
		if t.failures == nil {
			t.failures = make(map[string]stageFailure, 1)
		}
		t.failures[s.Kind] = stageFailure{s.Err, s.Interrupted}
	default:
		delete(t.failures, s.Kind)
	}
}

// Failure returns the error that makes the turn fail, or nil. agentHeard is whether the agent's
// audio was played.
func (t *Turn) Failure(agentHeard bool) error {
	if t.err != nil {
		return t.err
	}
	bargeIn := agentHeard && t.interrupted
	// The error closest to the user comes first.
	for _, kind := range []string{semconv.VoiceStageTTS, semconv.VoiceStageRealtime, semconv.VoiceStageLLM, semconv.VoiceStageSTT} {
		if f := t.failures[kind]; f.err != nil && (!f.interrupted || !bargeIn) {
			return f.err
		}
	}
	return nil
}

// Decide returns the turn's outcome. ending is the outcome with which the session or a panic
// ends the turn, or "" if its own End does. err is the turn's failure.
func (t *Turn) Decide(ending Outcome, err error, agentHeard bool) Outcome {
	switch {
	case t.set != "":
		return t.set
	case ending == Failed || err != nil:
		return Failed
	case t.interrupted || t.cancelled == Interrupted:
		return Interrupted
	case t.newestOutcome == Interrupted && !t.denied:
		return Interrupted
	case ending != "":
		return ending
	case t.cancelled != "":
		return t.cancelled
	case !agentHeard && (t.newest == 0 || t.newestOutcome == Abandoned):
		return Abandoned
	}
	return Completed
}

// CountsAsInterruption reports whether a turn with an outcome counts as an interruption: a turn
// that failed does, too, if the user spoke over it.
func (t *Turn) CountsAsInterruption(o Outcome) bool {
	return o == Interrupted || o == Failed && t.interrupted
}
