// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package spanview shows an ended span with other text than it was recorded
// with. The span itself belongs to the SDK and is shared by its processors.
package spanview

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// A Change is what happens to the text of spans. Both functions return what they
// are given if there is nothing to change.
type Change struct {
	Text func(string) string
	// Attributes must not write to its argument. It says whether it changed
	// anything.
	Attributes func([]attribute.KeyValue) ([]attribute.KeyValue, bool)
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
	v := view{ReadOnlySpan: s, name: c.Text(s.Name()), status: s.Status(), events: s.Events(), links: s.Links()}
	v.status.Description = c.Text(v.status.Description)
	attrs, changed := c.Attributes(s.Attributes())
	v.attributes = attrs
	changed = changed || v.name != s.Name() || v.status.Description != s.Status().Description

	var events, links bool
	for i, e := range v.events {
		attrs, dirty := c.Attributes(e.Attributes)
		name := c.Text(e.Name)
		if !dirty && name == e.Name {
			continue
		}
		if !events {
			v.events, events = slices.Clone(v.events), true
		}
		v.events[i].Name, v.events[i].Attributes = name, attrs
	}
	for i, l := range v.links {
		attrs, dirty := c.Attributes(l.Attributes)
		if !dirty {
			continue
		}
		if !links {
			v.links, links = slices.Clone(v.links), true
		}
		v.links[i].Attributes = attrs
	}
	if !changed && !events && !links {
		return s
	}
	return &v
}
