// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
)

// Bridge returns the stock bridge in front of the pipe, behind the guard that stops what the
// bridge alone does not: it takes audio apart, and calls methods that panic.
func Bridge(name, version string, provider *Provider) slog.Handler {
	return guarded{otelslog.NewHandler(name, otelslog.WithLoggerProvider(provider), otelslog.WithVersion(version), otelslog.WithSource(true))}
}

// guarded resolves values before the bridge sees them.
type guarded struct{ slog.Handler }

func (g guarded) Handle(ctx context.Context, record slog.Record) error {
	out := slog.NewRecord(record.Time, record.Level, record.Message, record.PC)
	record.Attrs(func(a slog.Attr) bool {
		out.AddAttrs(resolved(a))
		return true
	})
	return g.Handler.Handle(ctx, out)
}

func (g guarded) WithAttrs(attrs []slog.Attr) slog.Handler {
	var out []slog.Attr
	for _, a := range attrs {
		out = append(out, resolved(a))
	}
	return guarded{g.Handler.WithAttrs(out)}
}

func (g guarded) WithGroup(name string) slog.Handler {
	if name == "" {
		return g
	}
	return guarded{g.Handler.WithGroup(name)}
}

func resolved(a slog.Attr) slog.Attr {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() != slog.KindGroup {
		a.Value, _ = textual.shown(a.Value)
		return a
	}
	var group []slog.Attr
	for _, member := range a.Value.Group() {
		group = append(group, resolved(member))
	}
	a.Value = slog.GroupValue(group...)
	return a
}
