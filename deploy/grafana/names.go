// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// described is a metric of OpenTelemetry's semconv packages.
type described interface {
	Name() string
	Unit() string
}

// conventional converts a metric of OpenTelemetry's semconv packages.
func conventional(m described, kind semconv.Kind) semconv.Metric {
	return semconv.Metric{Name: m.Name(), Unit: m.Unit(), Kind: kind}
}

// stored returns the name of a metric in Prometheus, with unit and _total. For a histogram
// it is the name without _bucket, _count and _sum.
func stored(m semconv.Metric) string {
	namer := otlptranslator.MetricNamer{WithMetricSuffixes: true}
	name, err := namer.Build(otlptranslator.Metric{Name: m.Name, Unit: m.Unit, Type: storedAs(m.Kind)})
	if err != nil {
		panic("grafana: the metric " + m.Name + ": " + err.Error())
	}
	return name
}

func storedAs(kind semconv.Kind) otlptranslator.MetricType {
	switch kind {
	case semconv.Histogram:
		return otlptranslator.MetricTypeHistogram
	case semconv.Counter:
		return otlptranslator.MetricTypeMonotonicCounter
	case semconv.UpDownCounter:
		return otlptranslator.MetricTypeNonMonotonicCounter
	case semconv.Gauge:
		return otlptranslator.MetricTypeGauge
	}
	return otlptranslator.MetricTypeUnknown
}

// label returns the name of an attribute as a label in Prometheus and Loki.
func label(key attribute.Key) string {
	namer := otlptranslator.LabelNamer{}
	name, err := namer.Build(string(key))
	if err != nil {
		panic("grafana: the attribute " + string(key) + ": " + err.Error())
	}
	return name
}
