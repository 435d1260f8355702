// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"math"

	"github.com/voice-agents/telemetry/internal/settings"
)

// checkSDK checks the variables that the SDK reads itself. The SDK ignores an invalid value, or
// reports it only to OpenTelemetry's error handler.
func checkSDK(r *settings.Reader) {
	for _, name := range []string{
		"OTEL_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
		"OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
		"OTEL_SPAN_EVENT_COUNT_LIMIT", "OTEL_SPAN_LINK_COUNT_LIMIT",
		"OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT",
		"OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT", "OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT",
	} {
		r.Int(name, 0, -1, math.MaxInt32) // To the SDK, -1 is no limit.
	}
	r.Enum(otlpPrefix+"METRICS_TEMPORALITY_PREFERENCE", "", "cumulative", "delta", "lowmemory")
	r.Enum(otlpPrefix+"METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "", "explicit_bucket_histogram", "base2_exponential_bucket_histogram")
}

// limitsLogs reports whether limits of log records are set, which the SDK applies.
func limitsLogs(r *settings.Reader) bool {
	_, count := r.String("OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT")
	_, length := r.String("OTEL_LOGRECORD_ATTRIBUTE_VALUE_LENGTH_LIMIT")
	return count || length
}
