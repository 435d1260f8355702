// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import (
	"cmp"
	"slices"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/peer"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// assembly is a document that is being made.
type assembly struct {
	call     *Call
	spans    []*signal.Span
	records  []*signal.Record
	byID     map[trace.SpanID]*signal.Span
	turns    map[trace.SpanID]*Turn
	turnIDs  map[string]*Turn
	stages   map[trace.SpanID]*Stage
	places   map[trace.SpanID]place
	finding  map[trace.SpanID]bool // Whose place is being found.
	problems map[string]*Problem
	facts    []signal.Attributes // Of the session, those that know the most first.
	end      time.Time
}

// New makes the document of the signals of one session. The ID may be empty. Signals of the other frameworks that
// package peer knows are translated.
func New(session string, spans []*signal.Span, records []*signal.Record) *Call {
	framework, missing := peer.Missing(spans)
	batch := peer.Translate(&signal.Batch{Spans: spans, Records: records})
	spans, records = batch.Spans, batch.Records
	a := &assembly{
		call: &Call{Schema: Schema, IDs: IDs{Session: session}, Turns: []*Turn{}},
		byID: make(map[trace.SpanID]*signal.Span, len(spans)), turns: make(map[trace.SpanID]*Turn), turnIDs: make(map[string]*Turn),
		stages: make(map[trace.SpanID]*Stage), places: make(map[trace.SpanID]place), finding: make(map[trace.SpanID]bool),
		problems: make(map[string]*Problem),
	}
	a.call.Framework, a.call.Missing = framework, missing
	a.spans, a.records = a.once(spans), onceRecords(records)
	a.session()
	a.allTurns()
	a.allStages()
	a.allLines()
	a.finish()
	return a.call
}

// once returns each span once, in order.
func (a *assembly) once(spans []*signal.Span) []*signal.Span {
	for _, s := range spans {
		had, repeated := a.byID[s.SpanID]
		if repeated {
			a.problem(ProblemRepeated, s)
			if cmp.Or(had.End.Compare(s.End), len(had.Attributes)-len(s.Attributes)) >= 0 {
				continue
			}
		}
		a.byID[s.SpanID] = s
	}
	kept := make([]*signal.Span, 0, len(a.byID))
	for _, s := range a.byID {
		kept = append(kept, s)
	}
	slices.SortFunc(kept, func(x, y *signal.Span) int {
		return cmp.Or(x.Start.Compare(y.Start), y.End.Compare(x.End), cmp.Compare(x.Name, y.Name), slices.Compare(x.SpanID[:], y.SpanID[:]))
	})
	for _, s := range kept {
		if !s.End.IsZero() && s.End.Before(s.Start) {
			a.problem(ProblemBackwards, s)
		}
		if s.Dropped > 0 {
			a.problem(ProblemDropped, s)
		}
	}
	return kept
}

// onceRecords returns the records in order, and equal ones once.
func onceRecords(records []*signal.Record) []*signal.Record {
	sorted := slices.Clone(records)
	phase := func(r *signal.Record) string { return r.Attributes.Text(semconv.VoicePhaseKey) }
	order := func(x, y *signal.Record) int {
		return cmp.Or(x.Time.Compare(y.Time), slices.Compare(x.SpanID[:], y.SpanID[:]), cmp.Compare(phase(x), phase(y)),
			cmp.Compare(x.Body, y.Body), cmp.Compare(x.Number, y.Number), cmp.Compare(len(x.Attributes), len(y.Attributes)))
	}
	slices.SortStableFunc(sorted, order)
	return slices.CompactFunc(sorted, func(x, y *signal.Record) bool { return x.SpanID.IsValid() && order(x, y) == 0 })
}

func (a *assembly) problem(kind string, s *signal.Span) {
	where := s.Name + " " + s.SpanID.String()
	p := a.problems[kind]
	if p == nil {
		p = &Problem{Kind: kind, Where: where}
		a.problems[kind] = p
	}
	p.Where = min(p.Where, where) // The same one in whatever order they come.
	p.Count++
}

// session reads the facts of the whole call.
func (a *assembly) session() {
	c := a.call
	var attrs []signal.Attributes // The last one first, because it knows more.
	traces := make(map[trace.TraceID]bool)
	for _, s := range a.spans {
		traces[s.TraceID] = true
		if s.Name != semconv.SpanVoiceSession {
			continue
		}
		attrs = slices.Insert(attrs, 0, s.Attributes)
		if c.Start.IsZero() {
			c.Start = s.Start
		}
		if s.End.After(a.end) {
			a.end = s.End
		}
		c.Resource = s.Resource.Attributes
		for _, e := range s.Events {
			c.Marks = append(c.Marks, Mark{Name: e.Name, At: offset(c.Start, e.Time), Attributes: e.Attributes})
		}
	}
	ended := len(attrs) > 0
	for _, r := range a.records {
		if r.TraceID.IsValid() {
			traces[r.TraceID] = true
		}
		if phase := r.Attributes.Text(semconv.VoicePhaseKey); phase != semconv.VoicePhaseSessionEnd {
			if phase == semconv.VoicePhaseSessionStart && len(attrs) == 0 && c.Start.IsZero() {
				c.Start = r.Time
			}
			continue
		}
		if !ended {
			if start, ok := began(r); ok && (c.Start.IsZero() || start.Before(c.Start)) {
				c.Start = start
			}
			if r.Time.After(a.end) {
				a.end = r.Time
			}
		}
		attrs = append(attrs, r.Attributes)
	}
	if c.Start.IsZero() {
		c.Start = a.earliest()
	}
	if len(attrs) == 0 {
		c.Open = true
	} else if d := a.end.Sub(c.Start); d >= 0 && !a.end.IsZero() {
		c.Duration = seconds(d)
	}
	if !ended && len(attrs) > 0 && len(a.spans) > 0 {
		a.problems[ProblemNoSession] = &Problem{Kind: ProblemNoSession, Count: 1}
	}
	for id := range traces {
		c.IDs.Traces = append(c.IDs.Traces, id.String())
	}
	slices.Sort(c.IDs.Traces)
	a.facts = attrs
	a.sessionFacts(attrs)
}

// earliest returns the earliest start of a turn or stage, or else the earliest instant of any signal.
func (a *assembly) earliest() (first time.Time) {
	take := func(t time.Time) {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	for _, s := range a.spans {
		if isVoice(s) {
			take(s.Start)
		}
	}
	if first.IsZero() {
		for _, s := range a.spans {
			take(s.Start)
		}
	}
	for _, r := range a.records {
		if start, ok := began(r); ok {
			if len(a.spans) == 0 {
				take(start)
			}
		} else if len(a.spans) == 0 {
			take(r.Time)
		}
	}
	return first
}

// began returns the start of the work whose end a record tells.
func began(r *signal.Record) (time.Time, bool) {
	d, ok := r.Attributes.Seconds(semconv.VoiceDurationKey)
	if !ok || d < 0 || r.Time.IsZero() {
		return time.Time{}, false
	}
	return r.Time.Add(-d), true
}

// sessionFacts takes each fact of the session from the first attributes that have it, and those that every signal has
// from any of them.
func (a *assembly) sessionFacts(attrs []signal.Attributes) {
	c := a.call
	for _, list := range attrs {
		set(&c.Channel, list.Text(semconv.VoiceChannelKey))
		set(&c.Outcome, list.Text(semconv.VoiceSessionOutcomeKey))
		set(&c.EndReason, list.Text(semconv.VoiceSessionEndReasonKey))
		set(&c.Error, cmp.Or(list.Text(semconv.ErrorTypeKey), list.Text(semconv.ExceptionTypeKey)))
		set(&c.Agent.Name, list.Text(semconv.GenAIAgentNameKey))
		set(&c.Agent.Version, list.Text(semconv.GenAIAgentVersionKey))
		set(&c.Agent.Experiment, list.Text(semconv.VoiceExperimentKey))
		set(&c.IDs.Previous, list.Text(semconv.SessionPreviousIDKey))
		set(&c.IDs.External, list.Text(semconv.VoiceCorrelationExternalIDKey))
		set(&c.IDs.Line, list.Text(semconv.VoiceLineCallIDKey))
		setSeconds(&c.TimeToFirstAudio, list, semconv.VoiceSessionTimeToFirstAudioKey)
		if c.Cost == nil {
			c.Cost = moneyOf(list)
		}
		if uri := list.Text(semconv.VoiceRecordingURIKey); c.Recording == nil && uri != "" {
			c.Recording = &Recording{URI: uri, Start: list.Text(semconv.VoiceRecordingStartKey), Channels: list.Text(semconv.VoiceRecordingChannelsKey)}
		}
		c.Interruptions = max(c.Interruptions, small(list, semconv.VoiceSessionInterruptionCountKey))
		c.FalseInterruptions = max(c.FalseInterruptions, small(list, semconv.VoiceFalseInterruptionCountKey))
	}
	if len(attrs) > 0 {
		c.Attributes = without(attrs[0])
	}
	for _, s := range a.spans {
		if c.Resource == nil && len(s.Resource.Attributes) > 0 {
			c.Resource = s.Resource.Attributes
		}
		set(&c.IDs.Correlation, s.Attributes.Text(semconv.VoiceCorrelationIDKey))
		set(&c.IDs.Line, s.Attributes.Text(semconv.VoiceLineCallIDKey))
		set(&c.Channel, s.Attributes.Text(semconv.VoiceChannelKey))
		set(&c.Agent.Name, s.Attributes.Text(semconv.GenAIAgentNameKey))
		set(&c.Agent.Version, s.Attributes.Text(semconv.GenAIAgentVersionKey))
	}
	for _, r := range a.records {
		if c.Resource == nil && len(r.Resource.Attributes) > 0 {
			c.Resource = r.Resource.Attributes
		}
		set(&c.IDs.Correlation, r.Attributes.Text(semconv.VoiceCorrelationIDKey))
		set(&c.Channel, r.Attributes.Text(semconv.VoiceChannelKey))
	}
	c.Agent.Service = c.Resource.Text(semconv.ServiceNameKey)
	c.Agent.ServiceVersion = c.Resource.Text(semconv.ServiceVersionKey)
	c.Agent.Instance = c.Resource.Text(semconv.ServiceInstanceIDKey)
}

// finish orders what was collected and adds up what the session does not tell.
func (a *assembly) finish() {
	c := a.call
	slices.SortStableFunc(c.Turns, func(x, y *Turn) int {
		return cmp.Or(compareTimes(x.Start, y.Start), cmp.Compare(x.Index, y.Index), cmp.Compare(x.ID, y.ID), cmp.Compare(x.SpanID, y.SpanID))
	})
	sortStages(c.Stages)
	sortMarks(c.Marks)
	interrupted, dismissed := 0, 0
	for _, t := range c.Turns {
		sortStages(t.Stages)
		sortMarks(t.Marks)
		t.speeches()
		t.content()
		if t.FalseInterruption {
			dismissed++
		}
		if t.Interruption != nil {
			interrupted++
		}
	}
	c.Interruptions = max(c.Interruptions, interrupted)
	c.FalseInterruptions = max(c.FalseInterruptions, dismissed)
	a.conversation()
	for _, kind := range []string{ProblemNoSession, ProblemNoParent, ProblemRepeated, ProblemBackwards, ProblemOutside, ProblemDropped} {
		if p := a.problems[kind]; p != nil {
			c.Problems = append(c.Problems, *p)
		}
	}
}

// compareTimes compares times, of which unknown ones are the last.
func compareTimes(x, y *float64) int {
	switch {
	case x == nil && y == nil:
		return 0
	case x == nil:
		return 1
	case y == nil:
		return -1
	}
	return cmp.Compare(*x, *y)
}

func sortMarks(marks []Mark) {
	slices.SortStableFunc(marks, func(x, y Mark) int { return compareTimes(x.At, y.At) })
}

func sortStages(stages []*Stage) {
	slices.SortStableFunc(stages, func(x, y *Stage) int {
		return cmp.Or(compareTimes(x.Start, y.Start), cmp.Compare(x.Name, y.Name), cmp.Compare(x.SpanID, y.SpanID))
	})
	for _, s := range stages {
		sortStages(s.Stages)
		sortMarks(s.Marks)
	}
}
