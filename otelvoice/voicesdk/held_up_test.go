// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package voicesdk_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/otlptest"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// BenchmarkTurnHeldUp measures how long telemetry blocks each turn while a hundred calls run and
// a destination of the telemetry fails. It reports the median and the 99.9th percentile. The
// promise is 10 ms. "nothing at fault" measures the machine itself.
func BenchmarkTurnHeldUp(b *testing.B) {
	quiet := voicesdk.WithLogWriter(io.Discard)
	endpoint := func(url string) voicesdk.Option { return variables("OTEL_EXPORTER_OTLP_ENDPOINT", url) }
	const away = "http://127.0.0.1:1"
	for _, bb := range []struct {
		name string
		opts func(b *testing.B) []voicesdk.Option
	}{
		{"nothing at fault, nothing sent", func(*testing.B) []voicesdk.Option { return []voicesdk.Option{quiet, variables()} }},
		{"nothing at fault, all sent", func(b *testing.B) []voicesdk.Option {
			return []voicesdk.Option{quiet, endpoint(otlptest.NewReceiver(b).HTTPEndpoint())}
		}},
		{"collector away, in memory", func(*testing.B) []voicesdk.Option { return []voicesdk.Option{quiet, endpoint(away)} }},
		{"collector away, on disk", func(b *testing.B) []voicesdk.Option {
			return []voicesdk.Option{quiet, endpoint(away), voicesdk.WithSpool(b.TempDir())}
		}},
		{"collector hangs, on disk", func(b *testing.B) []voicesdk.Option {
			return []voicesdk.Option{quiet, endpoint("http://" + hangingServer(b)), voicesdk.WithSpool(b.TempDir())}
		}},
		{"stdout not read", func(b *testing.B) []voicesdk.Option {
			_, w := unread(b)
			return []voicesdk.Option{voicesdk.WithLogWriter(w), variables()}
		}},
		{"log file hangs", func(b *testing.B) []voicesdk.Option {
			path, _ := unreadFIFO(b)
			return []voicesdk.Option{voicesdk.WithoutConsole(), variables("LOG_FILE", path)}
		}},
		{"syslog away", func(*testing.B) []voicesdk.Option {
			return []voicesdk.Option{variables("LOG_OUTPUT", "syslog", "LOG_SYSLOG_ADDRESS", "tcp://127.0.0.1:1")}
		}},
		{"syslog hangs", func(b *testing.B) []voicesdk.Option {
			return []voicesdk.Option{variables("LOG_OUTPUT", "syslog", "LOG_SYSLOG_ADDRESS", "tcp://"+deafServer(b))}
		}},
	} {
		b.Run(bb.name, func(b *testing.B) { heldUp(b, bb.opts(b)...) })
	}
}

// hangingServer accepts requests and does not answer them.
func hangingServer(b *testing.B) (address string) {
	b.Helper()
	hold := make(chan struct{})
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hold })}
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go func() { _ = server.Serve(l) }()
	b.Cleanup(func() { close(hold); _ = server.Close() })
	return l.Addr().String()
}

// deafServer accepts connections and reads nothing.
func deafServer(b *testing.B) (address string) {
	b.Helper()
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	var (
		mu    sync.Mutex
		conns []net.Conn
	)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
		}
	}()
	b.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		defer mu.Unlock()
		for _, c := range conns {
			_ = c.Close()
		}
	})
	return l.Addr().String()
}

// heldUp measures the turns of a hundred calls at a thousand turns a second.
func heldUp(b *testing.B, opts ...voicesdk.Option) {
	b.Helper()
	tel, err := voicesdk.Setup(b.Context(), append(opts, voicesdk.WithoutGlobals(), voicesdk.WithShutdownTimeout(time.Second))...)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(context.Background()) }()
	const calls = 100
	var (
		mu   sync.Mutex
		took []time.Duration
		wg   sync.WaitGroup
		next = make(chan struct{}, calls)
	)
	for range calls {
		wg.Go(func() {
			ctx, session := tel.StartSession(b.Context())
			defer session.End()
			var own []time.Duration
			for range next {
				start := time.Now()
				tctx, turn := session.StartTurn(ctx)
				_, llm := turn.StartLLM(tctx, gpt)
				llm.FirstToken()
				llm.End(nil)
				turn.End()
				own = append(own, time.Since(start))
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, own...)
		})
	}
	// Each call has a turn every tenth of a second: fifty times as often as in a conversation.
	tick := time.NewTicker(time.Millisecond)
	for b.Loop() {
		<-tick.C
		next <- struct{}{}
	}
	tick.Stop()
	close(next)
	wg.Wait()
	slices.Sort(took)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "µs-median")
	b.ReportMetric(float64(took[len(took)*999/1000].Microseconds()), "µs-p99.9")
	b.ReportMetric(float64(took[len(took)-1].Microseconds()), "µs-max")
}
