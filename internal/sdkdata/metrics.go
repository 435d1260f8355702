// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdkdata

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/voice-agents/telemetry/internal/cleantext"
)

// Metrics returns metrics with clean text. Points whose attributes become equal are added;
// of gauge points the newest is kept. Exponential histograms and summaries keep all points.
func Metrics(rm *metricdata.ResourceMetrics) *metricdata.ResourceMetrics {
	res := Resource(rm.Resource)
	scopes, changed := each(rm.ScopeMetrics, cleanScopeMetrics)
	if !changed && res == rm.Resource {
		return rm
	}
	return &metricdata.ResourceMetrics{Resource: res, ScopeMetrics: scopes}
}

func cleanScopeMetrics(sm *metricdata.ScopeMetrics) bool {
	scope, dirty := Scope(sm.Scope)
	metrics, changed := each(sm.Metrics, cleanMetric)
	sm.Scope, sm.Metrics = scope, metrics
	return dirty || changed
}

func cleanMetric(m *metricdata.Metrics) (changed bool) {
	for _, text := range []*string{&m.Name, &m.Description, &m.Unit} {
		if !cleantext.IsClean(*text) {
			*text, changed = cleantext.String(*text), true
		}
	}
	data, dirty := aggregation(m.Data)
	m.Data = data
	return changed || dirty
}

// aggregation has a case for each of the SDK's types.
func aggregation(data metricdata.Aggregation) (_ metricdata.Aggregation, changed bool) {
	switch d := data.(type) {
	case metricdata.Gauge[int64]:
		d.DataPoints, changed = points(d.DataPoints, newest)
		return d, changed
	case metricdata.Gauge[float64]:
		d.DataPoints, changed = points(d.DataPoints, newest)
		return d, changed
	case metricdata.Sum[int64]:
		d.DataPoints, changed = points(d.DataPoints, add)
		return d, changed
	case metricdata.Sum[float64]:
		d.DataPoints, changed = points(d.DataPoints, add)
		return d, changed
	case metricdata.Histogram[int64]:
		d.DataPoints, changed = histogramPoints(d.DataPoints)
		return d, changed
	case metricdata.Histogram[float64]:
		d.DataPoints, changed = histogramPoints(d.DataPoints)
		return d, changed
	case metricdata.ExponentialHistogram[int64]:
		d.DataPoints, changed = each(d.DataPoints, exponentialPoint)
		return d, changed
	case metricdata.ExponentialHistogram[float64]:
		d.DataPoints, changed = each(d.DataPoints, exponentialPoint)
		return d, changed
	case metricdata.Summary:
		d.DataPoints, changed = each(d.DataPoints, func(p *metricdata.SummaryDataPoint) bool { return set(&p.Attributes) })
		return d, changed
	}
	return data, false
}

func points[N int64 | float64](of []metricdata.DataPoint[N], merge func(into, from *metricdata.DataPoint[N])) ([]metricdata.DataPoint[N], bool) {
	regrouped := false
	out, changed := each(of, func(p *metricdata.DataPoint[N]) bool {
		dirty := set(&p.Attributes)
		regrouped = regrouped || dirty
		return exemplars(&p.Exemplars) || dirty
	})
	if regrouped {
		out = merged(out, func(p *metricdata.DataPoint[N]) *attribute.Set { return &p.Attributes },
			func(into, from *metricdata.DataPoint[N]) bool {
				merge(into, from)
				return true
			})
	}
	return out, changed
}

func newest[N int64 | float64](into, from *metricdata.DataPoint[N]) {
	if !from.Time.Before(into.Time) {
		*into = *from
	}
}

func add[N int64 | float64](into, from *metricdata.DataPoint[N]) {
	into.Value += from.Value
	into.Exemplars = slices.Concat(into.Exemplars, from.Exemplars)
}

func histogramPoints[N int64 | float64](of []metricdata.HistogramDataPoint[N]) ([]metricdata.HistogramDataPoint[N], bool) {
	regrouped := false
	out, changed := each(of, func(p *metricdata.HistogramDataPoint[N]) bool {
		dirty := set(&p.Attributes)
		regrouped = regrouped || dirty
		return exemplars(&p.Exemplars) || dirty
	})
	if regrouped {
		out = merged(out, func(p *metricdata.HistogramDataPoint[N]) *attribute.Set { return &p.Attributes }, addHistogram)
	}
	return out, changed
}

// addHistogram adds one point to another, if they have the same buckets.
func addHistogram[N int64 | float64](into, from *metricdata.HistogramDataPoint[N]) bool {
	if !slices.Equal(into.Bounds, from.Bounds) || len(into.BucketCounts) != len(from.BucketCounts) {
		return false
	}
	into.BucketCounts = slices.Clone(into.BucketCounts)
	for i, n := range from.BucketCounts {
		into.BucketCounts[i] += n
	}
	into.Count += from.Count
	into.Sum += from.Sum
	into.Min = extremum(into.Min, from.Min, func(a, b N) N { return min(a, b) })
	into.Max = extremum(into.Max, from.Max, func(a, b N) N { return max(a, b) })
	into.Exemplars = slices.Concat(into.Exemplars, from.Exemplars)
	return true
}

func extremum[N int64 | float64](a, b metricdata.Extrema[N], of func(a, b N) N) metricdata.Extrema[N] {
	x, known := a.Value()
	y, alsoKnown := b.Value()
	switch {
	case !known:
		return b
	case !alsoKnown:
		return a
	}
	return metricdata.NewExtrema(of(x, y))
}

func exponentialPoint[N int64 | float64](p *metricdata.ExponentialHistogramDataPoint[N]) bool {
	dirty := set(&p.Attributes)
	return exemplars(&p.Exemplars) || dirty
}

func exemplars[N int64 | float64](of *[]metricdata.Exemplar[N]) (changed bool) {
	*of, changed = each(*of, func(e *metricdata.Exemplar[N]) (dirty bool) {
		e.FilteredAttributes, dirty = cleantext.Texts(e.FilteredAttributes)
		return dirty
	})
	return changed
}

func set(attrs *attribute.Set) (changed bool) {
	*attrs, changed = cleantext.Set(*attrs)
	return changed
}

// each applies clean to a copy of each element. It returns the new list and whether an element
// changed; if none did, it returns the original list.
func each[T any](list []T, clean func(*T) bool) ([]T, bool) {
	out, copied := list, false
	for i := range list {
		element := list[i]
		if !clean(&element) {
			continue
		}
		if !copied {
			out, copied = slices.Clone(list), true
		}
		out[i] = element
	}
	return out, copied
}

// merged merges points with equal attributes into the first of them, unless merge refuses. It
// modifies the slice.
func merged[P any](list []P, of func(*P) *attribute.Set, merge func(into, from *P) bool) []P {
	at := make(map[attribute.Distinct]int, len(list))
	kept := list[:0]
	for i := range list {
		key := of(&list[i]).Equivalent()
		if first, ok := at[key]; ok && merge(&kept[first], &list[i]) {
			continue
		} else if !ok {
			at[key] = len(kept)
		}
		kept = append(kept, list[i])
	}
	return kept
}
