// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package metricguard

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// CleanText makes the attributes of measurements, the descriptions and units of instruments and the
// scopes of meters valid UTF-8, before the other provider sees them. It is for a provider whose
// exporters are not ours: one stray byte would end its exports. A measurement costs a look at its
// attributes more, which is why it is not done where the exporters do it.
func (p *Provider) CleanText() *Provider {
	p.clean = true
	return p
}

// cleanScope returns the options of a meter with clean text.
func cleanScope(opts []metric.MeterOption) []metric.MeterOption {
	cfg := metric.NewMeterConfig(opts...)
	attrs, dirty := cleantext.Set(cfg.InstrumentationAttributes())
	if !dirty && cleantext.IsClean(cfg.InstrumentationVersion()) && cleantext.IsClean(cfg.SchemaURL()) {
		return opts
	}
	return append(experimental(opts),
		metric.WithInstrumentationVersion(cleantext.String(cfg.InstrumentationVersion())),
		metric.WithSchemaURL(cleantext.String(cfg.SchemaURL())),
		metric.WithInstrumentationAttributes(attrs.ToSlice()...))
}

// described is the configuration of an instrument.
type described interface {
	Description() string
	Unit() string
}

// cleanInstrument returns the options of an instrument with clean text: of those that say the
// same the last counts.
func cleanInstrument[O any](opts []O, cfg described) []O {
	for _, text := range [...]struct {
		is     string
		option func(string) metric.InstrumentOption
	}{
		{cfg.Description(), metric.WithDescription}, {cfg.Unit(), metric.WithUnit},
	} {
		if !cleantext.IsClean(text.is) {
			if o, ok := text.option(cleantext.String(text.is)).(O); ok {
				opts = append(slices.Clip(opts), o)
			}
		}
	}
	return opts
}

// cleanOptions returns the options of a measurement with clean attributes.
func cleanOptions[O any](opts []O, attrs attribute.Set) []O {
	clean, dirty := cleantext.Set(attrs)
	if !dirty {
		return opts
	}
	if o, ok := any(metric.WithAttributeSet(clean)).(O); ok {
		// Attributes of options are merged, so that the dirty ones must go.
		return append(experimental(opts), o)
	}
	return opts
}

func cleanAdd(opts []metric.AddOption) []metric.AddOption {
	if len(opts) == 0 {
		return nil
	}
	cfg := metric.NewAddConfig(opts)
	return cleanOptions(opts, cfg.Attributes())
}

func cleanRecord(opts []metric.RecordOption) []metric.RecordOption {
	if len(opts) == 0 {
		return nil
	}
	cfg := metric.NewRecordConfig(opts)
	return cleanOptions(opts, cfg.Attributes())
}

func cleanObserve(opts []metric.ObserveOption) []metric.ObserveOption {
	if len(opts) == 0 {
		return nil
	}
	cfg := metric.NewObserveConfig(opts)
	return cleanOptions(opts, cfg.Attributes())
}
