// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard

import (
	"context"

	"go.opentelemetry.io/otel/metric"
)

// meter guards the callbacks of a meter. Observable instruments are those of the other meter,
// which must recognize them in RegisterCallback.
type meter struct {
	metric.Meter

	provider *Provider
	gate     *gate // Nil lets everything pass as it is.
	name     string
}

// guard returns a guard of callbacks that are called so.
func (m *meter) guard(name string) *guard {
	return &guard{provider: m.provider, gate: m.gate, name: name}
}

// RegisterCallback registers a guarded callback.
func (m *meter) RegisterCallback(f metric.Callback, instruments ...metric.Observable) (metric.Registration, error) {
	g := m.guard(m.name)
	return m.Meter.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		return g.run(ctx, func(ctx context.Context, c *call) error { return f(ctx, observer{o, c}) })
	}, instruments...)
}

// observer observes for a call that is alive.
type observer struct {
	metric.Observer

	call *call
}

// ObserveInt64 implements the API's observer.
func (o observer) ObserveInt64(of metric.Int64Observable, value int64, opts ...metric.ObserveOption) {
	if o.call.alive() {
		o.Observer.ObserveInt64(of, value, o.call.gate.observe(opts)...)
	}
}

// ObserveFloat64 implements the API's observer.
func (o observer) ObserveFloat64(of metric.Float64Observable, value float64, opts ...metric.ObserveOption) {
	if o.call.alive() {
		o.Observer.ObserveFloat64(of, value, o.call.gate.observe(opts)...)
	}
}

// experimental returns the options that the API's configuration ignores.
func experimental[O any](opts []O) (kept []O) {
	for _, o := range opts {
		if _, ok := any(o).(interface{ Experimental() }); ok {
			kept = append(kept, o)
		}
	}
	return kept
}

func (m *meter) int64Callback(instrument string, f metric.Int64Callback) metric.Int64Callback {
	g := m.guard(instrument)
	return func(ctx context.Context, o metric.Int64Observer) error {
		return g.run(ctx, func(ctx context.Context, c *call) error { return f(ctx, int64Observer{o, c}) })
	}
}

// int64Observer observes for a call that is alive.
type int64Observer struct {
	metric.Int64Observer

	call *call
}

// Observe implements the API's observer.
func (o int64Observer) Observe(value int64, opts ...metric.ObserveOption) {
	if o.call.alive() {
		o.Int64Observer.Observe(value, o.call.gate.observe(opts)...)
	}
}

// Int64ObservableCounter makes an instrument with guarded callbacks.
func (m *meter) Int64ObservableCounter(name string, opts ...metric.Int64ObservableCounterOption) (metric.Int64ObservableCounter, error) {
	cfg := metric.NewInt64ObservableCounterConfig(opts...)
	if m.gate != nil {
		name, opts = m.gate.name(name), cleanInstrument(m.gate, opts, cfg)
		cfg = metric.NewInt64ObservableCounterConfig(opts...)
	}
	if len(cfg.Callbacks()) == 0 {
		return m.Meter.Int64ObservableCounter(name, opts...)
	}
	opts = append(experimental(opts), metric.WithDescription(cfg.Description()), metric.WithUnit(cfg.Unit()))
	for _, c := range cfg.Callbacks() {
		opts = append(opts, metric.WithInt64Callback(m.int64Callback(name, c)))
	}
	return m.Meter.Int64ObservableCounter(name, opts...)
}

// Int64ObservableUpDownCounter makes an instrument with guarded callbacks.
func (m *meter) Int64ObservableUpDownCounter(name string, opts ...metric.Int64ObservableUpDownCounterOption) (metric.Int64ObservableUpDownCounter, error) {
	cfg := metric.NewInt64ObservableUpDownCounterConfig(opts...)
	if m.gate != nil {
		name, opts = m.gate.name(name), cleanInstrument(m.gate, opts, cfg)
		cfg = metric.NewInt64ObservableUpDownCounterConfig(opts...)
	}
	if len(cfg.Callbacks()) == 0 {
		return m.Meter.Int64ObservableUpDownCounter(name, opts...)
	}
	opts = append(experimental(opts), metric.WithDescription(cfg.Description()), metric.WithUnit(cfg.Unit()))
	for _, c := range cfg.Callbacks() {
		opts = append(opts, metric.WithInt64Callback(m.int64Callback(name, c)))
	}
	return m.Meter.Int64ObservableUpDownCounter(name, opts...)
}

// Int64ObservableGauge makes an instrument with guarded callbacks.
func (m *meter) Int64ObservableGauge(name string, opts ...metric.Int64ObservableGaugeOption) (metric.Int64ObservableGauge, error) {
	cfg := metric.NewInt64ObservableGaugeConfig(opts...)
	if m.gate != nil {
		name, opts = m.gate.name(name), cleanInstrument(m.gate, opts, cfg)
		cfg = metric.NewInt64ObservableGaugeConfig(opts...)
	}
	if len(cfg.Callbacks()) == 0 {
		return m.Meter.Int64ObservableGauge(name, opts...)
	}
	opts = append(experimental(opts), metric.WithDescription(cfg.Description()), metric.WithUnit(cfg.Unit()))
	for _, c := range cfg.Callbacks() {
		opts = append(opts, metric.WithInt64Callback(m.int64Callback(name, c)))
	}
	return m.Meter.Int64ObservableGauge(name, opts...)
}

func (m *meter) float64Callback(instrument string, f metric.Float64Callback) metric.Float64Callback {
	g := m.guard(instrument)
	return func(ctx context.Context, o metric.Float64Observer) error {
		return g.run(ctx, func(ctx context.Context, c *call) error { return f(ctx, float64Observer{o, c}) })
	}
}

// float64Observer observes for a call that is alive.
type float64Observer struct {
	metric.Float64Observer

	call *call
}

// Observe implements the API's observer.
func (o float64Observer) Observe(value float64, opts ...metric.ObserveOption) {
	if o.call.alive() {
		o.Float64Observer.Observe(value, o.call.gate.observe(opts)...)
	}
}

// Float64ObservableCounter makes an instrument with guarded callbacks.
func (m *meter) Float64ObservableCounter(name string, opts ...metric.Float64ObservableCounterOption) (metric.Float64ObservableCounter, error) {
	cfg := metric.NewFloat64ObservableCounterConfig(opts...)
	if m.gate != nil {
		name, opts = m.gate.name(name), cleanInstrument(m.gate, opts, cfg)
		cfg = metric.NewFloat64ObservableCounterConfig(opts...)
	}
	if len(cfg.Callbacks()) == 0 {
		return m.Meter.Float64ObservableCounter(name, opts...)
	}
	opts = append(experimental(opts), metric.WithDescription(cfg.Description()), metric.WithUnit(cfg.Unit()))
	for _, c := range cfg.Callbacks() {
		opts = append(opts, metric.WithFloat64Callback(m.float64Callback(name, c)))
	}
	return m.Meter.Float64ObservableCounter(name, opts...)
}

// Float64ObservableUpDownCounter makes an instrument with guarded callbacks.
func (m *meter) Float64ObservableUpDownCounter(name string, opts ...metric.Float64ObservableUpDownCounterOption) (metric.Float64ObservableUpDownCounter, error) {
	cfg := metric.NewFloat64ObservableUpDownCounterConfig(opts...)
	if m.gate != nil {
		name, opts = m.gate.name(name), cleanInstrument(m.gate, opts, cfg)
		cfg = metric.NewFloat64ObservableUpDownCounterConfig(opts...)
	}
	if len(cfg.Callbacks()) == 0 {
		return m.Meter.Float64ObservableUpDownCounter(name, opts...)
	}
	opts = append(experimental(opts), metric.WithDescription(cfg.Description()), metric.WithUnit(cfg.Unit()))
	for _, c := range cfg.Callbacks() {
		opts = append(opts, metric.WithFloat64Callback(m.float64Callback(name, c)))
	}
	return m.Meter.Float64ObservableUpDownCounter(name, opts...)
}

// Float64ObservableGauge makes an instrument with guarded callbacks.
func (m *meter) Float64ObservableGauge(name string, opts ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	cfg := metric.NewFloat64ObservableGaugeConfig(opts...)
	if m.gate != nil {
		name, opts = m.gate.name(name), cleanInstrument(m.gate, opts, cfg)
		cfg = metric.NewFloat64ObservableGaugeConfig(opts...)
	}
	if len(cfg.Callbacks()) == 0 {
		return m.Meter.Float64ObservableGauge(name, opts...)
	}
	opts = append(experimental(opts), metric.WithDescription(cfg.Description()), metric.WithUnit(cfg.Unit()))
	for _, c := range cfg.Callbacks() {
		opts = append(opts, metric.WithFloat64Callback(m.float64Callback(name, c)))
	}
	return m.Meter.Float64ObservableGauge(name, opts...)
}
