// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"errors"
	"fmt"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// kindOf returns Prometheus' type of a metric, and the kind that determines its name.
func kindOf(data metricdata.Aggregation) (dto.MetricType, otlptranslator.MetricType, error) {
	var monotonic bool
	switch d := data.(type) {
	case metricdata.Gauge[int64], metricdata.Gauge[float64]:
		return dto.MetricType_GAUGE, otlptranslator.MetricTypeGauge, nil
	case metricdata.Histogram[int64]:
		return dto.MetricType_HISTOGRAM, otlptranslator.MetricTypeHistogram, checkBuckets(d)
	case metricdata.Histogram[float64]:
		return dto.MetricType_HISTOGRAM, otlptranslator.MetricTypeHistogram, checkBuckets(d)
	case metricdata.ExponentialHistogram[int64], metricdata.ExponentialHistogram[float64]:
		return dto.MetricType_HISTOGRAM, otlptranslator.MetricTypeHistogram, nil
	case metricdata.Sum[int64]:
		monotonic = d.IsMonotonic
	case metricdata.Sum[float64]:
		monotonic = d.IsMonotonic
	default:
		return 0, 0, fmt.Errorf("OpenTelemetry's exporter does not translate %T", data)
	}
	if monotonic {
		return dto.MetricType_COUNTER, otlptranslator.MetricTypeMonotonicCounter, nil
	}
	return dto.MetricType_GAUGE, otlptranslator.MetricTypeNonMonotonicCounter, nil
}

// checkBuckets rejects buckets on which OpenTelemetry's exporter would panic.
func checkBuckets[N int64 | float64](h metricdata.Histogram[N]) error {
	for i := range h.DataPoints {
		if len(h.DataPoints[i].BucketCounts) < len(h.DataPoints[i].Bounds) {
			return errors.New("a histogram has more bounds than buckets")
		}
	}
	return nil
}

// pointsOf returns the number of points of a metric.
func pointsOf(data metricdata.Aggregation) int {
	n, _ := pointsAndStart(data)
	return n
}

// startOf returns the time at which the instrument of a metric was created, or else that of its first
// point.
func startOf(data metricdata.Aggregation) time.Time {
	_, start := pointsAndStart(data)
	return start
}

func pointsAndStart(data metricdata.Aggregation) (points int, start time.Time) {
	switch d := data.(type) {
	case metricdata.Gauge[int64]:
		return first(d.DataPoints, func(p *metricdata.DataPoint[int64]) time.Time { return p.StartTime })
	case metricdata.Gauge[float64]:
		return first(d.DataPoints, func(p *metricdata.DataPoint[float64]) time.Time { return p.StartTime })
	case metricdata.Sum[int64]:
		return first(d.DataPoints, func(p *metricdata.DataPoint[int64]) time.Time { return p.StartTime })
	case metricdata.Sum[float64]:
		return first(d.DataPoints, func(p *metricdata.DataPoint[float64]) time.Time { return p.StartTime })
	case metricdata.Histogram[int64]:
		return first(d.DataPoints, func(p *metricdata.HistogramDataPoint[int64]) time.Time { return p.StartTime })
	case metricdata.Histogram[float64]:
		return first(d.DataPoints, func(p *metricdata.HistogramDataPoint[float64]) time.Time { return p.StartTime })
	case metricdata.ExponentialHistogram[int64]:
		return first(d.DataPoints, func(p *metricdata.ExponentialHistogramDataPoint[int64]) time.Time { return p.StartTime })
	case metricdata.ExponentialHistogram[float64]:
		return first(d.DataPoints, func(p *metricdata.ExponentialHistogramDataPoint[float64]) time.Time { return p.StartTime })
	case metricdata.Summary:
		return first(d.DataPoints, func(p *metricdata.SummaryDataPoint) time.Time { return p.StartTime })
	}
	return 0, start
}

func first[P any](points []P, start func(*P) time.Time) (_ int, earliest time.Time) {
	for i := range points {
		if at := start(&points[i]); earliest.IsZero() || at.Before(earliest) {
			earliest = at
		}
	}
	return len(points), earliest
}
