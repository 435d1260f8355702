// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package calllog writes the toolkit's own log lines: when sessions, turns, stages and operations
// start and end, and warnings about calls that come too late. Each line has the place in the agent's
// code that it is about, and end lines have the performance_metrics of the work.
package calllog

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/otelvoice/internal/outcome"
	"github.com/voice-agents/telemetry/semconv"
)

// Log writes the toolkit's own log lines: a debug line when a stage starts, an info line when it
// ends, a summary of each turn and of each session.
type Log struct {
	guard                                    *guard.Guard
	sessions, turns, operations, performance *logpipe.Logger
	stages                                   map[string]*logpipe.Logger // By the values of voice.stage.
	withoutStages                            bool
	sources                                  sources
	latePlaces                               latePlaces
	unpriced                                 unpriced
}

// The severities of the toolkit's own log lines.
const (
	Debug = log.SeverityDebug
	Info  = log.SeverityInfo
	Warn  = log.SeverityWarn
	Error = log.SeverityError
)

// New returns a log that writes to the provider, with the version of the toolkit.
func New(provider *logpipe.Provider, g *guard.Guard, version string, withoutStages bool) *Log {
	logger := func(module string) *logpipe.Logger {
		return provider.Module(module,
			log.WithInstrumentationVersion(version), log.WithSchemaURL(semconv.SchemaURL))
	}
	l := &Log{
		guard:         g,
		sessions:      logger("voice.session"),
		turns:         logger("voice.turn"),
		operations:    logger("voice.operation"),
		performance:   logger("voice.performance"),
		stages:        make(map[string]*logpipe.Logger, 5),
		withoutStages: withoutStages,
		sources:       sources{logs: provider, program: logrecord.ThisProgram()},
	}
	for _, stage := range []string{semconv.VoiceStageSTT, semconv.VoiceStageLLM, semconv.VoiceStageTTS, semconv.VoiceStageTool, semconv.VoiceStageRealtime} {
		l.stages[stage] = logger("voice." + stage)
	}
	return l
}

// LevelOf returns the level of a line about work that ended with an error, if any.
func LevelOf(err error) log.Severity {
	if err != nil {
		return Error
	}
	return Info
}

// LevelFor returns the level of a line about work with an outcome.
func LevelFor(o outcome.Outcome) log.Severity {
	switch o {
	case outcome.Failed:
		return Error
	case outcome.Abandoned:
		return Warn
	case outcome.Completed, outcome.Interrupted:
	}
	return Info
}

// Session writes a line about a session.
func (l *Log) Session(ctx context.Context, level log.Severity, message string, err error, attrs ...attribute.KeyValue) {
	l.write(ctx, l.sessions, level, message, err, 0, attrs)
}

// Turn writes a line about a turn. pc is its source location, or 0 if it has to be found.
func (l *Log) Turn(ctx context.Context, level log.Severity, message string, err error, pc uintptr, attrs ...attribute.KeyValue) {
	l.write(ctx, l.turns, level, message, err, pc, attrs)
}

// TurnEnabled reports whether a line about a turn is written.
func (l *Log) TurnEnabled(ctx context.Context, level log.Severity) bool {
	return l.guard.Enabled(ctx, l.turns, level)
}

// Operation writes a line with the attributes of the operation and the toolkit's own attributes.
// The latter override the former.
func (l *Log) Operation(ctx context.Context, name string, level log.Severity, what string, err error, set []attribute.KeyValue, own ...attribute.KeyValue) {
	l.write(ctx, l.operations, level, name+" "+what, err, 0, append(append(set, own...), semconv.VoiceOperationName(name)))
}

// Performance writes a line about other work that the program measured.
func (l *Log) Performance(ctx context.Context, level log.Severity, name string, err error, attrs ...attribute.KeyValue) {
	l.write(ctx, l.performance, level, name, err, 0, attrs)
}

// write writes one log line. Its source location is in the agent's code, not in the toolkit's:
// pc if it is not 0, else the nearest caller outside the toolkit.
func (l *Log) write(ctx context.Context, logger *logpipe.Logger, level log.Severity, message string, err error, pc uintptr, attrs []attribute.KeyValue) {
	if !l.guard.Enabled(ctx, logger, level) {
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
	l.guard.Write(ctx, logger, level, message, source, err, attrs)
}
