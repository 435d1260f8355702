// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/load"
	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/semconv"
)

// BenchmarkTurn measures the cost of a turn to the service's process while a thousand calls run
// as fast as possible: with telemetry sent to a collector, with telemetry that is recorded and
// discarded, and without telemetry. The calls record themselves, or a pipeline records them. An
// operation is 20,000 turns of each, after 10,000 warm-up turns; the median is reported.
//
//	go -C e2e test ./load -run '^$' -bench Turn -benchtime 3x
func BenchmarkTurn(b *testing.B) {
	for _, work := range []string{"hand", "pipe"} {
		b.Run(work, func(b *testing.B) {
			site, size := newSite(b), size{1000, 10, 3}
			turns := size.calls * size.turns
			var on, recorded, off, telemetry, memory, sent []float64
			for b.Loop() {
				args := func(telemetry string) []string { return size.args("-work", work, "-telemetry", telemetry) }
				before := site.front.Forwarded()
				all := serve(b, site.spooled(), nil, args("on")...)
				sent = append(sent, float64(site.front.Forwarded()-before)/float64(size.rounds*turns))
				on = append(on, µs(all.cpu(turns)))
				recorded = append(recorded, µs(serve(b, nil, nil, args("no-export")...).cpu(turns)))
				off = append(off, µs(serve(b, nil, nil, args("off")...).cpu(turns)))
				telemetry = append(telemetry, on[len(on)-1]-off[len(off)-1])
				memory = append(memory, float64(all.of(load.Ended).last().PeakRSS>>20))
				for _, h := range all.of(load.Ended).last().Sending {
					if len(h.Dropped) > 0 {
						b.Errorf("%s: %v lost", h.Signal, h.Dropped)
					}
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(on), "cpu-µs/turn")
			b.ReportMetric(median(recorded), "cpu-µs/turn-recorded")
			b.ReportMetric(median(off), "cpu-µs/turn-without")
			b.ReportMetric(median(telemetry), "telemetry-µs/turn")
			b.ReportMetric(median(memory), "peak-MB")
			b.ReportMetric(median(sent), "sent-B/turn")
		})
	}
}

// BenchmarkQueues measures how much of ten turns in each of a thousand calls is lost with the
// default queue sizes: with the pauses of a conversation in which each side speaks for a second
// or a quarter of one, and at full speed. The collector is on the same machine.
//
//	go -C e2e test ./load -run '^$' -bench Queues -benchtime 3x
func BenchmarkQueues(b *testing.B) {
	for _, bb := range []struct {
		name  string
		pause time.Duration
		disk  bool
	}{
		{"in memory, a turn a second", time.Second, false},
		{"in memory, four turns a second", time.Second / 4, false},
		{"in memory, without a pause", 0, false},
		{"on disk, without a pause", 0, true},
	} {
		b.Run(bb.name, func(b *testing.B) {
			site, size := newSite(b), size{1000, 10, 1}
			env := site.environment()
			if bb.disk {
				env = append(env, site.spool())
			}
			lost := make(map[spool.Signal]map[string]float64)
			turns := 0.
			for b.Loop() {
				said := serve(b, env, nil, size.args("-pause", bb.pause.String())...)
				turns += float64(size.calls*size.turns) / said.of(load.Made).last().Took.Seconds()
				for _, h := range said.of(load.Ended).last().Sending {
					if lost[h.Signal] == nil {
						lost[h.Signal] = make(map[string]float64)
					}
					for why, n := range h.Dropped {
						lost[h.Signal][why] += float64(n)
					}
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(turns/float64(b.N), "turns/s")
			for signal, n := range lost {
				if signal == spool.Metrics {
					continue
				}
				for _, why := range []string{semconv.VoiceSpoolDropReasonSampled, semconv.VoiceSpoolDropReasonFull, semconv.VoiceSpoolDropReasonBurst} {
					b.ReportMetric(100*n[why]/float64(b.N*size.spans()), fmt.Sprintf("%%-of-%s-%s", signal, why))
				}
			}
		})
	}
}

func µs(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
