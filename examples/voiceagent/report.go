// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

func allWell(results []result) bool {
	for _, r := range results {
		if r.err != nil {
			return false
		}
	}
	return len(results) > 0
}

// report prints what happened and where to look next.
func report(w io.Writer, cfg settings, timeline string, results []result) {
	if len(results) == 0 {
		return
	}
	fmt.Fprintf(w, "\n%s", timeline)
	fmt.Fprintln(w, "\nThe calls, as their callers tell it:")
	for i, r := range results {
		summary := fmt.Sprintf("%d replies, %d of them cut short, %s of the agent's voice",
			r.Replies, r.Interrupted, r.Heard.Round(100*time.Millisecond))
		if r.err != nil {
			summary = r.err.Error()
		}
		fmt.Fprintf(w, "  %-3d %s  %s\n", i+1, r.CorrelationID, summary)
	}
	if cfg.speed != 1 {
		fmt.Fprintf(w, "All this at %v times the speed of life; with -speed 1 the times are those of real calls.\n", float64(cfg.speed))
	}
	if id := results[0].CorrelationID; id != "" {
		fmt.Fprintf(w, whereNext, id, strings.ReplaceAll(id, "-", ""))
	}
	if cfg.recordings != "" {
		fmt.Fprintf(w, whatIsHeard, cfg.recordings)
	}
}

const whereNext = `
Where to look next:
  the calls in the browser:
    go run ./examples/voiceagent -view
  everything about one call, in order (one file, the log of this run):
    go run ./examples/voiceagent > calls.jsonl
    jq -c 'select(.correlation_id == "%[1]s") | {timestamp, level, module, message, duration_ms}' calls.jsonl
  the same call in Jaeger, with the correlation ID as its trace ID:
    docker run -d -p 16686:16686 -p 4318:4318 jaegertracing/jaeger
    OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 go run ./examples/voiceagent
    http://localhost:16686/trace/%[2]s
  the first line of each stage too, and not only its last:
    LOG_LEVEL=DEBUG go run ./examples/voiceagent
`

const whatIsHeard = `  the latencies of this log against the silences in the recordings:
    for call in %[1]s/*.wav; do go run ./cmd/otelvoice verify -recording $call calls.jsonl; done
`
