// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

const (
	interval = 10 * time.Second // Of progress lines.
	examples = 5                // How many correlation IDs the summary has.
)

// counted is a processor that counts the recorded spans that ended.
type counted struct{ spans atomic.Int64 }

var _ sdktrace.SpanProcessor = (*counted)(nil)

// OnStart implements the SDK's processor.
func (*counted) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// OnEnd implements the SDK's processor.
func (c *counted) OnEnd(sdktrace.ReadOnlySpan) { c.spans.Add(1) }

// Shutdown implements the SDK's processor.
func (*counted) Shutdown(context.Context) error { return nil }

// ForceFlush implements the SDK's processor.
func (*counted) ForceFlush(context.Context) error { return nil }

// A watch counts what is made and reports it.
type watch struct {
	tel   *voicesdk.SDK
	made  *counted
	to    io.Writer
	start time.Time

	calls, open, turns atomic.Int64

	mu  sync.Mutex
	ids []string // Correlation IDs of the first calls.
}

// remember keeps the first correlation IDs, with which the backend can be asked.
func (w *watch) remember(id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.ids) < examples {
		w.ids = append(w.ids, id)
	}
}

// report writes a line at each interval until it is stopped.
func (w *watch) report(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(interval)
		defer tick.Stop()
		before, at := int64(0), w.start
		for {
			select {
			case <-ctx.Done():
				return
			case now := <-tick.C:
				turns := w.turns.Load()
				_, _ = fmt.Fprintln(w.to, w.line(now, float64(turns-before)/now.Sub(at).Seconds()))
				before, at = turns, now
			}
		}
	})
	return func() { cancel(); done.Wait() }
}

// line is the state at a time, for people.
func (w *watch) line(now time.Time, rate float64) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%6s  %d calls in progress, %d turns (%.1f/s), %d spans", now.Sub(w.start).Round(time.Second), w.open.Load(), w.turns.Load(), rate, w.made.spans.Load())
	for _, s := range w.tel.Health().Sending {
		fmt.Fprintf(&b, "; %s: %d sent, %d waiting, %d lost", s.Signal, s.Sent, s.Items, total(s.Dropped))
		if !s.Delivering {
			fmt.Fprintf(&b, " (%s)", s.LastError)
		}
	}
	return b.String()
}

// A summary says what was made and what became of it. Items of metrics are data points.
type summary struct {
	Seconds        float64                   `json:"seconds"`
	Calls          int64                     `json:"calls"`
	Turns          int64                     `json:"turns"`
	TurnsPerSecond float64                   `json:"turns_per_second"`
	Spans          int64                     `json:"spans"`
	Signals        map[string]signalDelivery `json:"signals"`
	CorrelationIDs []string                  `json:"correlation_ids"`
}

// A signalDelivery is what became of the items of a signal.
type signalDelivery struct {
	Sent      int64            `json:"sent"`
	Retried   int64            `json:"retried"`
	Waiting   int              `json:"waiting"`
	Lost      map[string]int64 `json:"lost,omitempty"` // By reason.
	LastError string           `json:"last_error,omitempty"`
}

// summary returns what became of the calls, which took some time to make.
func (w *watch) summary(took time.Duration) summary {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := summary{
		Seconds: took.Seconds(), Calls: w.calls.Load(), Turns: w.turns.Load(), TurnsPerSecond: float64(w.turns.Load()) / took.Seconds(),
		Spans: w.made.spans.Load(), Signals: make(map[string]signalDelivery), CorrelationIDs: w.ids,
	}
	for _, h := range w.tel.Health().Sending {
		s.Signals[string(h.Signal)] = signalDelivery{Sent: h.Sent, Retried: h.Retried, Waiting: h.Items, Lost: h.Dropped, LastError: h.LastError}
	}
	return s
}

// lost reports whether something was lost or is not delivered.
func (s summary) lost() bool {
	if traces, ok := s.Signals[string(spool.Traces)]; ok && traces.Sent < s.Spans { // Not if traces are off.
		return true
	}
	for _, signal := range s.Signals {
		if signal.Waiting > 0 || total(signal.Lost) > 0 {
			return true
		}
	}
	return false
}

func total(lost map[string]int64) (n int64) {
	for _, items := range lost {
		n += items
	}
	return n
}
