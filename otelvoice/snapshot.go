// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// A State is what a session does.
type State string

// The states of a session.
const (
	// StateIdle is when no turn is open, or the open one has no mark and no stage.
	StateIdle State = "idle"
	// StateListening is when the user speaks.
	StateListening State = "listening"
	// StateTranscribing is when the user has stopped, an STT stage is open and no other one, and
	// there is no final transcript.
	StateTranscribing State = "transcribing"
	// StateThinking is when the user has stopped and the agent has not been heard.
	StateThinking State = "thinking"
	// StateSpeaking is when the agent is heard.
	StateSpeaking State = "speaking"
	// StateOnHold is when a [Hold] is open.
	StateOnHold State = "on_hold"
	// StateTransferring is when a [Transfer] is open and the session would be idle.
	StateTransferring State = "transferring"
)

// An OpenStage is a stage that has not ended.
type OpenStage struct {
	// Kind is a value of voice.stage, such as llm.
	Kind     string
	Provider string
	Model    string
	Since    time.Time
}

// A TurnSnapshot is a turn that has not ended.
type TurnSnapshot struct {
	ID    string
	Index int
	Start time.Time
	State State
	// Since is when the state began.
	Since time.Time
	// Marks are the latest times of the marks so far.
	Marks  map[Mark]time.Time
	Stages []OpenStage
}

// A SessionSnapshot is a session that is open, at one instant.
type SessionSnapshot struct {
	ID            string
	CorrelationID string
	Start         time.Time
	// Turns is how many turns were started so far.
	Turns int
	// State is that of the newest open turn, since Since, unless a hold or a transfer is open. A
	// session without any of these is idle, and Since is the zero time.
	State State
	Since time.Time
	// SilentSince is when somebody spoke last, by the marks. It is the zero time while somebody speaks,
	// if nobody has spoken, and if it is not known when a side spoke.
	SilentSince time.Time
	// Open are the turns that have not ended, in their order.
	Open []TurnSnapshot
}

// Sessions returns snapshots of the open sessions, in the order of their start. It changes nothing
// and takes each lock briefly, one after the other, so that the snapshots are not of one instant.
// A session that is never ended is among them until Shutdown.
func (t *Telemetry) Sessions() []SessionSnapshot {
	if t == nil {
		return nil
	}
	var all []SessionSnapshot
	for _, s := range t.sessions.all() {
		if snapshot, open := s.Snapshot(); open {
			all = append(all, snapshot)
		}
	}
	slices.SortFunc(all, func(a, b SessionSnapshot) int {
		if c := a.Start.Compare(b.Start); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	return all
}

// Snapshot returns what the session does now. It returns false if the session has ended.
func (s *Session) Snapshot() (SessionSnapshot, bool) {
	if s == nil {
		return SessionSnapshot{}, false
	}
	s.mu.Lock()
	ended := s.ended
	open := make([]*Turn, 0, len(s.open))
	for turn := range s.open {
		open = append(open, turn)
	}
	s.mu.Unlock()
	if ended {
		return SessionSnapshot{}, false
	}
	slices.SortFunc(open, func(a, b *Turn) int { return a.index - b.index })
	snapshot := SessionSnapshot{
		ID: s.ids.SessionID, CorrelationID: s.ids.CorrelationID, Start: s.start,
		Turns: s.conversation.Turns(), State: StateIdle,
	}
	for _, turn := range open {
		if of, ok := turn.snapshot(); ok {
			snapshot.Open = append(snapshot.Open, of)
			snapshot.State, snapshot.Since = of.State, of.Since
		}
	}
	s.facts.state(&snapshot)
	snapshot.SilentSince, _ = s.silentSince()
	return snapshot, true
}

// state sets the state of a session that has an open hold or transfer.
func (f *sessionFacts) state(of *SessionSnapshot) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.holds.open > 0 {
		of.State, of.Since = StateOnHold, f.holds.since
		return
	}
	if of.State != StateIdle {
		return
	}
	for handle := range f.open {
		if t, ok := handle.(*Transfer); ok && (of.State == StateIdle || t.start.Before(of.Since)) {
			of.State, of.Since = StateTransferring, t.start
		}
	}
}

// snapshot returns what the turn does. It returns false if the turn has ended.
func (t *Turn) snapshot() (TurnSnapshot, bool) {
	s := TurnSnapshot{ID: t.ids.TurnID, Index: t.index, Start: t.start, State: StateIdle, Since: t.start, Marks: map[Mark]time.Time{}}
	t.mu.Lock()
	ended := t.ended
	for m := UserStarted; m <= AgentStopped; m++ {
		if last, ok := t.marks.Last(latency.Mark(m)); ok {
			s.Marks[m] = last.At
		}
	}
	open := slices.Clone(t.work.open)
	t.mu.Unlock()
	s.Stages = openStages(open)
	if len(s.Stages) > 0 {
		s.State, s.Since = StateThinking, s.Stages[0].Since
	}
	var newest time.Time
	for _, to := range []struct {
		mark  Mark
		state State
	}{
		{UserStarted, StateListening},
		{UserStopped, StateThinking},
		{AgentStarted, StateSpeaking},
		{AgentStopped, StateIdle},
	} { // Of two marks at one time, the later of the usual order counts.
		if at, ok := s.Marks[to.mark]; ok && !at.Before(newest) {
			newest, s.State, s.Since = at, to.state, at
		}
	}
	s.speaksOn()
	if s.State == StateThinking && s.isTranscribing() {
		s.State = StateTranscribing
	}
	return s, !ended
}

// speaksOn sets the state if one side has stopped and the other, which it spoke over or which spoke over it, has not.
func (s *TurnSnapshot) speaksOn() {
	user, agent := s.Marks[UserStarted], s.Marks[AgentStarted]
	switch {
	case s.State == StateThinking && agent.After(s.Marks[AgentStopped]):
		s.State, s.Since = StateSpeaking, agent
	case s.State == StateIdle && user.After(s.Marks[UserStopped]) && user.After(agent):
		s.State, s.Since = StateListening, user
	}
}

// isTranscribing reports whether a turn that would be thinking waits for its transcript.
func (s *TurnSnapshot) isTranscribing() bool {
	for _, open := range s.Stages {
		if open.Kind != semconv.VoiceStageSTT {
			return false
		}
	}
	final, ok := s.Marks[FinalTranscript]
	return len(s.Stages) > 0 && (!ok || final.Before(s.Marks[UserStopped]))
}

// openStages describes stages.
func openStages(stages []*stage) []OpenStage {
	var open []OpenStage
	for _, s := range stages {
		open = append(open, OpenStage{Kind: s.Kind, Provider: s.Model.Provider, Model: s.Model.Name, Since: s.Start})
	}
	return open
}
