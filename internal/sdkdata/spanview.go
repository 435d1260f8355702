// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdkdata

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// A Change modifies the text of spans. Its functions return their argument if nothing
// changes.
type Change struct {
	Text func(string) string
	// Attributes must not write to its argument. It reports whether it changed
	// anything.
	Attributes func([]attribute.KeyValue) ([]attribute.KeyValue, bool)
	// Origin returns the origin of spans, and whether it changed. Nil changes nothing.
	Origin func(*resource.Resource, instrumentation.Scope) (*Origin, bool)
}

// Origin is the resource and scope of a span.
type Origin struct {
	Resource *resource.Resource
	Scope    instrumentation.Scope
}

// moved is a span with another origin.
type moved struct {
	sdktrace.ReadOnlySpan

	origin *Origin
}

func (m moved) Resource() *resource.Resource { return m.origin.Resource }

func (m moved) InstrumentationScope() instrumentation.Scope { return m.origin.Scope }

// InstrumentationLibrary is the deprecated name of the scope.
func (m moved) InstrumentationLibrary() instrumentation.Library { //nolint:staticcheck // The interface has it.
	return m.origin.Scope
}

// view is a span with some of its text replaced.
type view struct {
	sdktrace.ReadOnlySpan

	name       string
	attributes []attribute.KeyValue
	events     []sdktrace.Event
	links      []sdktrace.Link
	status     sdktrace.Status
}

func (v *view) Name() string                     { return v.name }
func (v *view) Attributes() []attribute.KeyValue { return v.attributes }
func (v *view) Events() []sdktrace.Event         { return v.events }
func (v *view) Links() []sdktrace.Link           { return v.links }
func (v *view) Status() sdktrace.Status          { return v.status }

// Of returns the span with its name, attributes, events, links and status
// changed, or the span itself if there was nothing to change. Only what changes
// is copied.
func (c Change) Of(s sdktrace.ReadOnlySpan) sdktrace.ReadOnlySpan {
	s, _ = c.Apply(s)
	return s
}

// Apply does what [Change.Of] does, and reports whether the span changed: spans need not be
// comparable.
func (c Change) Apply(s sdktrace.ReadOnlySpan) (_ sdktrace.ReadOnlySpan, changed bool) {
	if c.Origin != nil {
		if origin, dirty := c.Origin(s.Resource(), s.InstrumentationScope()); dirty {
			s, changed = moved{s, origin}, true
		}
	}
	name, status := s.Name(), s.Status()
	newName, newStatus := c.Text(name), status
	if status.Description != "" {
		newStatus.Description = c.Text(status.Description)
	}
	attributes, attributesChanged := c.Attributes(s.Attributes())
	events, eventsChanged := c.events(s.Events())
	links, linksChanged := c.links(s.Links())
	if !attributesChanged && !eventsChanged && !linksChanged && newName == name && newStatus == status {
		return s, changed
	}
	return &view{ReadOnlySpan: s, name: newName, attributes: attributes, events: events, links: links, status: newStatus}, true
}

func (c Change) events(events []sdktrace.Event) (_ []sdktrace.Event, changed bool) {
	for i := range events {
		name := c.Text(events[i].Name)
		attrs, dirty := events[i].Attributes, false
		if len(attrs) > 0 {
			attrs, dirty = c.Attributes(attrs)
		}
		if !dirty && name == events[i].Name {
			continue
		}
		if !changed {
			events, changed = slices.Clone(events), true
		}
		events[i].Name, events[i].Attributes = name, attrs
	}
	return events, changed
}

func (c Change) links(links []sdktrace.Link) (_ []sdktrace.Link, changed bool) {
	for i := range links {
		attrs, dirty := c.Attributes(links[i].Attributes)
		if !dirty {
			continue
		}
		if !changed {
			links, changed = slices.Clone(links), true
		}
		links[i].Attributes = attrs
	}
	return links, changed
}
