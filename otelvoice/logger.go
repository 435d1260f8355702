// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/semconv"
)

// A ComponentType says what a component does.
type ComponentType string

// The types of components.
const (
	ComponentSTT       ComponentType = semconv.VoiceComponentTypeSTT
	ComponentLLM       ComponentType = semconv.VoiceComponentTypeLLM
	ComponentTTS       ComponentType = semconv.VoiceComponentTypeTTS
	ComponentTool      ComponentType = semconv.VoiceComponentTypeTool
	ComponentTransport ComponentType = semconv.VoiceComponentTypeTransport
	ComponentAgent     ComponentType = semconv.VoiceComponentTypeAgent
)

// A LoggerOption changes what [Telemetry.Logger] returns.
type LoggerOption interface{ applyLogger([]slog.Attr) []slog.Attr }

type loggerOption []slog.Attr

func (o loggerOption) applyLogger(attrs []slog.Attr) []slog.Attr { return append(attrs, o...) }

// Component names the part of the program that logs.
func Component(name string, kind ComponentType) LoggerOption {
	return loggerOption{
		slog.String(string(semconv.VoiceComponentNameKey), name),
		slog.String(string(semconv.VoiceComponentTypeKey), string(kind)),
	}
}

// Logger returns a logger whose lines carry name as their module. It writes
// where slog's default logger does after [Setup], and works under
// [WithoutGlobals] too. On a nil Telemetry it is slog's default logger.
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
	var h slog.Handler = newHandler(name, t.logs)
	if len(attrs) > 0 {
		h = h.WithAttrs(attrs)
	}
	return slog.New(h)
}

// handler is the log bridge with a guard: values are resolved before they reach
// the bridge, to a bounded depth. A LogValuer that returns a group with itself
// inside would otherwise recurse until the stack is full, which no recover can
// stop.
type handler struct{ bridge slog.Handler }

var _ slog.Handler = handler{}

func newHandler(name string, provider log.LoggerProvider) handler {
	return handler{bridge: otelslog.NewHandler(name,
		otelslog.WithLoggerProvider(provider),
		otelslog.WithVersion(Version),
		otelslog.WithSource(true))}
}

// Enabled reports whether a record of the level would be written.
func (h handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.bridge.Enabled(ctx, level)
}

// Handle writes the record. It returns no error: what cannot be written is
// counted, and logging is nobody's reason to fail.
func (h handler) Handle(ctx context.Context, record slog.Record) error {
	resolved := true
	record.Attrs(func(a slog.Attr) bool {
		resolved = plain(a.Value)
		return resolved
	})
	if resolved {
		return h.bridge.Handle(ctx, record)
	}
	out := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	r := resolver{budget: maxMembers}
	record.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(r.resolve(a, 0))
		return true
	})
	return h.bridge.Handle(ctx, out)
}

// WithAttrs returns a handler whose records carry the attributes.
func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	attrs = slices.Clone(attrs)
	r := resolver{budget: maxMembers}
	for i, a := range attrs {
		attrs[i] = r.resolve(a, 0)
	}
	return handler{bridge: h.bridge.WithAttrs(attrs)}
}

// WithGroup returns a handler that puts attributes into a group. The empty name
// is no group.
func (h handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return handler{bridge: h.bridge.WithGroup(name)}
}

// plain reports whether a value has nothing to resolve.
func plain(v slog.Value) bool {
	return v.Kind() != slog.KindLogValuer && v.Kind() != slog.KindGroup
}

const (
	// maxGroups bounds how deep groups are followed: a person reads three
	// levels, and a cycle never ends.
	maxGroups = 16
	// maxMembers bounds how many members of groups one record follows: a group
	// that holds itself twice doubles with each level.
	maxMembers = 1024
)

// resolver makes plain values of LogValuers and of groups that may hold some.
type resolver struct{ budget int }

func (r *resolver) resolve(a slog.Attr, depth int) slog.Attr {
	a.Value = a.Value.Resolve() // Follows LogValuers and catches their panics.
	if a.Value.Kind() != slog.KindGroup {
		return a
	}
	members := a.Value.Group()
	if depth == maxGroups || len(members) > r.budget {
		a.Value = slog.StringValue("…")
		return a
	}
	r.budget -= len(members)
	group := slices.Clone(members)
	for i, member := range group {
		group[i] = r.resolve(member, depth+1)
	}
	a.Value = slog.GroupValue(group...)
	return a
}
