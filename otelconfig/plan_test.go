// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"testing"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
)

// What waits for one tenant of a collector is not that of another. A single exporter keeps its place when its token
// changes.
func TestCollectorsHavePlacesOfTheirOwn(t *testing.T) {
	to := func(endpoint, tenant string) export.Signal {
		return export.Signal{OTLP: &export.Collector{Endpoint: endpoint, Headers: map[string]string{"X-Tenant": tenant}}}
	}
	p := &plan{others: []export.Signal{to("a", "alpha"), to("a", "beta"), to("b", "alpha"), to("a", "alpha"), to("a", "alpha")}}
	places := make(map[string]int)
	for i := range p.others {
		place := p.collectorOf(i)
		if other, ok := places[place]; ok {
			t.Errorf("exporters %d and %d share a place", other, i)
		}
		places[place] = i
	}
	before := (&plan{others: []export.Signal{to("a", "token 1"), to("b", "beta")}}).collectorOf(0)
	after := (&plan{others: []export.Signal{to("a", "token 2"), to("b", "beta")}}).collectorOf(0)
	if before != after {
		t.Errorf("the place of a single exporter changes from %q to %q", before, after)
	}
}
