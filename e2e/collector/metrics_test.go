// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package collector_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// TestOwnMetrics checks that collectors name their own metrics as alerts and dashboards do, with units
// and types.
func TestOwnMetrics(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"local.yaml", "agent.yaml", "gateway.yaml"} {
		t.Run(name, func(t *testing.T) {
			c := backend.NewCollector(t, []string{backend.Config(t, name), backend.Config(t, "pii.yaml")})
			text, err := backend.Get(t.Context(), c.Own)
			if err != nil {
				t.Fatal(err)
			}
			for _, metric := range []string{"otelcol_process_cpu_seconds_total", "otelcol_process_memory_rss_bytes", "otelcol_exporter_queue_capacity"} {
				if !strings.Contains(string(text), "\n"+metric+"{") {
					t.Errorf("no metric %s", metric)
				}
			}
		})
	}
}
