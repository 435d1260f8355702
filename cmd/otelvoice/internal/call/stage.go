// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package call

import (
	"cmp"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/semconv"
)

// Kinds of stages that have no voice.stage.
const (
	KindStream    = "stream"
	KindOperation = "operation"
	KindHTTP      = "http"
	KindSpan      = "span"
)

// far is how far from its call a stage may begin.
const far = time.Second

// place is where a span belongs.
type place struct {
	parent *Stage // Nil if it is not below a stage.
	turn   *Turn  // Nil if it is the call's.
}

// allStages makes the stages of all other spans, and those without one of their last log line.
func (a *assembly) allStages() {
	for _, s := range a.spans {
		if a.isStage(s) {
			a.stages[s.SpanID] = a.stage(s)
		}
	}
	for _, s := range a.spans {
		if !a.isStage(s) {
			a.orphan(s)
			continue
		}
		at := a.place(s)
		stage := a.stages[s.SpanID]
		switch {
		case at.parent != nil:
			at.parent.Stages = append(at.parent.Stages, stage)
		case at.turn != nil:
			at.turn.Stages = append(at.turn.Stages, stage)
		default:
			a.call.Stages = append(a.call.Stages, stage)
		}
		if isVoice(s) {
			a.orphan(s)
			a.outside(s)
		}
	}
	for _, r := range a.records {
		a.stageOfRecord(r)
	}
}

func (a *assembly) isStage(s *signal.Span) bool {
	return s.Name != semconv.SpanVoiceTurn && s.Name != semconv.SpanVoiceSession
}

// place finds where a stage belongs: below the stage or in the turn that is its parent, or in the turn that it
// names. Spans that are each other's parents belong to the call.
func (a *assembly) place(s *signal.Span) place {
	if at, ok := a.places[s.SpanID]; ok {
		return at
	}
	a.finding[s.SpanID] = true
	defer delete(a.finding, s.SpanID)
	named := a.turnIDs[s.Attributes.Text(semconv.VoiceTurnIDKey)]
	at := place{turn: named}
	parent := a.byID[s.ParentID]
	switch {
	case parent == nil || parent.SpanID == s.SpanID:
	case a.turns[parent.SpanID] != nil:
		if named == nil {
			at.turn = a.turns[parent.SpanID]
		}
	case a.isStage(parent) && !a.finding[parent.SpanID]: // Not in a circle.
		of := a.place(parent)
		if named == nil || named == of.turn {
			at = place{a.stages[parent.SpanID], of.turn}
		}
	}
	a.places[s.SpanID] = at
	return at
}

// orphan counts a span of the toolkit whose parent did not come. That of a session may be in another program, and
// those of an open call may be still to come.
func (a *assembly) orphan(s *signal.Span) {
	if !a.call.Open && s.Name != semconv.SpanVoiceSession && s.ParentID.IsValid() && a.byID[s.ParentID] == nil {
		a.problem(ProblemNoParent, s)
	}
}

// outside counts a span that begins far from the call.
func (a *assembly) outside(s *signal.Span) {
	if s.Start.IsZero() || a.call.Start.IsZero() {
		return
	}
	if a.call.Start.Sub(s.Start) > far || !a.end.IsZero() && s.Start.Sub(a.end) > far {
		a.problem(ProblemOutside, s)
	}
}

func (a *assembly) stage(s *signal.Span) *Stage {
	stage := stageOf(s.Attributes)
	stage.Name, stage.TraceID, stage.SpanID = s.Name, s.TraceID.String(), s.SpanID.String()
	if s.ParentID.IsValid() {
		stage.ParentID = s.ParentID.String()
	}
	if stage.Kind == "" {
		stage.Kind = kindOf(s)
	}
	if stage.Error == "" && s.Failed {
		stage.Error = cmp.Or(s.Status, "error")
	}
	stage.Start = offset(a.call.Start, s.Start)
	if d, ok := s.Duration(); ok {
		stage.Duration = seconds(d)
	}
	for _, e := range s.Events {
		stage.Marks = append(stage.Marks, Mark{Name: e.Name, At: offset(a.call.Start, e.Time), Attributes: e.Attributes})
	}
	return stage
}

// kinds has the kind of stage of each operation of the GenAI conventions.
var kinds = map[string]string{
	semconv.GenAIOperationNameSpeechToText:      semconv.VoiceStageSTT,
	semconv.GenAIOperationNameChat:              semconv.VoiceStageLLM,
	semconv.GenAIOperationNameTextToSpeech:      semconv.VoiceStageTTS,
	semconv.GenAIOperationNameExecuteTool:       semconv.VoiceStageTool,
	semconv.GenAIOperationNameRealtimeInference: semconv.VoiceStageRealtime,
}

// kindOf returns the kind of a span whose attributes alone do not tell it.
func kindOf(s *signal.Span) string {
	word, _, _ := strings.Cut(s.Name, " ")
	switch {
	case kinds[word] != "":
		return kinds[word]
	case s.Attributes.Has(semconv.HTTPRequestMethodKey):
		return KindHTTP
	}
	return KindSpan
}

// stageOf returns the facts that spans and log lines both have.
func stageOf(attrs signal.Attributes) *Stage {
	s := &Stage{
		Kind: kinds[attrs.Text(semconv.GenAIOperationNameKey)],
		Outcome: cmp.Or(attrs.Text(semconv.VoiceStageOutcomeKey), attrs.Text(semconv.VoiceStreamOutcomeKey),
			attrs.Text(semconv.VoiceOperationOutcomeKey), attrs.Text(semconv.VoiceHTTPOutcomeKey)),
		Error:    cmp.Or(attrs.Text(semconv.ErrorTypeKey), attrs.Text(semconv.ExceptionTypeKey)),
		Provider: attrs.Text(semconv.GenAIProviderNameKey),
		Model:    cmp.Or(attrs.Text(semconv.GenAIRequestModelKey), attrs.Text(semconv.GenAIResponseModelKey)),
		Requests: attrs.Texts(semconv.VoiceProviderRequestIDsKey), Cost: moneyOf(attrs), Attributes: without(attrs),
	}
	switch {
	case attrs.Has(semconv.VoiceStreamOutcomeKey):
		s.Kind = KindStream
	case attrs.Has(semconv.VoiceOperationOutcomeKey):
		s.Kind = KindOperation
	case s.Kind == "" && attrs.Has(semconv.VoiceStageOutcomeKey):
		s.Kind = attrs.Text(semconv.VoiceStageKey)
	}
	for _, key := range firstOutputs {
		setSeconds(&s.FirstOutput, attrs, key)
	}
	s.Attempt = small(attrs, semconv.VoiceStageAttemptKey)
	s.Fallback = small(attrs, semconv.VoiceStageFallbackIndexKey)
	s.Resends = small(attrs, semconv.VoiceStageResendsKey)
	tokens := Tokens{
		number(attrs, semconv.GenAIUsageInputTokensKey), number(attrs, semconv.GenAIUsageOutputTokensKey),
		number(attrs, semconv.GenAIUsageCacheReadInputTokensKey),
	}
	s.Characters = number(attrs, semconv.VoiceTTSCharactersKey)
	if tokens != (Tokens{}) {
		s.Tokens = &tokens
	}
	return s
}

// stageOfRecord makes the stage of a log line that ends one, unless there is a span of it.
func (a *assembly) stageOfRecord(r *signal.Record) {
	switch r.Attributes.Text(semconv.VoicePhaseKey) {
	case semconv.VoicePhaseStageEnd, semconv.VoicePhaseOperationEnd, semconv.VoicePhaseStreamEnd:
	default:
		return
	}
	had := a.stages[r.SpanID]
	if r.SpanID.IsValid() && (a.byID[r.SpanID] != nil || had != nil) {
		return
	}
	s := stageOf(r.Attributes)
	s.FromLog = true
	if s.Kind == "" {
		s.Kind = cmp.Or(r.Attributes.Text(semconv.VoiceStageKey), KindSpan)
	}
	s.Name = cmp.Or(r.Attributes.Text(semconv.VoiceOperationNameKey), name(s.Kind, r.Attributes.Text(semconv.VoiceComponentNameKey)))
	if r.TraceID.IsValid() {
		s.TraceID = r.TraceID.String()
	}
	if start, ok := began(r); ok {
		s.Start = offset(a.call.Start, start)
		s.Duration = seconds(r.Time.Sub(start))
	}
	if r.SpanID.IsValid() {
		s.SpanID = r.SpanID.String()
		a.stages[r.SpanID] = s
	}
	if t := a.turnOfRecord(r); t != nil {
		t.Stages = append(t.Stages, s)
		return
	}
	a.call.Stages = append(a.call.Stages, s)
}

// name returns the name that the span of a stage has.
func name(kind, component string) string {
	for operation, k := range kinds {
		if k == kind {
			kind = operation
			break
		}
	}
	return strings.TrimSpace(kind + " " + component)
}

// allLines puts each log line where it belongs.
func (a *assembly) allLines() {
	for _, r := range a.records {
		l := Line{At: offset(a.call.Start, r.Time), Level: r.Severity, Message: r.Body, Module: r.Scope.Name, Phase: r.Attributes.Text(semconv.VoicePhaseKey)}
		if l.Phase == "" { // The facts of the others are those of the turn or stage.
			l.Attributes = without(r.Attributes)
		}
		at := r.SpanID
		if a.stages[at] == nil && a.turns[at] == nil { // A span within a stage that is not told.
			at = trace.SpanID{}
		}
		switch stage, turn := a.stages[at], a.turnOfRecord(r); {
		case stage != nil && at.IsValid():
			stage.Lines = append(stage.Lines, l)
		case turn != nil:
			turn.Lines = append(turn.Lines, l)
		default:
			a.call.Lines = append(a.call.Lines, l)
		}
	}
}
