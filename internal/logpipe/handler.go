// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/log"
)

// handler is the log bridge with a guard: values are resolved before they reach
// the bridge, to a bounded depth. A LogValuer that returns a group with itself
// inside would otherwise recurse until the stack is full, which no recover can
// stop. Audio is stopped here too, before the bridge takes it apart.
type handler struct{ bridge slog.Handler }

var _ slog.Handler = handler{}

// NewHandler returns a handler that writes to the provider under the name of a
// module. The version is that of the instrumentation scope.
func NewHandler(name, version string, provider log.LoggerProvider) slog.Handler {
	return handler{bridge: otelslog.NewHandler(name,
		otelslog.WithLoggerProvider(provider),
		otelslog.WithVersion(version),
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

// plain reports whether a value can go out as it is.
func plain(v slog.Value) bool {
	switch v.Kind() { //nolint:exhaustive // The other kinds are what they are.
	case slog.KindLogValuer, slog.KindGroup:
		return false
	case slog.KindAny:
		_, same := shown(v)
		return same
	}
	return true
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
		a.Value, _ = shown(a.Value)
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
