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
	given       *logrecord.Block
	givenFailed failed
	groups      []group // Open ones, the outermost first.
}

// group is what WithGroup opened.
type group struct {
	name  string
	attrs []attribute.KeyValue

	failed failed // The first error among attrs, if there is one.
}

var _ slog.Handler = (*handler)(nil)

// NewHandler returns a handler that writes to the provider under the name of a
// module. The version is that of the instrumentation scope.
func NewHandler(name, version string, provider *Provider) slog.Handler {
	return &handler{logger: provider.Module(name, log.WithInstrumentationVersion(version)), values: &values{provider.opts.Redactor}}
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
	if len(h.groups) == 0 {
		h.addAttrs(r, &record)
	} else {
		h.addGroups(r, &record)
	}
	h.logger.write(ctx, record.Level, r)
	r.Free()
	return nil
}

// addAttrs adds the attributes of a record outside of groups.
func (h *handler) addAttrs(r *logrecord.Record, record *slog.Record) {
	budget := maxMembers
	var found members
	record.Attrs(func(a slog.Attr) bool {
		if h.addScalar(r, &a) {
			return true
		}
		h.values.add(&found, a, &budget, 0)
		for _, kv := range found.attrs {
			h.logger.provider.add(r, kv)
		}
		found.attrs = found.attrs[:0]
		return true
	})
	h.setErr(r, &found)
}

// addScalar adds an attribute that is one number, text, time or duration, and reports whether it is.
func (h *handler) addScalar(r *logrecord.Record, a *slog.Attr) bool {
	if a.Key == "" {
		return false
	}
	switch a.Value.Kind() { //nolint:exhaustive // The others are none, or are looked at below.
	case slog.KindTime:
		h.logger.provider.setTime(r, attribute.Key(a.Key), a.Value.Time())
		return true
	case slog.KindDuration:
		h.logger.provider.setDuration(r, attribute.Key(a.Key), a.Value.Duration())
		return true
	}
	v, ok := scalar(&a.Value)
	if ok {
		h.logger.provider.set(r, attribute.Key(a.Key), &v)
	}
	return ok
}

// setErr sets the error of a record: its own, else the one that the logger was given, which
// is an attribute if both are there.
func (h *handler) setErr(r *logrecord.Record, found *members) {
	r.Err = found.failed.err
	switch {
	case h.givenFailed.err == nil:
	case r.Err == nil:
		r.Err = h.givenFailed.err
	default:
		if kv := h.givenFailed.attribute(); !r.Has(kv.Key) {
			h.logger.provider.add(r, kv)
		}
	}
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
	for i := len(h.groups) - 1; i >= 0; i-- {
		g := &h.groups[i]
		given := g.attrs
		switch {
		case g.failed.err == nil:
		case inner.failed.err == nil:
			inner.failed = g.failed
		default:
			given = append(slices.Clip(given), g.failed.attribute())
		}
		if attrs = slices.Concat(given, attrs); len(attrs) > 0 { // A group of nothing is none.
			attrs = []attribute.KeyValue{attribute.Map(g.name, attrs...)}
		}
	}
	for _, kv := range attrs {
		h.logger.provider.add(r, kv)
	}
	h.setErr(r, &inner)
}

// WithAttrs returns a handler whose records carry the attributes. It keeps copies of them: they
// are redacted here and encoded for the first record.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := *h
	if len(h.groups) == 0 {
		found := h.found(h.givenFailed, attrs)
		// They go through redaction here, once.
		given := h.given.Attributes()
		all := h.logger.provider.cleanBehind(given, found.attrs)
		copy(all[len(given):], cleantext.Clone(all[len(given):]))
		out.given, out.givenFailed = logrecord.NewBlock(&h.logger.provider.keys, all), found.failed
		return &out
	}
	out.groups = slices.Clone(h.groups)
	g := &out.groups[len(out.groups)-1]
	found := h.found(g.failed, attrs)
	g.attrs, g.failed = slices.Concat(g.attrs, cleantext.Clone(found.attrs)), found.failed
	return &out
}

// found returns what attributes are beside an error that was given before.
func (h *handler) found(before failed, attrs []slog.Attr) members {
	var found members
	if before.err != nil {
		found.addError(before)
	}
	budget := maxMembers
	for _, a := range attrs {
		h.values.add(&found, a, &budget, 0)
	}
	return found
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
