// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logpipe

import (
	"context"
	"log/slog"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// handler writes what slog logs. It does what the log bridge does, record for record (a
// test compares them), and is another way to the same pipe: the bridge copies the
// attributes three times on the way, and works out the source line each time.
type handler struct {
	logger *Logger
	values *values
	// Of WithAttrs outside of groups, as they may go out.
	given    *logrecord.Block
	givenErr error
	groups   []group // Open ones, the outermost first.
}

// group is what WithGroup opened.
type group struct {
	name  string
	attrs []attribute.KeyValue
	err   error
}

var _ slog.Handler = (*handler)(nil)

// NewHandler returns a handler that writes to the provider under the name of a
// module. The version is that of the instrumentation scope.
func NewHandler(name, version string, provider *Provider) slog.Handler {
	return &handler{logger: provider.Module(name, log.WithInstrumentationVersion(version)), values: newValues(provider.opts.Redactor)}
}

// Enabled reports whether a record of the level would be written.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.logger.enabled(ctx, level)
}

// Handle writes the record. It returns no error: what cannot be written is
// counted, and logging is nobody's reason to fail.
func (h *handler) Handle(ctx context.Context, record slog.Record) error {
	r := logrecord.New(&h.logger.provider.keys)
	r.Time, r.Body = record.Time, attribute.StringValue(record.Message)
	r.Severity, r.SeverityText = severityOf(record.Level), record.Level.String()
	r.SetSource(h.logger.provider.source(record.PC))
	r.SetGiven(h.given)
	r.Err = h.givenErr
	if len(h.groups) == 0 {
		h.addAttrs(r, &record) //nolint:contextcheck // A value needs none.
	} else {
		h.addGroups(r, &record) //nolint:contextcheck // Likewise.
	}
	h.logger.write(ctx, record.Level, r)
	r.Free()
	return nil
}

// addAttrs adds the attributes of a record outside of groups.
func (h *handler) addAttrs(r *logrecord.Record, record *slog.Record) {
	budget := maxMembers
	record.Attrs(func(a slog.Attr) bool {
		if v, ok := scalar(&a.Value); ok && a.Key != "" {
			h.logger.provider.set(r, attribute.Key(a.Key), &v)
			return true
		}
		var found members
		h.values.add(&found, a, &budget, 0)
		for _, kv := range found.attrs {
			h.logger.provider.add(r, kv)
		}
		if found.err != nil {
			r.Err = found.err
		}
		return true
	})
}

// addGroups adds the open groups, with the attributes of a record in the innermost.
func (h *handler) addGroups(r *logrecord.Record, record *slog.Record) {
	var inner members
	budget := maxMembers
	record.Attrs(func(a slog.Attr) bool {
		h.values.add(&inner, a, &budget, 0)
		return true
	})
	attrs := inner.attrs
	err := inner.err
	for i := len(h.groups) - 1; i >= 0; i-- {
		g := &h.groups[i]
		if err == nil {
			err = g.err
		}
		if attrs = slices.Concat(g.attrs, attrs); len(attrs) > 0 { // A group of nothing is none.
			attrs = []attribute.KeyValue{attribute.Map(g.name, attrs...)}
		}
	}
	if err != nil {
		r.Err = err
	}
	for _, kv := range attrs {
		h.logger.provider.add(r, kv)
	}
}

// WithAttrs returns a handler whose records carry the attributes. It keeps copies of them: they
// are redacted here and encoded for the first record.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	var found members
	budget := maxMembers
	for _, a := range attrs {
		h.values.add(&found, a, &budget, 0)
	}
	out := *h
	if len(h.groups) == 0 {
		// They go through redaction here, once.
		given := h.given.Attributes()
		all := h.logger.provider.cleanBehind(given, found.attrs)
		copy(all[len(given):], cleantext.Clone(all[len(given):]))
		out.given = logrecord.NewBlock(&h.logger.provider.keys, all)
		if found.err != nil {
			out.givenErr = found.err
		}
		return &out
	}
	out.groups = slices.Clone(h.groups)
	g := &out.groups[len(out.groups)-1]
	g.attrs = slices.Concat(g.attrs, cleantext.Clone(found.attrs))
	if found.err != nil {
		g.err = found.err
	}
	return &out
}

// WithGroup returns a handler that puts attributes into a group. The empty name
// is no group.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	out := *h
	out.groups = append(slices.Clip(h.groups), group{name: strings.Clone(name)})
	return &out
}
