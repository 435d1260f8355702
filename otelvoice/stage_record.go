// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// A StageRecord is what a stage that has ended tells, as it stands on its span.
type StageRecord struct {
	// Stage is "stt", "llm", "tts" or "tool".
	Stage string
	// Model is that of STT, LLM or TTS; of a tool, the name is the tool's.
	Model      Model
	Start, End time.Time
	Outcome    Outcome
	// Err is the error of a stage that failed.
	Err error
	// Attributes are those that were set when the stage ended, and the usage and the
	// response that came within a minute after it: what is unknown is not among them.
	Attributes []attribute.KeyValue

	stage *stage
}

// Duration is how long the stage took.
func (r StageRecord) Duration() time.Duration { return r.End.Sub(r.Start) }

// Float returns a measurement, and whether it is known.
func (r StageRecord) Float(key attribute.Key) (float64, bool) {
	for _, kv := range r.Attributes {
		if kv.Key != key {
			continue
		}
		switch kv.Value.Type() {
		case attribute.FLOAT64:
			return kv.Value.AsFloat64(), true
		case attribute.INT64:
			return float64(kv.Value.AsInt64()), true
		}
	}
	return 0, false
}

// Stages returns the stages that have ended in the turn, in the order in which they
// did: the newest 64. It may be asked before and after [Turn.End].
func (t *Turn) Stages() []StageRecord {
	if t == nil {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.work.ended)
}

// Outcome returns how the turn ended, and whether it has.
func (t *Turn) Outcome() (Outcome, bool) {
	if t == nil {
		return "", false
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.decided, t.decided != ""
}

// amend adds to a stage's record what came after its end.
func (t *Turn) amend(s *stage, attrs []attribute.KeyValue) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.work.ended {
		r := &t.work.ended[i]
		if r.stage != s {
			continue
		}
		kept := slices.DeleteFunc(slices.Clone(r.Attributes), func(kv attribute.KeyValue) bool {
			return slices.ContainsFunc(attrs, func(newer attribute.KeyValue) bool { return newer.Key == kv.Key })
		})
		r.Attributes = appendBounded(kept, attrs)
	}
}

// recorded returns the stage as it has ended.
func (s *stage) recorded(end stageEnd, attrs []attribute.KeyValue) StageRecord {
	r := StageRecord{
		Stage: s.kind, Model: s.model, Start: s.start, End: end.at,
		Outcome: end.outcome, Err: end.err, Attributes: slices.Clip(attrs), stage: s,
	}
	if s.kind == semconv.VoiceStageTool {
		r.Model.Name = s.tool
	}
	return r
}
