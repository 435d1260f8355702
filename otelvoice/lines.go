// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/semconv"
)

// lines writes the toolkit's own log lines: a debug line when a stage starts,
// an info line when it ends, a summary of each turn and of each session.
// The zero lines write nothing.
type lines struct {
	sessions, turns, operations, performance log.Logger
	stages                                   map[string]log.Logger // By the values of voice.stage.
	withoutStages                            bool
	sources                                  sources
}

// A line is written at one of four severities.
const (
	levelDebug = log.SeverityDebug
	levelInfo  = log.SeverityInfo
	levelWarn  = log.SeverityWarn
	levelError = log.SeverityError
)

func newLines(provider log.LoggerProvider, withoutStages bool) *lines {
	logger := func(module string) log.Logger {
		return provider.Logger(module,
			log.WithInstrumentationVersion(Version), log.WithSchemaURL(semconv.SchemaURL))
	}
	l := &lines{
		sessions:      logger("voice.session"),
		turns:         logger("voice.turn"),
		operations:    logger("voice.operation"),
		performance:   logger("voice.performance"),
		stages:        make(map[string]log.Logger, 4),
		withoutStages: withoutStages,
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
	l.write(ctx, l.sessions, level, message, err, attrs)
}

func (l *lines) turn(ctx context.Context, level log.Severity, message string, err error, attrs ...attribute.KeyValue) {
	l.write(ctx, l.turns, level, message, err, attrs)
}

func (l *lines) operation(o *Operation, level log.Severity, what string, err error, attrs ...attribute.KeyValue) {
	l.write(o.record, l.operations, level, o.name+" "+what, err, append(append(attrs, o.logged...), semconv.VoiceOperationName(o.name)))
}

func (l *lines) stage(s *stage, level log.Severity, what string, err error, attrs ...attribute.KeyValue) {
	if l.withoutStages {
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
	l.write(s.record, l.stages[s.kind], level, s.kind+" "+what, err, attrs)
}

// write writes one line. It names the source line of the agent's code that led
// to it, not the toolkit's own.
func (l *lines) write(ctx context.Context, logger log.Logger, level log.Severity, message string, err error, attrs []attribute.KeyValue) {
	if !logger.Enabled(ctx, log.EnabledParameters{Severity: level}) {
		return
	}
	var record log.Record
	record.SetTimestamp(time.Now())
	record.SetSeverity(level)
	record.SetSeverityText(severityText(level))
	record.SetBody(attribute.StringValue(message))
	record.AddAttributes(l.sources.caller()...)
	record.AddAttributes(attrs...)
	if err != nil {
		record.SetErr(err)
		record.AddAttributes(semconv.ErrorType(failure.Type(err)))
		var p *failure.PanicError
		if failure.As(err, &p) {
			record.AddAttributes(semconv.ExceptionStacktrace(string(p.Stack)))
		}
	}
	logger.Emit(ctx, record)
}

// severityText returns slog's name of the level, as the log bridge does.
func severityText(level log.Severity) string {
	switch level {
	case levelDebug:
		return "DEBUG"
	case levelWarn:
		return "WARN"
	case levelError:
		return "ERROR"
	}
	return "INFO"
}
