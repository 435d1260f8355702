// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openmetrics

import (
	"cmp"
	"fmt"
	"slices"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// instrument is a metric of a scope.
type instrument struct {
	scope  instrumentation.Scope
	metric metricdata.Metrics
	rank   int
}

// identity identifies a metric across scrapes.
type identity struct {
	scope                         instrumentation.Scope
	name, unit, description, kind string
}

// order is the order in which instruments were first seen. The SDK returns scopes in any order, but the
// choice between two metrics in conflict must not change between scrapes.
type order map[identity]int

// sorted returns the metrics in the order in which they were first seen. New metrics are in the order
// in which they were created.
func (o *order) sorted(scopes []metricdata.ScopeMetrics) []instrument {
	if *o == nil {
		*o = make(order)
	}
	var known, fresh []instrument
	for _, s := range scopes {
		for _, m := range s.Metrics {
			i := instrument{scope: s.Scope, metric: m}
			var ok bool
			if i.rank, ok = (*o)[i.identity()]; ok {
				known = append(known, i)
			} else if pointsOf(m.Data) > 0 {
				fresh = append(fresh, i)
			}
		}
	}
	slices.SortStableFunc(fresh, func(a, b instrument) int {
		return cmp.Or(startOf(a.metric.Data).Compare(startOf(b.metric.Data)),
			cmp.Compare(a.scope.Name, b.scope.Name), cmp.Compare(a.scope.Version, b.scope.Version))
	})
	for i := range fresh {
		id := fresh[i].identity()
		if _, ok := (*o)[id]; !ok { // A view can give two metrics the same identity.
			(*o)[id] = len(*o)
		}
		fresh[i].rank = (*o)[id]
	}
	all := append(known, fresh...) //nolint:gocritic // The result is a separate list.
	slices.SortStableFunc(all, func(a, b instrument) int { return cmp.Compare(a.rank, b.rank) })
	return all
}

func (i *instrument) identity() identity {
	return identity{i.scope, i.metric.Name, i.metric.Unit, i.metric.Description, fmt.Sprintf("%T", i.metric.Data)}
}
