// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// cleanSpans is an exporter that hands on spans whose text is valid UTF-8 and
// bounded, whoever made them: one stray byte in one attribute makes protobuf
// refuse the batch, and 512 spans are gone. It works on the exporter's
// goroutine, off the path of the call, and copies only what has to change.
type cleanSpans struct{ sdktrace.SpanExporter }

func (e cleanSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	out := spans // The processor's, and not to be written to.
	for i, s := range spans {
		c, changed := clean(s)
		if !changed {
			continue
		}
		if &out[0] == &spans[0] {
			out = slices.Clone(spans)
		}
		out[i] = c
	}
	return e.SpanExporter.ExportSpans(ctx, out)
}

// cleanSpan is a span with some of its text replaced.
type cleanSpan struct {
	sdktrace.ReadOnlySpan

	name       string
	attributes []attribute.KeyValue
	events     []sdktrace.Event
	links      []sdktrace.Link
	status     sdktrace.Status
}

func (s cleanSpan) Name() string                     { return s.name }
func (s cleanSpan) Attributes() []attribute.KeyValue { return s.attributes }
func (s cleanSpan) Events() []sdktrace.Event         { return s.events }
func (s cleanSpan) Links() []sdktrace.Link           { return s.links }
func (s cleanSpan) Status() sdktrace.Status          { return s.status }

// clean returns the span with clean text, and whether anything had to change.
// Events and links belong to the span, which other processors share: they are
// copied before they are changed.
func clean(s sdktrace.ReadOnlySpan) (cleanSpan, bool) {
	c := cleanSpan{ReadOnlySpan: s, name: cleantext.String(s.Name()), status: s.Status(), events: s.Events(), links: s.Links()}
	c.status.Description = cleantext.String(c.status.Description)
	attrs, changed := cleantext.Attributes(s.Attributes())
	c.attributes = attrs
	changed = changed || c.name != s.Name() || c.status.Description != s.Status().Description

	var events, links bool
	for i, e := range c.events {
		attrs, dirty := cleantext.Attributes(e.Attributes)
		name := cleantext.String(e.Name)
		if !dirty && name == e.Name {
			continue
		}
		if !events {
			c.events, events = slices.Clone(c.events), true
		}
		c.events[i].Name, c.events[i].Attributes = name, attrs
	}
	for i, l := range c.links {
		attrs, dirty := cleantext.Attributes(l.Attributes)
		if !dirty {
			continue
		}
		if !links {
			c.links, links = slices.Clone(c.links), true
		}
		c.links[i].Attributes = attrs
	}
	return c, changed || events || links
}
