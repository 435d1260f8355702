// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
)

const targetInfoHelp = "Target metadata"

// target is the target_info metric, whose labels are the resource. It is built once.
type target struct {
	of     *resource.Resource
	metric *dto.Metric
}

// info returns the target_info metric. It omits attributes that cannot be labels.
func (t *target) info(res *resource.Resource, namer otlptranslator.LabelNamer) *dto.Metric {
	if res == t.of && t.metric != nil {
		return t.metric
	}
	values := make(map[string][]string)
	for iter := res.Iter(); iter.Next(); {
		kv := iter.Attribute()
		if name, ok := labelName(kv.Key, namer); ok {
			values[name] = append(values[name], kv.Value.String())
		}
	}
	labels := make(prometheus.Labels, len(values))
	for name, of := range values {
		slices.Sort(of) // OpenTelemetry's exporter does the same with names that become equal.
		labels[name] = strings.Join(of, ";")
	}
	made := &dto.Metric{}
	m, err := prometheus.NewConstMetric(prometheus.NewDesc(targetInfo, targetInfoHelp, nil, labels), prometheus.GaugeValue, 1)
	if err != nil || m.Write(made) != nil {
		return nil
	}
	t.of, t.metric = res, made
	return made
}

// labelName returns the label name of an attribute, and whether it is valid.
func labelName(key attribute.Key, namer otlptranslator.LabelNamer) (string, bool) {
	name, err := namer.Build(string(key))
	return name, err == nil && !strings.HasPrefix(name, "__")
}

// withExemplars returns a metric whose exemplars can be served. If one exemplar's attributes do not fit,
// OpenTelemetry's exporter serves no exemplar of the point and reports an error for each scrape. Such
// an exemplar therefore loses its attributes and keeps its trace ID.
func (t *translator) withExemplars(m metricdata.Metrics) metricdata.Metrics {
	switch d := m.Data.(type) {
	case metricdata.Sum[int64]:
		d.DataPoints = pointsWith(d.DataPoints, t, func(p *metricdata.DataPoint[int64]) *[]metricdata.Exemplar[int64] { return &p.Exemplars })
		m.Data = d
	case metricdata.Sum[float64]:
		d.DataPoints = pointsWith(d.DataPoints, t, func(p *metricdata.DataPoint[float64]) *[]metricdata.Exemplar[float64] { return &p.Exemplars })
		m.Data = d
	case metricdata.Histogram[int64]:
		d.DataPoints = pointsWith(d.DataPoints, t, func(p *metricdata.HistogramDataPoint[int64]) *[]metricdata.Exemplar[int64] { return &p.Exemplars })
		m.Data = d
	case metricdata.Histogram[float64]:
		d.DataPoints = pointsWith(d.DataPoints, t, func(p *metricdata.HistogramDataPoint[float64]) *[]metricdata.Exemplar[float64] { return &p.Exemplars })
		m.Data = d
	case metricdata.ExponentialHistogram[int64]:
		d.DataPoints = pointsWith(d.DataPoints, t, func(p *metricdata.ExponentialHistogramDataPoint[int64]) *[]metricdata.Exemplar[int64] {
			return &p.Exemplars
		})
		m.Data = d
	case metricdata.ExponentialHistogram[float64]:
		d.DataPoints = pointsWith(d.DataPoints, t, func(p *metricdata.ExponentialHistogramDataPoint[float64]) *[]metricdata.Exemplar[float64] {
			return &p.Exemplars
		})
		m.Data = d
	}
	return m
}

func pointsWith[P any, N int64 | float64](points []P, t *translator, of func(*P) *[]metricdata.Exemplar[N]) []P {
	copied := false
	for i := range points {
		kept := *of(&points[i])
		changed := false
		for j := range kept {
			if attrs := kept[j].FilteredAttributes; len(attrs) > 0 && !t.fit(attrs) {
				if !changed {
					kept, changed = slices.Clone(kept), true
				}
				kept[j].FilteredAttributes = nil
			}
		}
		if !changed {
			continue
		}
		if !copied {
			points, copied = slices.Clone(points), true
		}
		*of(&points[i]) = kept
	}
	return points
}

// idRunes is the part of an exemplar's rune limit that the trace and span IDs use.
const idRunes = len(otlptranslator.ExemplarTraceIDKey) + 32 + len(otlptranslator.ExemplarSpanIDKey) + 16

// fit reports whether attributes fit into an exemplar's labels.
func (t *translator) fit(attrs []attribute.KeyValue) bool {
	runes := idRunes
	for _, kv := range attrs {
		name, ok := labelName(kv.Key, t.labels)
		if !ok {
			return false
		}
		runes += utf8.RuneCountInString(name) + utf8.RuneCountInString(kv.Value.String())
	}
	return runes <= prometheus.ExemplarMaxRunes
}
