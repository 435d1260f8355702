// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdkdata

import (
	"slices"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// Spans returns spans with clean text. Bytes, which may be audio, become their size.
func Spans(spans []sdktrace.ReadOnlySpan) []sdktrace.ReadOnlySpan {
	var from *origin
	change := Change{
		Text: cleantext.String, Attributes: cleantext.Attributes,
		Origin: func(res *resource.Resource, scope instrumentation.Scope) (*Origin, bool) {
			from = from.of(res, scope)
			return &from.clean, from.dirty
		},
	}
	out, copied := spans, false
	for i, s := range spans {
		c, changed := change.Apply(s)
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
