// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package emit

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// maxAttributes is the SDK's default limit of attributes per span.
const maxAttributes = 128

// AppendBounded appends attributes up to maxAttributes, so that a caller that sets attributes in
// a loop does not use more and more memory during a call.
func AppendBounded(to, attrs []attribute.KeyValue) []attribute.KeyValue {
	free := maxAttributes - len(to)
	return append(to, attrs[:max(min(len(attrs), free), 0)]...)
}

// SetBounded appends attributes as [AppendBounded] does. If a key exists, its value is replaced.
func SetBounded(to, attrs []attribute.KeyValue) []attribute.KeyValue {
	for _, kv := range attrs {
		if i := slices.IndexFunc(to, func(had attribute.KeyValue) bool { return had.Key == kv.Key }); i >= 0 {
			to[i] = kv
		} else {
			to = AppendBounded(to, []attribute.KeyValue{kv})
		}
	}
	return to
}

// AddEvent adds an event to a recording span. For other spans it allocates no options.
func AddEvent(span trace.Span, name string, at time.Time, attrs ...attribute.KeyValue) {
	switch {
	case !span.IsRecording():
	case len(attrs) == 0:
		span.AddEvent(name, trace.WithTimestamp(at))
	default:
		span.AddEvent(name, trace.WithTimestamp(at), trace.WithAttributes(attrs...))
	}
}
