// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"log/slog"

	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/semconv"
)

// A ComponentType says what a component does.
type ComponentType string

// The types of components.
const (
	ComponentSTT       ComponentType = semconv.VoiceComponentTypeSTT
	ComponentLLM       ComponentType = semconv.VoiceComponentTypeLLM
	ComponentTTS       ComponentType = semconv.VoiceComponentTypeTTS
	ComponentRealtime  ComponentType = semconv.VoiceComponentTypeRealtime
	ComponentTool      ComponentType = semconv.VoiceComponentTypeTool
	ComponentTransport ComponentType = semconv.VoiceComponentTypeTransport
	ComponentAgent     ComponentType = semconv.VoiceComponentTypeAgent
	ComponentPipeline  ComponentType = semconv.VoiceComponentTypePipeline
)

// A LoggerOption configures a logger; see [Telemetry.Logger].
type LoggerOption interface{ applyLogger([]slog.Attr) []slog.Attr }

type loggerOption []slog.Attr

func (o loggerOption) applyLogger(attrs []slog.Attr) []slog.Attr { return append(attrs, o...) }

// Component sets the name and the type of the component that logs.
func Component(name string, kind ComponentType) LoggerOption {
	return loggerOption{
		slog.String(string(semconv.VoiceComponentNameKey), name),
		slog.String(string(semconv.VoiceComponentTypeKey), string(kind)),
	}
}

// Logger returns a logger whose records carry name as their module. It writes to
// [Telemetry.LoggerProvider]. On a nil Telemetry it is slog's default logger.
func (t *Telemetry) Logger(name string, opts ...LoggerOption) *slog.Logger {
	if t == nil {
		return slog.Default()
	}
	var attrs []slog.Attr
	for _, opt := range opts {
		if opt != nil {
			attrs = opt.applyLogger(attrs)
		}
	}
	h := t.handler(name)
	if len(attrs) > 0 {
		h = h.WithAttrs(attrs)
	}
	return slog.New(h)
}

// handler returns the handler of a module.
func (t *Telemetry) handler(module string) slog.Handler {
	return logpipe.NewHandler(module, Version, t.logs)
}
