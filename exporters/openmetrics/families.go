// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"cmp"
	"hash/maphash"
	"maps"
	"slices"

	dto "github.com/prometheus/client_model/go"
)

// families are the metrics of one scrape.
type families struct {
	byName map[string]*dto.MetricFamily
	series map[uint64]struct{} // Hashes of names with labels.
	hash   maphash.Hash
}

func newFamilies(seed maphash.Seed) *families {
	f := &families{byName: make(map[string]*dto.MetricFamily), series: make(map[uint64]struct{})}
	f.hash.SetSeed(seed)
	return f
}

// add adds a point, and reports whether its series is new.
func (f *families) add(name, help string, kind dto.MetricType, point *dto.Metric) bool {
	slices.SortFunc(point.Label, func(a, b *dto.LabelPair) int { return cmp.Compare(a.GetName(), b.GetName()) })
	f.hash.Reset()
	f.write(name)
	for _, l := range point.Label {
		f.write(l.GetName())
		f.write(l.GetValue())
	}
	sum := f.hash.Sum64()
	if _, twice := f.series[sum]; twice {
		return false
	}
	f.series[sum] = struct{}{}
	family, ok := f.byName[name]
	if !ok {
		family = &dto.MetricFamily{Name: &name, Help: &help, Type: &kind}
		f.byName[name] = family
	}
	family.Metric = append(family.Metric, point)
	return true
}

func (f *families) write(s string) {
	_, _ = f.hash.WriteString(s) // Writes to a hash never fail.
	_ = f.hash.WriteByte(0xff)   // The byte does not occur in UTF-8.
}

// sorted returns the families in the order of Prometheus' registry.
func (f *families) sorted() []*dto.MetricFamily {
	out := make([]*dto.MetricFamily, 0, len(f.byName))
	for _, name := range slices.Sorted(maps.Keys(f.byName)) {
		family := f.byName[name]
		slices.SortStableFunc(family.Metric, func(a, b *dto.Metric) int {
			if n := cmp.Compare(len(a.Label), len(b.Label)); n != 0 {
				return n
			}
			for i := range a.Label {
				if n := cmp.Compare(a.Label[i].GetValue(), b.Label[i].GetValue()); n != 0 {
					return n
				}
			}
			return 0
		})
		out = append(out, family)
	}
	return out
}
