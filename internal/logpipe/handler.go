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
	"github.com/voice-agents/telemetry/internal/logrecord/slogattr"
)

// handler is the slog handler of a Provider. It writes the same records as the otelslog bridge,
// which a test compares. The bridge copies the attributes three times and resolves the source
// location for each record.
type handler struct {
	logger    *Logger
	converter slogattr.Converter
	// The attributes of WithAttrs outside of groups, after redaction, and their first error.
	attrs  *logrecord.Group
	err    slogattr.Error
	groups []group // The open groups, outermost first.
}

// group is a group that WithGroup opened.
type group struct {
	name  string
	attrs []attribute.KeyValue
	err   slogattr.Error // The first error among attrs.
}

var _ slog.Handler = (*handler)(nil)

// NewHandler returns a handler that logs to the provider under the name of a module. The version
// is the version of the instrumentation scope.
func NewHandler(name, version string, provider *Provider) slog.Handler {
	return &handler{logger: provider.Module(name, log.WithInstrumentationVersion(version)), converter: slogattr.Converter{Secret: provider.opts.Redactor.AlwaysChanges}}
}

// Enabled reports whether a record of the level would be written.
func (h *handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.logger.enabled(ctx, level)
}

// Handle writes the record. It always returns nil: outputs count the records that they cannot
// write, and logging must not make a program fail.
func (h *handler) Handle(ctx context.Context, record slog.Record) error {
	r := logrecord.New(&h.logger.provider.keys)
	r.Time, r.Body = record.Time, attribute.StringValue(record.Message)
	r.Severity, r.SeverityText = severityOf(record.Level), record.Level.String()
	r.SetSource(h.logger.provider.source(record.PC))
	r.SetLogger(h.attrs)
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
	var list slogattr.List
	record.Attrs(func(a slog.Attr) bool {
		if h.addScalar(r, &a) {
			return true
		}
		h.converter.Add(&list, a)
		for _, kv := range list.Attrs {
			h.logger.provider.add(r, kv)
		}
		list.Attrs = list.Attrs[:0]
		return true
	})
	h.setErr(r, &list)
}

// addScalar adds an attribute whose value is a number, text, time or duration. It reports whether
// it is one.
func (h *handler) addScalar(r *logrecord.Record, a *slog.Attr) bool {
	if a.Key == "" {
		return false
	}
	switch a.Value.Kind() { //nolint:exhaustive // Scalar has the others.
	case slog.KindTime:
		h.logger.provider.setTime(r, attribute.Key(a.Key), a.Value.Time())
		return true
	case slog.KindDuration:
		h.logger.provider.setDuration(r, attribute.Key(a.Key), a.Value.Duration())
		return true
	}
	v, ok := slogattr.Scalar(&a.Value)
	if ok {
		h.logger.provider.set(r, attribute.Key(a.Key), &v)
	}
	return ok
}

// setErr sets the error of a record to the first of its attributes, else to the first of WithAttrs.
// If both exist, that of WithAttrs becomes an attribute.
func (h *handler) setErr(r *logrecord.Record, list *slogattr.List) {
	r.Err = list.First.Err
	switch {
	case h.err.Err == nil:
	case r.Err == nil:
		r.Err = h.err.Err
	default:
		if kv := h.err.Attribute(); !r.Has(kv.Key) {
			h.logger.provider.add(r, kv)
		}
	}
}

// addGroups adds the open groups. The attributes of the record go into the innermost one.
func (h *handler) addGroups(r *logrecord.Record, record *slog.Record) {
	var list slogattr.List
	record.Attrs(func(a slog.Attr) bool {
		h.converter.Add(&list, a)
		return true
	})
	attrs := list.Attrs
	for i := len(h.groups) - 1; i >= 0; i-- {
		g := &h.groups[i]
		before := g.attrs
		switch {
		case g.err.Err == nil:
		case list.First.Err == nil:
			list.First = g.err
		default:
			before = append(slices.Clip(before), g.err.Attribute())
		}
		if attrs = slices.Concat(before, attrs); len(attrs) > 0 { // slog omits empty groups.
			attrs = []attribute.KeyValue{attribute.Map(g.name, attrs...)}
		}
	}
	for _, kv := range attrs {
		h.logger.provider.add(r, kv)
	}
	h.setErr(r, &list)
}

// WithAttrs returns a handler whose records have the attributes. It copies and redacts them; the
// first record encodes them.
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	out := *h
	if len(h.groups) == 0 {
		list := h.convert(h.err, attrs)
		before := h.attrs.Attributes()
		all := h.logger.provider.appendClean(before, list.Attrs)
		copy(all[len(before):], cleantext.Clone(all[len(before):]))
		out.attrs, out.err = logrecord.NewGroup(&h.logger.provider.keys, all), list.First
		return &out
	}
	out.groups = slices.Clone(h.groups)
	g := &out.groups[len(out.groups)-1]
	list := h.convert(g.err, attrs)
	g.attrs, g.err = slices.Concat(g.attrs, cleantext.Clone(list.Attrs)), list.First
	return &out
}

// convert converts attributes that follow an earlier error, if there is one.
func (h *handler) convert(before slogattr.Error, attrs []slog.Attr) slogattr.List {
	var list slogattr.List
	if before.Err != nil {
		list.AddError(before)
	}
	for _, a := range attrs {
		h.converter.Add(&list, a)
	}
	return list
}

// WithGroup returns a handler that puts attributes into a group, or h if the name is empty.
func (h *handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	out := *h
	out.groups = append(slices.Clip(h.groups), group{name: strings.Clone(name)})
	return &out
}
