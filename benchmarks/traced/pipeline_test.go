// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/benchmarks/paired"
)

// The pipeline answers all calls, and records them when telemetry is enabled.
func TestPipelinesAnswer(t *testing.T) {
	for i, c := range pipelines(sinks{}) {
		t.Run(c.Name, func(t *testing.T) {
			got := recordingOf(t, sdktrace.AlwaysSample(), 3, func(s sinks) paired.Contender { return pipelines(s)[i] })
			if want := []int{0, 3 * 6, 3 * 6}[i]; len(got.spans) != want { // Two sentences are two syntheses.
				t.Errorf("%d spans, want %d: %s", len(got.spans), want, strings.Join(got.spans, "\n"))
			}
			if (got.lines > 0) != (i == 2) {
				t.Errorf("%d lines", got.lines)
			}
		})
	}
}
