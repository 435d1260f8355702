// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Command writer makes calls and writes each span, log record and metric point to a ledger file before
// it records them, so that tests find the items that are missing at the collector.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/e2e/ledger"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// book is the ledger file.
type book struct{ file *os.File }

func (b book) write(kind, id, group string) {
	_ = ledger.Write(b.file, kind, id, group)
}

func (b book) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (b book) OnEnd(span sdktrace.ReadOnlySpan) {
	sc := span.SpanContext()
	b.write("span", sc.SpanID().String(), sc.TraceID().String())
}

func (book) Shutdown(context.Context) error   { return nil }
func (book) ForceFlush(context.Context) error { return nil }

func main() {
	path := flag.String("ledger", "", "the file that is written to")
	calls := flag.Int("calls", 100, "how many calls go on at a time")
	pause := flag.Duration("pause", 100*time.Millisecond, "between the turns of a call")
	cancelled := flag.Bool("cancelled", false, "shut down with a context that is cancelled already")
	abrupt := flag.Bool("abrupt", false, "shut down in the middle of the calls, which go on")
	flag.Parse()
	if err := run(*path, *calls, *pause, *cancelled, *abrupt); err != nil {
		fmt.Fprintln(os.Stderr, "writer:", err)
		os.Exit(1)
	}
}

// run makes calls until it is asked to end.
func run(path string, calls int, pause time.Duration, cancelled, abrupt bool) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer file.Close()
	b := book{file}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	// An added processor runs before the exporter.
	tel, err := voicesdk.Setup(context.Background(), voicesdk.WithServiceName("writer"), voicesdk.WithSpanProcessor(b), voicesdk.WithShutdownTimeout(10*time.Second))
	if err != nil {
		return err
	}
	pid := strconv.Itoa(os.Getpid())
	var reads atomic.Int64
	meter := tel.MeterProvider().Meter("writer")
	sequence, err := meter.Int64ObservableGauge("ledger.sequence")
	if err != nil {
		return err
	}
	if _, err := meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		n := reads.Add(1)
		b.write("metric", pid+"-"+strconv.FormatInt(n, 10), pid)
		o.ObserveInt64(sequence, n)
		return nil
	}, sequence); err != nil {
		return err
	}
	var wg sync.WaitGroup
	talking := ctx
	if abrupt {
		talking = context.WithoutCancel(ctx)
	}
	for call := range calls {
		wg.Go(func() { talk(talking, tel.Telemetry, b, pid+"."+strconv.Itoa(call), pause) })
	}
	if abrupt {
		<-ctx.Done()
		fmt.Fprintln(os.Stderr, "shutdown begins:", time.Now().UnixNano())
		return tel.Shutdown(context.Background())
	}
	wg.Wait()
	fmt.Fprintln(os.Stderr, "slowest turn:", time.Duration(slowest.Load()))
	end := context.Background()
	if cancelled {
		end = ctx // Already cancelled.
	}
	return tel.Shutdown(end)
}

// slowest is the duration of the slowest turn in nanoseconds.
var slowest atomic.Int64

// talk makes calls, one after the other.
func talk(ctx context.Context, tel *otelvoice.Telemetry, b book, group string, pause time.Duration) {
	logger := tel.Logger("writer")
	for n := 0; ctx.Err() == nil; {
		sctx, session := tel.StartSession(context.WithoutCancel(ctx))
		for range 5 {
			start := time.Now()
			tctx, turn := session.StartTurn(sctx)
			_, llm := turn.StartLLM(tctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
			llm.FirstToken()
			llm.End(nil)
			n++
			id := group + "." + strconv.Itoa(n)
			b.write("log", id, group)
			logger.LogAttrs(tctx, slog.LevelInfo, "spoken", slog.String("ledger.id", id))
			turn.End()
			took := int64(time.Since(start))
			for before := slowest.Load(); took > before && !slowest.CompareAndSwap(before, took); before = slowest.Load() {
			}
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
		}
		session.End()
	}
}
