// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters

import (
	"context"
	"slices"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/spanview"
)

// cleanSpans is an exporter that hands on spans whose text is valid UTF-8 and
// bounded, whoever made them: one stray byte in one attribute makes protobuf
// refuse the batch, and 512 spans are gone. It works on the exporter's
// goroutine, off the path of the call, and copies only what has to change.
type cleanSpans struct{ sdktrace.SpanExporter }

func (e cleanSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	change := spanview.Change{Text: cleantext.String, Attributes: cleantext.Attributes}
	out := spans // The processor's, and not to be written to.
	for i, s := range spans {
		c := change.Of(s)
		if c == s {
			continue
		}
		if &out[0] == &spans[0] {
			out = slices.Clone(spans)
		}
		out[i] = c
	}
	return e.SpanExporter.ExportSpans(ctx, out)
}
