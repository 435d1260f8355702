// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package traced

import (
	"fmt"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/benchmarks/paired"
)

// All contenders make the same spans, with the same attributes and events, and the same measurements.
func TestAllMakeTheSameTurn(t *testing.T) {
	for _, tt := range []struct {
		name    string
		sampler sdktrace.Sampler
		spans   int
	}{
		{"sampled", sdktrace.AlwaysSample(), 10},
		{"not sampled", sdktrace.NeverSample(), 0},
	} {
		lines := []int{0, 0, 2, 2 * 5} // None without a console; else one for the turn, and one for each stage.
		base := recordingOf(t, tt.sampler, 2, func(s sinks) paired.Contender { return turns(s)[0] })
		if len(base.spans) != tt.spans {
			t.Errorf("%s: the baseline makes %d spans: %v", tt.name, len(base.spans), base.spans)
		}
		if n := measured(base.metrics); n != 2*25 {
			t.Errorf("%s: the baseline makes %d measurements: %s", tt.name, n, strings.Join(base.metrics, "\n"))
		}
		for i, c := range turns(sinks{})[1:] {
			t.Run(tt.name+"/"+c.Name, func(t *testing.T) {
				got := recordingOf(t, tt.sampler, 2, func(s sinks) paired.Contender { return turns(s)[i+1] })
				same(t, "span", got.spans, base.spans)
				same(t, "metric", got.metrics, base.metrics)
				if got.lines != lines[i] {
					t.Errorf("%d lines, want %d", got.lines, lines[i])
				}
			})
		}
	}
}

// measured counts the measurements. A sum has no count; each sum here has one measurement for each of
// two turns.
func measured(metrics []string) (n int) {
	for _, m := range metrics {
		count := 2
		if value := m[strings.LastIndex(m, "]: ")+3:]; strings.Contains(value, " by ") {
			_, _ = fmt.Sscan(value, &count)
		}
		n += count
	}
	return n
}

// All contenders record one duration with the same attributes.
func TestAllMeasureTheSame(t *testing.T) {
	base := recordingOf(t, sdktrace.AlwaysSample(), 3, func(s sinks) paired.Contender { return measurements(s)[0] })
	if len(base.metrics) != 1 || measured(base.metrics) != 3 {
		t.Errorf("the baseline measures %v", base.metrics)
	}
	for i, c := range measurements(sinks{})[1:] {
		t.Run(c.Name, func(t *testing.T) {
			got := recordingOf(t, sdktrace.AlwaysSample(), 3, func(s sinks) paired.Contender { return measurements(s)[i+1] })
			same(t, "metric", got.metrics, base.metrics)
		})
	}
}
