// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// NewExporter returns an exporter that passes spans to another in the vocabulary of a profile. It is as safe for
// concurrent use as that one. Shutdown shuts it down.
func NewExporter(p Profile, next sdktrace.SpanExporter) sdktrace.SpanExporter {
	return &exporter{next, p}
}

type exporter struct {
	sdktrace.SpanExporter

	profile Profile
}

// ExportSpans implements [sdktrace.SpanExporter].
func (e *exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	out := make([]sdktrace.ReadOnlySpan, 0, len(spans)+len(spans)/2)
	for _, s := range spans {
		out = e.profile.Append(out, s)
	}
	return e.SpanExporter.ExportSpans(ctx, out)
}

// NewSpanProcessor returns a span processor that passes ended spans to another in the vocabulary of a profile. Of
// spans that start, it passes on the span itself. Put it after a processor that redacts. Shutdown and ForceFlush are
// those of the other.
func NewSpanProcessor(p Profile, next sdktrace.SpanProcessor) sdktrace.SpanProcessor {
	return &processor{next, p}
}

type processor struct {
	sdktrace.SpanProcessor

	profile Profile
}

// OnEnd implements [sdktrace.SpanProcessor].
func (p *processor) OnEnd(s sdktrace.ReadOnlySpan) {
	var space [4]sdktrace.ReadOnlySpan
	for _, s := range p.profile.Append(space[:0], s) {
		p.SpanProcessor.OnEnd(s)
	}
}
