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

// nowhere takes spans that are to be recorded all the same.
type nowhere struct{}

func (nowhere) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (nowhere) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (nowhere) Shutdown(context.Context) error                  { return nil }
func (nowhere) ForceFlush(context.Context) error                { return nil }

// crowd is calls that go on, each with a turn and a stage that are open.
type crowd struct {
	tel   *otelvoice.Telemetry
	log   *slog.Logger
	calls []call
	next  int
}

type call struct {
	ctx     context.Context // That of the stage.
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

// grow begins calls until there are so many. Each has had a turn and logged two records:
// for the second is made what those after it have in common.
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

// leave ends them all, and what is open in them.
func (c *crowd) leave() {
	for _, call := range c.calls {
		call.session.End()
	}
	c.calls, c.next = nil, 0
}

// another is the next of the calls: one after the other they have their turn.
func (c *crowd) another() call {
	c.next = (c.next + 1) % len(c.calls)
	return c.calls[c.next]
}

// turn is one more of a call, beside the one that is open.
func (c *crowd) turn(in call) { load.Turn(in.ctx, in.session) }

func (c *crowd) record(in call) {
	c.log.LogAttrs(in.ctx, slog.LevelInfo, "spoken",
		slog.String("provider", "openai"), slog.String("model", "gpt-4o-mini"), slog.String("language", "en"), slog.String("codec", "opus"),
		slog.Int("bytes", 48000), slog.Int("frames", 150), slog.Float64("confidence", .95), slog.Float64("seconds", 1.5))
}

// crowds are how many calls there are at a time.
var crowds = [...]int{10, 1000, 10_000}

// BenchmarkGrowth measures the CPU of a turn and a log record in one call of ten, of a thousand and of
// ten thousand that go on in a process, one call after the other having its turn. An
// operation is ten thousand turns and a hundred thousand records with each; reported are the
// medians, as multiples of what they take with ten in the same operation, and how much of
// the heap a call takes that goes on.
//
//	go -C e2e test ./load -run '^$' -bench Growth -benchtime 5x
func BenchmarkGrowth(b *testing.B) {
	const turns, records = 10_000, 100_000 // Some collections of garbage, however many calls there are.
	c := newCrowd(b)
	var turn, record [len(crowds)][]float64
	var held []float64
	took := func(n int, do func(in call)) float64 {
		runtime.GC() // What others have left is not this one's.
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
