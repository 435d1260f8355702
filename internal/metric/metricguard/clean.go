// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard

import (
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/redaction"
)

// Clean makes the attributes of measurements, the names, descriptions and units of instruments and
// the scopes of meters valid UTF-8 and takes secrets out of them, before the other provider gets
// them. Series whose attributes become equal are merged. With a nil redactor it only makes
// them valid. Each measurement costs one more look-up of its attribute set; see BenchmarkAdd.
func (p *Provider) Clean(r *redaction.Engine) *Provider {
	p.gate = newGate(r)
	return p
}

// Own returns the provider for instruments whose text and attributes are clean. Their
// measurements have no extra cost. Callbacks are guarded.
func (p *Provider) Own() metric.MeterProvider {
	return own{MeterProvider: p.MeterProvider, provider: p}
}

type own struct {
	metric.MeterProvider

	provider *Provider
}

// Meter returns a guarded meter.
func (o own) Meter(name string, opts ...metric.MeterOption) metric.Meter {
	return &meter{Meter: o.MeterProvider.Meter(name, opts...), provider: o.provider, name: name}
}

// text returns a text that is valid and holds no secrets.
func (g *gate) text(s string) string { return g.redactor.String(cleantext.String(s)) }

// name returns the name of an instrument. The replacement of a secret has characters that
// are invalid in a name.
func (g *gate) name(s string) string {
	s = cleantext.String(s)
	clean := g.redactor.String(s)
	if clean == s {
		return s
	}
	return strings.NewReplacer("[", "", "]", "", ":", "_").Replace(clean)
}

// attributes returns attributes that are valid and hold no secrets, and whether they changed.
func (g *gate) attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	attrs, dirty := cleantext.Texts(attrs)
	attrs, secret := g.redactor.Attributes(attrs)
	return attrs, dirty || secret
}

// scope returns the options of a meter with clean text.
func (g *gate) scope(opts []metric.MeterOption) []metric.MeterOption {
	cfg := metric.NewMeterConfig(opts...)
	set := cfg.InstrumentationAttributes()
	attrs, dirty := g.attributes(set.ToSlice())
	version, schema := g.text(cfg.InstrumentationVersion()), g.text(cfg.SchemaURL())
	if !dirty && version == cfg.InstrumentationVersion() && schema == cfg.SchemaURL() {
		return opts
	}
	return append(experimental(opts),
		metric.WithInstrumentationVersion(version), metric.WithSchemaURL(schema), metric.WithInstrumentationAttributes(attrs...))
}

// described is the configuration of an instrument.
type described interface {
	Description() string
	Unit() string
}

// cleanInstrument returns the options of an instrument with clean text. They are appended, because
// the last of several equal options applies.
func cleanInstrument[O any](g *gate, opts []O, cfg described) []O {
	for _, text := range [...]struct {
		is     string
		option func(string) metric.InstrumentOption
	}{
		{cfg.Description(), metric.WithDescription}, {cfg.Unit(), metric.WithUnit},
	} {
		if clean := g.text(text.is); clean != text.is {
			if o, ok := text.option(clean).(O); ok {
				opts = append(slices.Clip(opts), o)
			}
		}
	}
	return opts
}

// cleanOptions returns the options of a measurement with clean attributes.
func cleanOptions[O any](g *gate, opts []O, attrs *attribute.Set) []O {
	clean := g.measured(attrs)
	if clean == nil {
		return opts
	}
	if o, ok := clean.(O); ok {
		// The API merges attributes of options, so the original options must be removed.
		return append(experimental(opts), o)
	}
	return opts
}

func (g *gate) add(opts []metric.AddOption) []metric.AddOption {
	if len(opts) == 0 {
		return nil
	}
	cfg := metric.NewAddConfig(opts)
	attrs := cfg.Attributes()
	return cleanOptions(g, opts, &attrs)
}

func (g *gate) record(opts []metric.RecordOption) []metric.RecordOption {
	if len(opts) == 0 {
		return nil
	}
	cfg := metric.NewRecordConfig(opts)
	attrs := cfg.Attributes()
	return cleanOptions(g, opts, &attrs)
}

func (g *gate) observe(opts []metric.ObserveOption) []metric.ObserveOption {
	if g == nil || len(opts) == 0 {
		return opts
	}
	cfg := metric.NewObserveConfig(opts)
	attrs := cfg.Attributes()
	return cleanOptions(g, opts, &attrs)
}
