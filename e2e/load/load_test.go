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

// size is how much of it there is.
type size struct{ calls, turns, rounds int }

func (s size) args(more ...string) []string {
	return append([]string{"-calls", strconv.Itoa(s.calls), "-turns", strconv.Itoa(s.turns), "-rounds", strconv.Itoa(s.rounds)}, more...)
}

// spans is how many calls by hand make.
func (s size) spans() int { return s.rounds * s.calls * (1 + s.turns*load.SpansPerTurn) }

// thousand is a thousand calls, or a tenth of them when there is little time.
func thousand(rounds int) size {
	if testing.Short() {
		return size{100, 10, rounds}
	}
	return size{1000, 10, rounds}
}

// A thousand calls of ten turns, all at once and as fast as the machine makes them, three
// times over: nothing is lost, nothing comes twice, and nothing is left of them.
func TestThousandCalls(t *testing.T) {
	site, size := newSite(t), thousand(3)
	said := serve(t, site.spooled(), nil, size.args("-ledger", site.ledger())...)
	bytes := site.front.Handed()
	off := serve(t, nil, nil, size.args("-telemetry", "off")...)

	ended := said.of(load.Ended).last()
	if ended.Spans != size.spans() {
		t.Errorf("%d spans were made, want %d", ended.Spans, size.spans())
	}
	for _, h := range ended.Sending {
		if len(h.Dropped) > 0 || h.Items > 0 || ended.LinesLost > 0 {
			t.Errorf("%s: %v lost, %d left; %d lines lost", h.Signal, h.Dropped, h.Items, ended.LinesLost)
		}
	}
	got := site.receipt(t)
	v := ledger.Judge(site.written(t), got.ids)
	if len(v.Written) != 2*size.spans() || len(v.Lost) > 0 || v.Twice > 0 || v.Foreign > 0 || got.own > 0 {
		t.Errorf("%s, and %d records of telemetry's own; want %d of each written, and no more", v, got.own, size.spans())
	}
	got.complete(t, size)
	said.flat(t)

	turns := size.calls * size.turns
	for _, r := range said.of(load.Delivered) {
		made := said.of(load.Made)[r.Round-1]
		t.Logf("round %d: made in %v, delivered after %v with %v of CPU; %d kB in use, %d goroutines", r.Round, made.Took, r.Took, r.CPU, r.Heap>>10, r.Goroutines)
	}
	on, none := said.cpu(turns), off.cpu(turns)
	t.Logf("a turn costs %v of CPU, %v without telemetry: %v are telemetry's; %d MB at the most; %d bytes sent a turn",
		on, none, on-none, ended.PeakRSS>>20, bytes/int64(size.rounds*turns))
}

// A thousand calls that pipelines hold, each with goroutines of its own, lose and leave
// nothing either.
func TestThousandPipelines(t *testing.T) {
	site, size := newSite(t), thousand(2)
	size.turns = 2
	said := serve(t, site.spooled(), nil, size.args("-work", "pipe", "-ledger", site.ledger())...)
	got := site.receipt(t)
	v := ledger.Judge(site.written(t), got.ids)
	if len(v.Written) != 2*said.of(load.Ended).last().Spans || len(v.Lost) > 0 || v.Twice > 0 || v.Foreign > 0 || got.own > 0 {
		t.Errorf("%s, and %d records of telemetry's own", v, got.own)
	}
	if got := got.totals[semconv.MetricVoiceTurnCount().Name]; got != int64(size.rounds*size.calls*size.turns) {
		t.Errorf("%d turns were counted, of %d", got, size.rounds*size.calls*size.turns)
	}
	said.flat(t)
}

// complete holds that what was counted is what was made.
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
			t.Errorf("%s came to %d (%v), want %d", want.metric.Name, got, ok, want.total)
		}
	}
}

// flat holds that no round has left more than the first. The room that requests are made in
// is kept for the next ones if there is not too much of it, which is as it happens, and
// comes to some megabytes; if a span were left of each turn, it would be fifty.
func (r reports) flat(t *testing.T) {
	t.Helper()
	const room = 12 << 20
	rounds, ended := r.of(load.Delivered), r.of(load.Ended).last()
	first := rounds[0]
	for _, round := range rounds[1:] {
		if round.Heap > first.Heap+room {
			t.Errorf("round %d leaves %d kB in use, the first %d kB", round.Round, round.Heap>>10, first.Heap>>10)
		}
		if round.Goroutines > first.Goroutines {
			t.Errorf("round %d leaves %d goroutines, the first %d", round.Round, round.Goroutines, first.Goroutines)
		}
	}
	if ended.Goroutines > ended.Before {
		t.Errorf("%d goroutines are left, %d were there before", ended.Goroutines, ended.Before)
	}
}

// A collector that accepts nothing until the last call has ended delays no call. What it has not
// accepted waits: on disk all of it; in memory up to the limit, beyond which the oldest is lost
// and counted to the last span and record.
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
			t.Logf("%s, and %d records of telemetry's own", v, got.own)
			if v.Twice > 0 || v.Foreign > 0 {
				t.Error("something came that was not made, or came twice")
			}
			made, ended := said.of(load.Made).last(), said.of(load.Ended).last()
			for i, h := range ended.Sending {
				waited := made.Sending[i]
				t.Logf("%s: %d waited when the last call ended, %d bytes on disk, %d in memory; %d were sent, %v lost", h.Signal, waited.Items, waited.Disk, waited.Memory, h.Sent, h.Dropped)
				switch h.Signal {
				case spool.Traces:
					accounted(t, h, len(got.ids["span"]), size.spans(), 0)
				case spool.Logs:
					accounted(t, h, len(got.ids["log"])+got.own, size.spans(), ownLines)
				case spool.Metrics:
				}
			}
			if where == "on disk" && len(v.Lost) > 0 {
				t.Errorf("%d were lost", len(v.Lost))
			}
			got.complete(t, size)
		})
	}
}

// ownLines is how many lines telemetry may have about itself.
const ownLines = 16

// accounted holds that what arrived was counted as sent, and what did not as lost. So much
// more may have been made than is known.
func accounted(t *testing.T, h spool.Health, arrived, made, more int) {
	t.Helper()
	all := h.Sent
	for _, lost := range h.Dropped {
		all += lost
	}
	if h.Sent != int64(arrived) || all < int64(made) || all > int64(made+more) {
		t.Errorf("%s: %d arrived of %d; %d count as sent, and %v as lost", h.Signal, arrived, made, h.Sent, h.Dropped)
	}
}
