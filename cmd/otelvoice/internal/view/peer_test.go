// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/api"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/index"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/testing/viewer"
)

// What another framework sends is shown in the same words.
func TestCallsOfOtherFrameworks(t *testing.T) {
	for _, tt := range []struct {
		file          string
		agent, model  string
		latencies     []float64
		interruptions int
	}{
		{"livekit-bargein", "default_agent", "gpt-4o", []float64{3.302, 3.448}, 1},
		{"pipecat", "pipecat-bot", "gpt-4o", []float64{1.24, 0.98}, 1},
	} {
		t.Run(tt.file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("..", "peer", "testdata", tt.file+".json"))
			if err != nil {
				t.Fatal(err)
			}
			a := start(t, anywhere())
			post(t, a.OTLPHTTP, string(text))
			var list api.List
			var row index.Row
			viewer.Eventually(t, a.Pages, "the call is listed", func() bool {
				get(t, a.Pages, "/api/calls", &list)
				return len(list.Calls) == 1 && json.Unmarshal(list.Calls[0], &row) == nil && !row.IsOpen
			})
			if row.Agent != tt.agent || row.Interruptions != tt.interruptions || len(row.Latencies) != 2 ||
				row.Latencies[0] != tt.latencies[0] || row.Latencies[1] != tt.latencies[1] {
				t.Errorf("%+v", row)
			}
			var latency api.Latency
			get(t, a.Pages, "/api/latency?by=model", &latency)
			if len(latency.Groups) != 1 || latency.Groups[0].Name != tt.model {
				t.Errorf("%+v", latency)
			}
		})
	}
}
