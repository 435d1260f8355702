// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cleandata

import (
	"slices"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/spanview"
)

// Spans returns spans with clean text. Bytes, which may be audio, become their size.
func Spans(spans []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	change := spanview.Change{Text: cleantext.String, Attributes: cleantext.Attributes}
	var from *origin
	out, copied := spans, false
	for i, s := range spans {
		c, changed := change.Apply(s)
		if from = from.of(s.Resource(), s.InstrumentationScope()); from.dirty {
			c, changed = span{ReadOnlySpan: c, origin: from}, true
		}
		if !changed {
			continue
		}
		if !copied {
			out, copied = slices.Clone(spans), true
		}
		out[i] = c
	}
	return out
}

// span is a span that comes from elsewhere.
type span struct {
	sdktrace.ReadOnlySpan

	origin *origin
}

func (s span) Resource() *resource.Resource { return s.origin.cleanResource }

func (s span) InstrumentationScope() instrumentation.Scope { return s.origin.cleanScope }

// InstrumentationLibrary is the deprecated name of the scope.
func (s span) InstrumentationLibrary() instrumentation.Library { //nolint:staticcheck // The interface has it.
	return s.origin.cleanScope
}
