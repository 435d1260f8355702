// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard

import (
	"context"

	"go.opentelemetry.io/otel/metric"
)

// The instruments of a cleaning provider. Observable instruments are those of the other meter,
// which must recognize them; their observers clean.

type int64Counter struct {
	metric.Int64Counter

	gate *gate
}

// Add implements the API's instrument.
func (i int64Counter) Add(ctx context.Context, value int64, opts ...metric.AddOption) {
	i.Int64Counter.Add(ctx, value, i.gate.add(opts)...)
}

// Int64Counter makes an instrument whose text is clean.
func (m *meter) Int64Counter(name string, opts ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	if m.gate == nil {
		return m.Meter.Int64Counter(name, opts...)
	}
	made, err := m.Meter.Int64Counter(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewInt64CounterConfig(opts...))...)
	return int64Counter{made, m.gate}, err
}

type int64UpDownCounter struct {
	metric.Int64UpDownCounter

	gate *gate
}

// Add implements the API's instrument.
func (i int64UpDownCounter) Add(ctx context.Context, value int64, opts ...metric.AddOption) {
	i.Int64UpDownCounter.Add(ctx, value, i.gate.add(opts)...)
}

// Int64UpDownCounter makes an instrument whose text is clean.
func (m *meter) Int64UpDownCounter(name string, opts ...metric.Int64UpDownCounterOption) (metric.Int64UpDownCounter, error) {
	if m.gate == nil {
		return m.Meter.Int64UpDownCounter(name, opts...)
	}
	made, err := m.Meter.Int64UpDownCounter(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewInt64UpDownCounterConfig(opts...))...)
	return int64UpDownCounter{made, m.gate}, err
}

type int64Histogram struct {
	metric.Int64Histogram

	gate *gate
}

// Record implements the API's instrument.
func (i int64Histogram) Record(ctx context.Context, value int64, opts ...metric.RecordOption) {
	i.Int64Histogram.Record(ctx, value, i.gate.record(opts)...)
}

// Int64Histogram makes an instrument whose text is clean.
func (m *meter) Int64Histogram(name string, opts ...metric.Int64HistogramOption) (metric.Int64Histogram, error) {
	if m.gate == nil {
		return m.Meter.Int64Histogram(name, opts...)
	}
	made, err := m.Meter.Int64Histogram(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewInt64HistogramConfig(opts...))...)
	return int64Histogram{made, m.gate}, err
}

type int64Gauge struct {
	metric.Int64Gauge

	gate *gate
}

// Record implements the API's instrument.
func (i int64Gauge) Record(ctx context.Context, value int64, opts ...metric.RecordOption) {
	i.Int64Gauge.Record(ctx, value, i.gate.record(opts)...)
}

// Int64Gauge makes an instrument whose text is clean.
func (m *meter) Int64Gauge(name string, opts ...metric.Int64GaugeOption) (metric.Int64Gauge, error) {
	if m.gate == nil {
		return m.Meter.Int64Gauge(name, opts...)
	}
	made, err := m.Meter.Int64Gauge(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewInt64GaugeConfig(opts...))...)
	return int64Gauge{made, m.gate}, err
}

type float64Counter struct {
	metric.Float64Counter

	gate *gate
}

// Add implements the API's instrument.
func (i float64Counter) Add(ctx context.Context, value float64, opts ...metric.AddOption) {
	i.Float64Counter.Add(ctx, value, i.gate.add(opts)...)
}

// Float64Counter makes an instrument whose text is clean.
func (m *meter) Float64Counter(name string, opts ...metric.Float64CounterOption) (metric.Float64Counter, error) {
	if m.gate == nil {
		return m.Meter.Float64Counter(name, opts...)
	}
	made, err := m.Meter.Float64Counter(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewFloat64CounterConfig(opts...))...)
	return float64Counter{made, m.gate}, err
}

type float64UpDownCounter struct {
	metric.Float64UpDownCounter

	gate *gate
}

// Add implements the API's instrument.
func (i float64UpDownCounter) Add(ctx context.Context, value float64, opts ...metric.AddOption) {
	i.Float64UpDownCounter.Add(ctx, value, i.gate.add(opts)...)
}

// Float64UpDownCounter makes an instrument whose text is clean.
func (m *meter) Float64UpDownCounter(name string, opts ...metric.Float64UpDownCounterOption) (metric.Float64UpDownCounter, error) {
	if m.gate == nil {
		return m.Meter.Float64UpDownCounter(name, opts...)
	}
	made, err := m.Meter.Float64UpDownCounter(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewFloat64UpDownCounterConfig(opts...))...)
	return float64UpDownCounter{made, m.gate}, err
}

type float64Histogram struct {
	metric.Float64Histogram

	gate *gate
}

// Record implements the API's instrument.
func (i float64Histogram) Record(ctx context.Context, value float64, opts ...metric.RecordOption) {
	i.Float64Histogram.Record(ctx, value, i.gate.record(opts)...)
}

// Float64Histogram makes an instrument whose text is clean.
func (m *meter) Float64Histogram(name string, opts ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	if m.gate == nil {
		return m.Meter.Float64Histogram(name, opts...)
	}
	made, err := m.Meter.Float64Histogram(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewFloat64HistogramConfig(opts...))...)
	return float64Histogram{made, m.gate}, err
}

type float64Gauge struct {
	metric.Float64Gauge

	gate *gate
}

// Record implements the API's instrument.
func (i float64Gauge) Record(ctx context.Context, value float64, opts ...metric.RecordOption) {
	i.Float64Gauge.Record(ctx, value, i.gate.record(opts)...)
}

// Float64Gauge makes an instrument whose text is clean.
func (m *meter) Float64Gauge(name string, opts ...metric.Float64GaugeOption) (metric.Float64Gauge, error) {
	if m.gate == nil {
		return m.Meter.Float64Gauge(name, opts...)
	}
	made, err := m.Meter.Float64Gauge(m.gate.name(name), cleanInstrument(m.gate, opts, metric.NewFloat64GaugeConfig(opts...))...)
	return float64Gauge{made, m.gate}, err
}
