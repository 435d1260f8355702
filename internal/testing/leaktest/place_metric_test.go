// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest_test

import (
	"context"
	"slices"
	"strconv"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// metricOutputs is the number of outputs of metrics: the console exporter, OTLP, the metrics page, the spool, and
// the dead letters.
const metricOutputs = 5

// perInstrument is the number of items that fit into the cardinality limit of an instrument.
const perInstrument = 100

// measured returns a place in measurements.
func measured(name string, least int, measure func(p *program, m metric.Meter, instrument string, i item)) place {
	return place{name: name, least: least, plant: func(p *program, items []item) {
		n := 0
		for some := range slices.Chunk(items, perInstrument) {
			n++
			for _, i := range some {
				measure(p, p.tel.MeterProvider().Meter("agent"), "calls"+strconv.Itoa(n), i)
			}
		}
	}}
}

// metricPlaces are the places in metrics.
func metricPlaces() []place {
	counter := func(p *program, m metric.Meter, name string, attrs ...attribute.KeyValue) {
		c, err := m.Int64Counter(name)
		if err != nil {
			p.Error(err)
		}
		c.Add(p.Context(), 1, metric.WithAttributes(attrs...))
	}
	scope := func(name string, least int, meter func(p *program, text string) metric.Meter) place {
		return one(name, least, func(p *program, i item) { counter(p, meter(p, i.text), "calls") })
	}
	return []place{
		measured("metric attribute", metricOutputs, func(p *program, m metric.Meter, name string, i item) {
			counter(p, m, name, attribute.String("state", i.text))
		}),
		measured("attribute of a histogram", metricOutputs, func(p *program, m metric.Meter, name string, i item) {
			h, err := m.Float64Histogram(name)
			if err != nil {
				p.Error(err)
			}
			h.Record(p.Context(), 1, metric.WithAttributeSet(attribute.NewSet(attribute.String("state", i.text))))
		}),
		{name: "attribute of an observed gauge", least: metricOutputs, plant: func(p *program, items []item) {
			for some := range slices.Chunk(items, perInstrument) {
				_, err := p.tel.MeterProvider().Meter("agent").Float64ObservableGauge("calls_"+hash(some[0].text), metric.WithFloat64Callback(
					func(_ context.Context, o metric.Float64Observer) error {
						for _, i := range some {
							o.Observe(1, metric.WithAttributes(attribute.String("state", i.text)))
						}
						return nil
					}))
				if err != nil {
					p.Error(err)
				}
			}
		}},
		measured("metric list", metricOutputs, func(p *program, m metric.Meter, name string, i item) {
			counter(p, m, name, attribute.StringSlice("state", []string{"a", i.text}))
		}),
		measured("metric attribute key", metricOutputs-1, func(p *program, m metric.Meter, name string, i item) {
			counter(p, m, name, attribute.String(i.text, "x"))
		}),
		measured("metric value under the key", metricOutputs-1, func(p *program, m metric.Meter, name string, i item) {
			key := i.key
			if key == "" {
				key = "note"
			}
			counter(p, m, name, attribute.String(key, i.value))
		}),
		measured("description and unit", metricOutputs-1, func(p *program, m metric.Meter, name string, i item) {
			c, err := m.Int64Counter(name+"_"+strconv.Itoa(len(i.text))+"_"+hash(i.text), metric.WithDescription(i.text))
			if err != nil {
				p.Error(err)
			}
			c.Add(p.Context(), 1)
		}),
		short(scope("meter name", metricOutputs-1, func(p *program, text string) metric.Meter { return p.tel.MeterProvider().Meter(text) })),
		short(scope("meter version", metricOutputs-1, func(p *program, text string) metric.Meter {
			return p.tel.MeterProvider().Meter("agent", metric.WithInstrumentationVersion(text))
		})),
		scope("meter attribute", metricOutputs-1, func(p *program, text string) metric.Meter {
			return p.tel.MeterProvider().Meter("agent", metric.WithInstrumentationAttributes(attribute.String("state", text)))
		}),
	}
}

// setupPlaces are the places in the set-up.
func setupPlaces() []place {
	const signals = 5 // The three by OTLP, the spool, and the dead letters.
	resource := func(name string, attr func(n int, i item) attribute.KeyValue) place {
		return place{
			name: name, least: signals,
			options: func(items []item) []voicesdk.Option {
				attrs := make([]attribute.KeyValue, len(items))
				for n, i := range items {
					attrs[n] = attr(n, i)
				}
				return []voicesdk.Option{voicesdk.WithResourceAttributes(attrs...)}
			},
			plant: func(p *program, _ []item) {
				_, session := p.tel.StartSession(p.Context())
				session.End()
			},
		}
	}
	return []place{
		resource("resource attribute", func(n int, i item) attribute.KeyValue { return attribute.String("state"+strconv.Itoa(n), i.text) }),
		resource("resource list", func(n int, i item) attribute.KeyValue {
			return attribute.StringSlice("state"+strconv.Itoa(n), []string{"a", i.text})
		}),
		resource("resource attribute key", func(_ int, i item) attribute.KeyValue { return attribute.String(i.text, "x") }),
		resource("resource value under the key", func(n int, i item) attribute.KeyValue {
			key := i.key
			if key == "" || key == "note" {
				key = "note" + strconv.Itoa(n)
			}
			return attribute.String(key, i.value)
		}),
	}
}
