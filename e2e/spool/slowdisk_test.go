// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool_test

import (
	"context"
	"io"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/e2e/slowdisk"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// slowDisk makes a directory in which each write takes a given time.
func slowDisk(tb testing.TB, path string, delay time.Duration) {
	tb.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		tb.Fatal(err)
	}
	slowdisk.Mount(tb, path, func() { <-time.After(delay) })
}

// On a disk on which each write takes 50 ms, nothing is lost.
func TestSlowDisk(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	slowDisk(t, b.spool, 50*time.Millisecond)
	b.start(t)
	during(3 * time.Second)
	b.collector.Stop(t)
	during(3 * time.Second)
	b.collector.Start(t)
	during(3 * time.Second)
	b.end(t)
	b.drain(t)
	b.complete(t, 0)
}

// BenchmarkTurnOnSlowDisk measures the delay of a turn, with a thousand turns a second in a hundred
// calls, while the collector is down and each write to the disk takes 50 ms. It measures the same on
// a fast disk, because both include the delay by the garbage collector on a small machine. The
// promise is at most a millisecond for 99.9 % of the turns.
func BenchmarkTurnOnSlowDisk(b *testing.B) {
	for _, bb := range []struct {
		name  string
		delay time.Duration
	}{
		{"quick", 0},
		{"slow", 50 * time.Millisecond},
	} {
		b.Run(bb.name, func(b *testing.B) {
			dir := b.TempDir() + "/spool"
			slowDisk(b, dir, bb.delay)
			turnDelays(b, dir)
		})
	}
}

// turnDelays measures the turns of a hundred calls whose telemetry goes to dir.
func turnDelays(b *testing.B, dir string) {
	b.Helper()
	env := map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"}
	tel, err := voicesdk.Setup(b.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(io.Discard), voicesdk.WithSpool(dir),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok }))
	if err != nil {
		b.Fatal(err)
	}
	var (
		mu   sync.Mutex
		took []time.Duration
		wg   sync.WaitGroup
		next = make(chan struct{}, 100)
	)
	for range 100 {
		wg.Go(func() {
			ctx, session := tel.StartSession(context.Background())
			defer session.End()
			for range next {
				start := time.Now()
				tctx, turn := session.StartTurn(ctx)
				_, llm := turn.StartLLM(tctx, otelvoice.Model{Provider: "openai", Name: "gpt-4o-mini"})
				llm.FirstToken()
				llm.End(nil)
				turn.End()
				mu.Lock()
				took = append(took, time.Since(start))
				mu.Unlock()
			}
		})
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for b.Loop() {
		<-tick.C
		next <- struct{}{}
	}
	close(next)
	wg.Wait()
	lost := tel.Health().Lost()
	_ = tel.Shutdown(context.Background())
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(took[len(took)*999/1000].Microseconds()), "µs-p99.9")
	b.ReportMetric(float64(lost), "lost")
}
