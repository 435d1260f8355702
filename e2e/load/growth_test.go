// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package load_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"testing"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/e2e/load"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// nowhere is a span processor that discards spans. With it, spans are recorded.
type nowhere struct{}

func (nowhere) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (nowhere) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (nowhere) Shutdown(context.Context) error                  { return nil }
func (nowhere) ForceFlush(context.Context) error                { return nil }

// crowd holds calls in progress, each with an open turn and an open stage.
type crowd struct {
	tel   *otelvoice.Telemetry
	log   *slog.Logger
	calls []call
	next  int
}

type call struct {
	ctx     context.Context // The context of the stage.
	session *otelvoice.Session
}

func newCrowd(tb testing.TB) *crowd {
	tb.Helper()
	tel, err := voicesdk.Setup(tb.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpanProcessor(nowhere{}),
		voicesdk.WithMetricReader(sdkmetric.NewManualReader()), voicesdk.WithLookupEnv(func(string) (string, bool) { return "", false }))
	if err != nil {
		tb.Fatal(err)
	}
	c := &crowd{tel: tel.Telemetry, log: tel.Logger("growth")}
	tb.Cleanup(func() {
		if err := tel.Shutdown(context.Background()); err != nil {
			tb.Error(err)
		}
	})
	return c
}

// grow begins calls until there are n. Each has had a turn and logged two records, because the second
// record fills the caches that later records use.
func (c *crowd) grow(calls int) {
	for len(c.calls) < calls {
		ctx, session := c.tel.StartSession(context.Background())
		load.Turn(ctx, session)
		ctx, turn := session.StartTurn(ctx)
		ctx, _ = turn.StartLLM(ctx, load.LLM)
		c.calls = append(c.calls, call{ctx, session})
		for range 2 {
			c.record(c.calls[len(c.calls)-1])
		}
	}
}

// leave ends all calls with their open turns and stages.
func (c *crowd) leave() {
	for _, call := range c.calls {
		call.session.End()
	}
	c.calls, c.next = nil, 0
}

// another returns the next call, in rotation.
func (c *crowd) another() call {
	c.next = (c.next + 1) % len(c.calls)
	return c.calls[c.next]
}

// turn adds a turn to a call, besides the one that is open.
func (c *crowd) turn(in call) { load.Turn(in.ctx, in.session) }

func (c *crowd) record(in call) {
	c.log.LogAttrs(in.ctx, slog.LevelInfo, "spoken",
		slog.String("provider", "openai"), slog.String("model", "gpt-4o-mini"), slog.String("language", "en"), slog.String("codec", "opus"),
		slog.Int("bytes", 48000), slog.Int("frames", 150), slog.Float64("confidence", .95), slog.Float64("seconds", 1.5))
}

// crowds are the numbers of concurrent calls.
var crowds = [...]int{10, 1000, 10_000}

// BenchmarkGrowth measures the CPU time of a turn and of a log record with ten, a thousand and ten
// thousand calls in progress, in rotation over the calls. An operation is ten thousand turns and a
// hundred thousand records with each number of calls. It reports the medians, as multiples of the
// time with ten calls in the same operation, and the heap size of a call in progress.
//
//	go -C e2e test ./load -run '^$' -bench Growth -benchtime 5x
func BenchmarkGrowth(b *testing.B) {
	const turns, records = 10_000, 100_000 // Enough for some garbage collections, whatever the number of calls.
	c := newCrowd(b)
	var turn, record [len(crowds)][]float64
	var held []float64
	took := func(n int, do func(in call)) float64 {
		runtime.GC() // Do not measure the garbage of the previous run.
		start := load.CPU()
		for range n {
			do(c.another())
		}
		return float64(load.CPU()-start) / float64(n)
	}
	for b.Loop() {
		before := heap()
		for i, calls := range crowds {
			c.grow(calls)
			turn[i] = append(turn[i], took(turns, c.turn))
			record[i] = append(record[i], took(records, c.record))
		}
		held = append(held, (heap()-before)/float64(len(c.calls)))
		c.leave()
	}
	b.ReportMetric(0, "ns/op")
	for i, calls := range crowds {
		b.ReportMetric(median(quotients(turn[i], turn[0])), fmt.Sprintf("x-turn-%d", calls))
		b.ReportMetric(median(quotients(record[i], record[0])), fmt.Sprintf("x-record-%d", calls))
	}
	b.ReportMetric(median(turn[0])/1e3, "µs/turn-of-10")
	b.ReportMetric(median(record[0])/1e3, "µs/record-of-10")
	b.ReportMetric(median(held), "B/call")
}

func quotients(of, by []float64) []float64 {
	q := make([]float64, len(of))
	for i := range of {
		q[i] = of[i] / by[i]
	}
	return q
}

func heap() float64 {
	runtime.GC()
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return float64(mem.HeapAlloc)
}
