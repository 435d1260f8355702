// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package message

import (
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
)

// DurationBuckets are the histogram buckets that the conventions ask for, in seconds.
func DurationBuckets() metric.HistogramOption {
	return metric.WithExplicitBucketBoundaries(
		0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10)
}

// Handle reports errors of creating instruments to OpenTelemetry. Such an instrument
// records nothing.
func Handle(errs ...error) {
	for _, err := range errs {
		if err != nil {
			otel.Handle(err)
		}
	}
}
