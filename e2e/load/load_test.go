// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"strconv"
	"testing"

	"github.com/voice-agents/telemetry/e2e/ledger"
	"github.com/voice-agents/telemetry/e2e/load"
	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/semconv"
)

// size is the size of a run.
type size struct{ calls, turns, rounds int }

func (s size) args(more ...string) []string {
	return append([]string{"-calls", strconv.Itoa(s.calls), "-turns", strconv.Itoa(s.turns), "-rounds", strconv.Itoa(s.rounds)}, more...)
}

// spans returns the number of spans of calls that are recorded by hand.
func (s size) spans() int { return s.rounds * s.calls * (1 + s.turns*load.SpansPerTurn) }

// thousand is a run with a thousand calls, or a hundred with -short.
func thousand(rounds int) size {
	if testing.Short() {
		return size{100, 10, rounds}
	}
	return size{1000, 10, rounds}
}

// A thousand concurrent calls of ten turns, as fast as the machine can make them, in three rounds: no
// item is lost or duplicated, and no memory or goroutine leaks.
func TestThousandCalls(t *testing.T) {
	site, size := newSite(t), thousand(3)
	said := serve(t, site.spooled(), nil, size.args("-ledger", site.ledger())...)
	bytes := site.front.Forwarded()
	off := serve(t, nil, nil, size.args("-telemetry", "off")...)

	ended := said.of(load.Ended).last()
	if ended.Spans != size.spans() {
		t.Errorf("%d spans were made, want %d", ended.Spans, size.spans())
	}
	for _, h := range ended.Sending {
		if len(h.Dropped) > 0 || h.Items > 0 || ended.LinesLost > 0 {
			t.Errorf("%s: %v lost, %d not sent; %d lines lost", h.Signal, h.Dropped, h.Items, ended.LinesLost)
		}
	}
	got := site.receipt(t)
	v := ledger.Judge(site.written(t), got.ids)
	if len(v.Written) != 2*size.spans() || len(v.Lost) > 0 || v.Twice > 0 || v.Foreign > 0 || got.own > 0 {
		t.Errorf("%s, and %d records about telemetry itself; want %d of each kind written, and no more", v, got.own, size.spans())
	}
	got.complete(t, size)
	said.flat(t)

	turns := size.calls * size.turns
	for _, r := range said.of(load.Delivered) {
		made := said.of(load.Made)[r.Round-1]
		t.Logf("round %d: made in %v, delivered after %v with %v of CPU; %d kB in use, %d goroutines", r.Round, made.Took, r.Took, r.CPU, r.Heap>>10, r.Goroutines)
	}
	on, none := said.cpu(turns), off.cpu(turns)
	t.Logf("a turn takes %v of CPU, %v without telemetry: telemetry takes %v; peak memory %d MB; %d bytes sent for each turn",
		on, none, on-none, ended.PeakRSS>>20, bytes/int64(size.rounds*turns))
}

// The same holds for a thousand calls of pipelines, each with goroutines of its own.
func TestThousandPipelines(t *testing.T) {
	site, size := newSite(t), thousand(2)
	size.turns = 2
	said := serve(t, site.spooled(), nil, size.args("-work", "pipe", "-ledger", site.ledger())...)
	got := site.receipt(t)
	v := ledger.Judge(site.written(t), got.ids)
	if len(v.Written) != 2*said.of(load.Ended).last().Spans || len(v.Lost) > 0 || v.Twice > 0 || v.Foreign > 0 || got.own > 0 {
		t.Errorf("%s, and %d records about telemetry itself", v, got.own)
	}
	if got := got.totals[semconv.MetricVoiceTurnCount().Name]; got != int64(size.rounds*size.calls*size.turns) {
		t.Errorf("%d turns were counted, want %d", got, size.rounds*size.calls*size.turns)
	}
	said.flat(t)
}

// complete checks that the metrics count all that was made.
func (r receipt) complete(t *testing.T, size size) {
	t.Helper()
	turns, calls := int64(size.rounds*size.calls*size.turns), int64(size.rounds*size.calls)
	for _, want := range []struct {
		metric semconv.Metric
		total  int64
	}{
		{semconv.MetricVoiceTurnCount(), turns},
		{semconv.MetricVoiceTurnResponseLatency(), turns},
		{semconv.MetricVoiceStageDuration(), 3 * turns},
		{semconv.MetricVoiceSTTFinalLatency(), turns},
		{semconv.MetricVoiceTTSTimeToFirstByte(), turns},
		{semconv.MetricGenAIClientInferenceDuration(), turns},
		{semconv.MetricGenAIClientInferenceUsageOutputTokens(), 24 * turns},
		{semconv.MetricVoiceSessionDuration(), calls},
		{semconv.MetricVoiceSessionActive(), 0},
	} {
		if got, ok := r.totals[want.metric.Name]; !ok || got != want.total {
			t.Errorf("%s is %d (%v), want %d", want.metric.Name, got, ok, want.total)
		}
	}
}

// flat checks that no round leaves more memory than the first. The buffers of requests are reused and
// take some megabytes, which varies. A leak of one span for each turn would take fifty.
func (r reports) flat(t *testing.T) {
	t.Helper()
	const room = 12 << 20
	rounds, ended := r.of(load.Delivered), r.of(load.Ended).last()
	first := rounds[0]
	for _, round := range rounds[1:] {
		if round.Heap > first.Heap+room {
			t.Errorf("round %d leaves %d kB in use, round 1 left %d kB", round.Round, round.Heap>>10, first.Heap>>10)
		}
		if round.Goroutines > first.Goroutines {
			t.Errorf("round %d leaves %d goroutines, round 1 left %d", round.Round, round.Goroutines, first.Goroutines)
		}
	}
	if ended.Goroutines > ended.Before {
		t.Errorf("%d goroutines are left, want %d as before", ended.Goroutines, ended.Before)
	}
}

// A collector that accepts nothing until the last call has ended delays no call. All items wait on
// disk, or in memory up to the limit. Above the limit the oldest are lost, and each span and record
// is counted.
func TestCollectorBehind(t *testing.T) {
	for _, where := range []string{"on disk", "in memory"} {
		t.Run(where, func(t *testing.T) {
			site, size := newSite(t), thousand(1)
			env := site.environment()
			if where == "on disk" {
				env = site.spooled()
			}
			release := site.front.Hold()
			defer release()
			said := serve(t, env, func(r load.Report) {
				if r.Phase == load.Made {
					release()
				}
			}, size.args("-ledger", site.ledger())...)

			got := site.receipt(t)
			v := ledger.Judge(site.written(t), got.ids)
			t.Logf("%s, and %d records about telemetry itself", v, got.own)
			if v.Twice > 0 || v.Foreign > 0 {
				t.Error("the collector received items that were not made, or received some twice")
			}
			made, ended := said.of(load.Made).last(), said.of(load.Ended).last()
			for i, h := range ended.Sending {
				waited := made.Sending[i]
				t.Logf("%s: %d items waited when the last call ended, %d bytes on disk, %d in memory; %d were sent, %v lost", h.Signal, waited.Items, waited.Disk, waited.Memory, h.Sent, h.Dropped)
				switch h.Signal {
				case spool.Traces:
					accounted(t, h, len(got.ids["span"]), size.spans(), 0)
				case spool.Logs:
					accounted(t, h, len(got.ids["log"])+got.own, size.spans(), ownLines)
				case spool.Metrics:
				}
			}
			if where == "on disk" && len(v.Lost) > 0 {
				t.Errorf("%d items were lost", len(v.Lost))
			}
			got.complete(t, size)
		})
	}
}

// ownLines is the maximum number of log lines about telemetry itself.
const ownLines = 16

// accounted checks that items that arrived are counted as sent and the others as lost.
func accounted(t *testing.T, h spool.Health, arrived, made, more int) {
	t.Helper()
	all := h.Sent
	for _, lost := range h.Dropped {
		all += lost
	}
	if h.Sent != int64(arrived) || all < int64(made) || all > int64(made+more) {
		t.Errorf("%s: %d of %d items arrived; %d are counted as sent, %v as lost", h.Signal, arrived, made, h.Sent, h.Dropped)
	}
}
