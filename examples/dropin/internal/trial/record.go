// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package trial

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/semconv"
)

// A Record is what an agent recorded of a call.
type Record struct {
	Turns  []Turn
	Others []string // The names of stages outside of turns.
	Heard  string   // What the caller received, as text.
	Output []byte   // Of the program.
}

// A Turn is a span of a turn.
type Turn struct {
	Outcome string
	Stages  []Stage
}

// A Stage is a span of a stage.
type Stage struct {
	Name       string
	Start, End time.Duration // Since the first transcript of the turn, else its start.
	Values     map[string]any
	Error      string
}

// Operation returns the stage's operation: speech_to_text, chat, text_to_speech, execute_tool.
func (s *Stage) Operation() string {
	operation, _ := s.Values[string(semconv.GenAIOperationNameKey)].(string)
	return operation
}

// span is a line of the console exporter.
type span struct {
	Name        string
	SpanContext *struct{ SpanID string }
	Parent      struct{ SpanID string }
	StartTime   time.Time
	EndTime     time.Time
	Attributes  []struct {
		Key   string
		Value struct{ Value any }
	}
	Status struct{ Code, Description string }
}

func (s *span) values() map[string]any {
	values := make(map[string]any, len(s.Attributes))
	for _, a := range s.Attributes {
		values[a.Key] = a.Value.Value
	}
	return values
}

// read reads the spans of a program's output.
func read(text []byte) (*Record, error) {
	var spans []*span
	if err := lines(text, func(line []byte) error {
		if !bytes.HasPrefix(line, []byte(`{"Name":`)) {
			return nil
		}
		s := new(span)
		if err := json.Unmarshal(line, s); err != nil {
			return fmt.Errorf("%w: %s", err, line)
		}
		spans = append(spans, s)
		return nil
	}); err != nil {
		return nil, err
	}
	slices.SortStableFunc(spans, func(a, b *span) int { return a.StartTime.Compare(b.StartTime) })
	record := &Record{Output: text}
	ids := make(map[string]int)
	var starts []time.Time
	for _, s := range spans {
		if s.Name == semconv.SpanVoiceTurn {
			ids[s.SpanContext.SpanID] = len(record.Turns)
			outcome, _ := s.values()[string(semconv.VoiceTurnOutcomeKey)].(string)
			record.Turns, starts = append(record.Turns, Turn{Outcome: outcome}), append(starts, s.StartTime)
		}
	}
	for _, s := range spans {
		values := s.values()
		if _, ok := values[string(semconv.VoiceStageOutcomeKey)]; !ok {
			if _, ok := values[string(semconv.GenAIOperationNameKey)]; ok && s.Name != semconv.SpanVoiceTurn && !strings.Contains(s.Name, "_stream ") && !strings.HasPrefix(s.Name, "realtime_session ") {
				record.Others = append(record.Others, s.Name)
			}
			continue
		}
		i, ok := ids[s.Parent.SpanID]
		if !ok {
			record.Others = append(record.Others, s.Name)
			continue
		}
		stage := Stage{Name: s.Name, Start: s.StartTime.Sub(starts[i]), End: s.EndTime.Sub(starts[i]), Values: values}
		if s.Status.Code == "Error" {
			stage.Error = cmp.Or(s.Status.Description, "unknown")
		}
		record.Turns[i].Stages = append(record.Turns[i].Stages, stage)
	}
	for i := range record.Turns {
		record.Turns[i].sinceTranscript()
	}
	return record, nil
}

// sinceTranscript makes times relative to the first transcript: when a caller begins to speak is
// different in each run.
func (t *Turn) sinceTranscript() {
	heard := t.of(semconv.GenAIOperationNameSpeechToText)
	if len(heard) == 0 {
		return
	}
	zero := heard[0].End
	for i := range t.Stages {
		t.Stages[i].Start -= zero
		t.Stages[i].End -= zero
	}
}
