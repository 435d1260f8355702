// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"context"
	"errors"
	"fmt"

	dto "github.com/prometheus/client_model/go"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/internal/sdkdata"
)

// collect reads the metrics and translates them. It recovers from a callback that panics, but then
// serves no metrics, because the state of the SDK is unknown.
func (e *Exporter) collect(ctx context.Context) (families []*dto.MetricFamily, err error) {
	defer func() {
		if r := recover(); r != nil {
			families, err = nil, fmt.Errorf("openmetrics: a metric callback panicked: %v", r)
			e.faults.report(err)
		}
	}()
	var metrics metricdata.ResourceMetrics
	err = e.Collect(ctx, &metrics)
	switch {
	case e.stopped.Load(), errors.Is(err, sdkmetric.ErrReaderShutdown):
		return nil, errShutdown
	case errors.Is(err, sdkmetric.ErrReaderNotRegistered):
		otel.Handle(err) // No metrics were collected.
		return nil, nil
	case metrics.Resource == nil: // The context ended before the collection began.
		return nil, fmt.Errorf("openmetrics: collect: %w", err)
	case err != nil:
		otel.Handle(fmt.Errorf("openmetrics: a metric callback failed: %w", err)) // The other metrics were collected.
	}
	return e.translator.families(sdkdata.Metrics(&metrics)), nil
}
