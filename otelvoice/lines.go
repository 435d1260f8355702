// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// lines writes the toolkit's own log lines: a debug line when a stage starts,
// an info line when it ends, a summary of each turn and of each session.
// The zero lines write nothing.
type lines struct {
	guard                                    *guard
	sessions, turns, operations, performance *logpipe.Logger
	stages                                   map[string]*logpipe.Logger // By the values of voice.stage.
	withoutStages                            bool
	sources                                  sources
	latePlaces                               latePlaces
}

// The severities of the toolkit's own log lines.
const (
	levelDebug = log.SeverityDebug
	levelInfo  = log.SeverityInfo
	levelWarn  = log.SeverityWarn
	levelError = log.SeverityError
)

func newLines(provider *logpipe.Provider, g *guard, withoutStages bool) *lines {
	logger := func(module string) *logpipe.Logger {
		return provider.Module(module,
			log.WithInstrumentationVersion(Version), log.WithSchemaURL(semconv.SchemaURL))
	}
	l := &lines{
		guard:         g,
		sessions:      logger("voice.session"),
		turns:         logger("voice.turn"),
		operations:    logger("voice.operation"),
		performance:   logger("voice.performance"),
		stages:        make(map[string]*logpipe.Logger, 4),
		withoutStages: withoutStages,
		sources:       sources{logs: provider, program: logrecord.ThisProgram()},
	}
	for _, stage := range []string{semconv.VoiceStageSTT, semconv.VoiceStageLLM, semconv.VoiceStageTTS, semconv.VoiceStageTool} {
		l.stages[stage] = logger("voice." + stage)
	}
	return l
}

func levelOf(err error) log.Severity {
	if err != nil {
		return levelError
	}
	return levelInfo
}

func levelFor(outcome Outcome) log.Severity {
	switch outcome {
	case Failed:
		return levelError
	case Abandoned:
		return levelWarn
	case Completed, Interrupted:
	}
	return levelInfo
}

func (l *lines) session(ctx context.Context, level log.Severity, message string, err error, attrs ...attribute.KeyValue) {
	l.write(ctx, l.sessions, level, message, err, 0, attrs)
}

func (l *lines) turn(ctx context.Context, level log.Severity, message string, err error, pc uintptr, attrs ...attribute.KeyValue) {
	l.write(ctx, l.turns, level, message, err, pc, attrs)
}

// operation writes a line with the attributes of the operation and the toolkit's own attributes.
// The latter override the former.
func (l *lines) operation(o *Operation, level log.Severity, what string, err error, set []attribute.KeyValue, own ...attribute.KeyValue) {
	l.write(o.record, l.operations, level, o.name+" "+what, err, 0, append(append(set, own...), semconv.VoiceOperationName(o.name)))
}

// stageEnabled reports whether a line about the stage is written. Callers use it to avoid
// building attributes for lines that are not.
func (l *lines) stageEnabled(s *stage, level log.Severity) bool {
	return !l.withoutStages && l.guard.enabled(s.record, l.stages[s.kind], level)
}

func (l *lines) stage(s *stage, level log.Severity, what string, err error, pc uintptr, attrs ...attribute.KeyValue) {
	if !l.stageEnabled(s, level) {
		return
	}
	component := s.tool
	if component == "" {
		component = s.model.component(s.kind)
	}
	attrs = append(attrs,
		semconv.VoiceComponentName(component),
		semconv.VoiceComponentType(s.kind),
		semconv.VoiceTurnIndex(s.turn.index))
	if s.model.Provider != "" {
		attrs = append(attrs, semconv.GenAIProviderName(s.model.Provider))
	}
	if s.model.Name != "" {
		attrs = append(attrs, semconv.GenAIRequestModel(s.model.Name))
	}
	if s.tool != "" {
		attrs = append(attrs, semconv.GenAIToolName(s.tool))
	}
	l.write(s.record, l.stages[s.kind], level, s.kind+" "+what, err, pc, attrs)
}

// write writes one log line. Its source location is in the agent's code, not in the toolkit's:
// pc if it is not 0, else the nearest caller outside the toolkit.
func (l *lines) write(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, err error, pc uintptr, attrs []attribute.KeyValue) {
	if !l.guard.enabled(ctx, logger, level) {
		return
	}
	if err != nil {
		attrs = append(attrs, semconv.ErrorType(failure.Type(err)))
		var p *failure.PanicError
		if failure.As(err, &p) {
			attrs = append(attrs, semconv.ExceptionStacktrace(string(p.Stack)))
		}
	}
	source := l.sources.at(pc)
	if source == nil {
		source = l.sources.caller()
	}
	l.guard.write(ctx, logger, level, message, source, err, attrs)
}
