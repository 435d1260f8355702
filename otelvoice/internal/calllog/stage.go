// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package calllog

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/semconv"
)

// A Model is the model that does a stage's work. Package otelvoice documents it.
type Model struct{ Provider, Name string }

// Component returns the model's name in log lines.
func (m Model) Component(fallback string) string {
	switch {
	case m.Name != "":
		return m.Name
	case m.Provider != "":
		return m.Provider
	}
	return fallback
}

// Attributes appends the known fields of the model.
func (m Model) Attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if m.Provider != "" {
		attrs = append(attrs, semconv.GenAIProviderName(m.Provider))
	}
	if m.Name != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(m.Name))
	}
	return attrs
}

// A Stage is the stage that a log line is about.
type Stage struct {
	Kind      string // One of the values of voice.stage.
	Model     Model
	Tool      string // gen_ai.tool.name, of a tool.
	TurnIndex int
}

// StageEnabled reports whether a line about a stage is written. Callers use it to avoid
// building attributes for lines that are not.
func (l *Log) StageEnabled(ctx context.Context, kind string, level log.Severity) bool {
	return !l.withoutStages && l.guard.Enabled(ctx, l.stages[kind], level)
}

// Stage writes a line about a stage. pc is its source location, or 0 if it has to be found.
func (l *Log) Stage(ctx context.Context, s *Stage, level log.Severity, what string, err error, pc uintptr, attrs ...attribute.KeyValue) {
	if !l.StageEnabled(ctx, s.Kind, level) {
		return
	}
	component := s.Tool
	if component == "" {
		component = s.Model.Component(s.Kind)
	}
	attrs = s.Model.Attributes(append(attrs,
		semconv.VoiceComponentName(component),
		semconv.VoiceComponentType(s.Kind),
		semconv.VoiceTurnIndex(s.TurnIndex)))
	if s.Tool != "" {
		attrs = append(attrs, semconv.GenAIToolName(s.Tool))
	}
	l.write(ctx, l.stages[s.Kind], level, s.Kind+" "+what, err, pc, attrs)
}

// Stream writes a line about the connection of a streaming recogniser.
func (l *Log) Stream(ctx context.Context, m Model, level log.Severity, what string, err error, attrs ...attribute.KeyValue) {
	if l.withoutStages {
		return
	}
	attrs = append(attrs,
		semconv.VoiceComponentName(m.Component(semconv.VoiceStageSTT)),
		semconv.VoiceComponentType(semconv.VoiceComponentTypeSTT))
	l.write(ctx, l.stages[semconv.VoiceStageSTT], level, "stt stream "+what, err, 0, m.Attributes(attrs))
}
