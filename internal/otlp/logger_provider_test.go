// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// A record waits for others, but not for long.
func TestInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var put atomic.Int64
		p := otlp.NewLoggerProvider(otlp.BatchConfig{Interval: time.Second, Batch: 10, Put: func(_ []byte, records int) error {
			put.Add(int64(records))
			return errors.New("counted elsewhere")
		}})
		logger := p.Logger("m")
		logger.Emit(t.Context(), record())
		<-time.After(999 * time.Millisecond)
		synctest.Wait()
		if n := put.Load(); n != 0 {
			t.Errorf("%d records were sent before the interval's end", n)
		}
		<-time.After(2 * time.Millisecond)
		synctest.Wait()
		if n := put.Load(); n != 1 {
			t.Errorf("%d records were sent after it", n)
		}
		for range 10 { // A full batch does not wait.
			logger.Emit(t.Context(), record())
		}
		synctest.Wait()
		if n := put.Load(); n != 11 {
			t.Errorf("%d records were sent when a request was full", n)
		}
		logger.Emit(t.Context(), record())
		if err := p.ForceFlush(t.Context()); err != nil || put.Load() != 12 {
			t.Errorf("%d records were sent by a flush, %v", put.Load(), err)
		}
		logger.Emit(t.Context(), record())
		if err := errors.Join(p.Shutdown(t.Context()), p.Shutdown(t.Context()), p.ForceFlush(t.Context())); err != nil || put.Load() != 13 {
			t.Errorf("%d records were sent by Shutdown, %v", put.Load(), err)
		}
		logger.Emit(t.Context(), record())
	})
}

// A logging call does not wait for an exporter that accepts no requests. Records beyond the
// queue's capacity are counted.
func TestNoRoom(t *testing.T) {
	for _, tt := range []struct {
		name string
		text string
		most int
	}{
		{"records", "x", 100},
		{"bytes", strings.Repeat("x", 16<<20), 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			hold := make(chan struct{})
			var put, lost atomic.Int64
			p := otlp.NewLoggerProvider(otlp.BatchConfig{
				Size: 100, Batch: 10, Lost: func(n int) { lost.Add(int64(n)) },
				Put: func(_ []byte, records int) error {
					<-hold
					put.Add(int64(records))
					return nil
				},
			})
			logger := p.Logger("m")
			r := record(attribute.String("text", tt.text))
			for range tt.most + 3 {
				logger.Emit(t.Context(), r)
			}
			if n := lost.Load(); n < 3 || n > 4 {
				t.Errorf("%d are lost, want 3 or, for what a record has beside its text, 4", n)
			}
			ended, cancel := context.WithCancel(t.Context())
			cancel()
			if err := p.ForceFlush(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("a flush that cannot be done returned %v", err)
			}
			if err := p.Shutdown(ended); !errors.Is(err, context.Canceled) {
				t.Errorf("a Shutdown that cannot be done returned %v", err)
			}
			close(hold)
			if err := p.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if sum := put.Load() + lost.Load(); sum != int64(tt.most)+3 {
				t.Errorf("%d are sent or lost, of %d", sum, tt.most+3)
			}
		})
	}
}

// A reused batch contains none of its earlier records.
func TestUsedAgain(t *testing.T) {
	var got []string
	p := otlp.NewLoggerProvider(otlp.BatchConfig{Put: func(request []byte, _ int) error {
		var text string
		for _, s := range decoded(t, request).GetResourceLogs()[0].GetScopeLogs() {
			text += fmt.Sprintf(" %s:%d", s.GetScope().GetName(), len(s.GetLogRecords()))
		}
		got = append(got, text)
		return nil
	}})
	for _, names := range [][]string{{"a", "b"}, {"b"}, {"a", "a"}, {"c"}, {"b", "c"}} {
		for _, name := range names {
			p.Logger(name).Emit(t.Context(), record())
		}
		if err := p.ForceFlush(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if want := " a:1 b:1, b:1, a:2, c:1, b:1 c:1"; strings.Join(got, ",") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ","), want)
	}
}

// Records that many goroutines emit at once are neither lost nor mixed.
func TestParallel(t *testing.T) {
	const writers, each = 8, 500
	var put atomic.Int64
	p := otlp.NewLoggerProvider(otlp.BatchConfig{Batch: 64, Put: func(request []byte, records int) error {
		n := 0
		for _, res := range decoded(t, request).GetResourceLogs() {
			for _, s := range res.GetScopeLogs() {
				n += len(s.GetLogRecords())
			}
		}
		if n != records {
			t.Errorf("%d records in a request of %d", n, records)
		}
		put.Add(int64(n))
		return nil
	}})
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			logger := p.Logger("m")
			for i := range each {
				logger.Emit(t.Context(), record(attribute.Int("i", i)))
			}
		})
	}
	wg.Wait()
	if err := p.Shutdown(t.Context()); err != nil || put.Load() != writers*each {
		t.Errorf("%d of %d were sent, %v", put.Load(), writers*each, err)
	}
}

func BenchmarkEmit(b *testing.B) {
	p := otlp.NewLoggerProvider(otlp.BatchConfig{Put: func([]byte, int) error { return nil }})
	b.Cleanup(func() { _ = p.Shutdown(context.Background()) })
	logger := p.Logger("m")
	r := record(attribute.String("provider", "openai"), attribute.String("model", "gpt-4o-mini"), attribute.Int("tokens", 57), attribute.Float64("ttft", .312))
	ctx := inSpan(context.Background())
	b.ReportAllocs()
	for b.Loop() {
		logger.Emit(ctx, r)
	}
}
