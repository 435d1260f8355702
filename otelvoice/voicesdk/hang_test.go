// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/metric"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// hang is a case in which the program's own code hangs.
type hang struct {
	name string
	// options are given to Setup; hang blocks until the test ends.
	options func(hang func()) []voicesdk.Option
	// before makes it hang during a call; may be nil.
	before func(tel *voicesdk.SDK, session *otelvoice.Session, hang func())
	// inFlush, inShutdown and atEnd report what hangs: ForceFlush, Shutdown, or a session's end.
	inFlush, inShutdown, atEnd bool
	named                      string // What the error names.
	lost                       bool   // No span arrives where the test looks.
	real                       bool   // The code holds a lock; synctest's clock stops while others wait for the lock.
}

func processor(p sdktrace.SpanProcessor) []voicesdk.Option {
	return []voicesdk.Option{voicesdk.WithSpanProcessor(p)}
}

var hangs = []hang{
	{
		name: "metric callback", inFlush: true, inShutdown: true, named: "the metric reader *metric.PeriodicReader",
		options: func(func()) []voicesdk.Option {
			exporter, _ := stdoutmetric.New(stdoutmetric.WithWriter(io.Discard))
			return []voicesdk.Option{voicesdk.WithMetricReader(sdkmetric.NewPeriodicReader(exporter, sdkmetric.WithInterval(time.Hour)))}
		},
		before: func(tel *voicesdk.SDK, _ *otelvoice.Session, hang func()) {
			_, _ = tel.MeterProvider().Meter("m").Int64ObservableGauge("g", metric.WithInt64Callback(func(context.Context, metric.Int64Observer) error {
				hang()
				return nil
			}))
		},
	},
	{
		name: "span processor's OnEnd", inShutdown: true, atEnd: true, named: "a span processor",
		options: func(hang func()) []voicesdk.Option { return processor(&fault{end: hang}) },
	},
	{
		name: "span processor's ForceFlush", inFlush: true, named: "the span processor *voicesdk_test.fault",
		options: func(hang func()) []voicesdk.Option { return processor(&fault{flush: hang}) },
	},
	{
		name: "span processor's Shutdown", inShutdown: true, named: "the span processor *voicesdk_test.fault",
		options: func(hang func()) []voicesdk.Option { return processor(&fault{shutdown: hang}) },
	},
	{
		name: "log processor's OnEmit", inShutdown: true, atEnd: true, named: "a log processor",
		options: func(hang func()) []voicesdk.Option {
			return []voicesdk.Option{voicesdk.WithLogProcessor(&logFault{emit: hang})}
		},
	},
	{
		name: "log processor's ForceFlush", inFlush: true, named: "the log processor *voicesdk_test.logFault",
		options: func(hang func()) []voicesdk.Option {
			return []voicesdk.Option{voicesdk.WithLogProcessor(&logFault{flush: hang})}
		},
	},
	{
		name: "log processor's Shutdown", inShutdown: true, named: "the log processor *voicesdk_test.logFault",
		options: func(hang func()) []voicesdk.Option {
			return []voicesdk.Option{voicesdk.WithLogProcessor(&logFault{shutdown: hang})}
		},
	},
	{
		name: "metric reader", inFlush: true, inShutdown: true, named: "the metric reader voicesdk_test.readerFault",
		options: func(hang func()) []voicesdk.Option {
			return []voicesdk.Option{voicesdk.WithMetricReader(readerFault{sdkmetric.NewManualReader(), hang, hang})}
		},
	},
	{
		name: "exporter of a provider that was brought", inShutdown: true, named: "the tracer provider",
		options: func(hang func()) []voicesdk.Option {
			return []voicesdk.Option{
				voicesdk.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporterFault{hang}))),
				voicesdk.WithOwnedProviders(),
			}
		},
		lost: true,
	},
	{
		name: "processor of a provider that was brought", inFlush: true, inShutdown: true, named: "the tracer provider",
		options: func(hang func()) []voicesdk.Option {
			return []voicesdk.Option{
				voicesdk.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(&fault{flush: hang, shutdown: hang}))),
				voicesdk.WithOwnedProviders(),
			}
		},
		lost: true,
	},
	{
		name: "provider of loggers that was brought", inFlush: true, inShutdown: true, named: "the logger provider",
		options: func(hang func()) []voicesdk.Option {
			return []voicesdk.Option{
				voicesdk.WithLoggerProvider(sdklog.NewLoggerProvider(sdklog.WithProcessor(&logFault{flush: hang, shutdown: hang}))),
				voicesdk.WithOwnedProviders(),
			}
		},
	},
	{
		name: "observer of turns", inShutdown: true, atEnd: true, named: "an observer of turns",
		options: func(func()) []voicesdk.Option { return nil },
		before: func(_ *voicesdk.SDK, session *otelvoice.Session, hang func()) {
			session.OnTurn(func(*otelvoice.Turn) func() { return hang })
		},
	},
	{
		name: "output", inShutdown: true, atEnd: true, named: "output: console", real: true,
		options: func(hang func()) []voicesdk.Option { return []voicesdk.Option{voicesdk.WithLogWriter(stuck{hang})} },
	},
	{
		name: "start of a span", inShutdown: true, atEnd: true, named: "the start of a span",
		options: func(hang func()) []voicesdk.Option { return processor(&fault{start: hang}) },
	},
}

// stuck is an output that hangs.
type stuck struct{ hang func() }

func (s stuck) Write(p []byte) (int, error) {
	s.hang()
	return len(p), nil
}

// Whatever hangs, a flush and the end of the process return by their deadline, and the error
// names what hangs. Everything else arrives: the spans of the open calls, the lines and the
// metrics. The abandoned call returns later without doing harm.
func TestProcessEndsInTimeWhateverHangs(t *testing.T) {
	const timeout = 5 * time.Second
	for _, tt := range hangs {
		for _, end := range []struct {
			name string
			do   func(t *testing.T, tel *voicesdk.SDK) error
		}{
			{"Shutdown", func(t *testing.T, tel *voicesdk.SDK) error { t.Helper(); return tel.Shutdown(t.Context()) }},
			{"Shutdown with a deadline", func(t *testing.T, tel *voicesdk.SDK) error {
				t.Helper()
				ctx, cancel := context.WithTimeout(t.Context(), timeout/2)
				defer cancel()
				return tel.Shutdown(ctx)
			}},
			{"Shutdown after Ctrl-C", func(t *testing.T, tel *voicesdk.SDK) error {
				t.Helper()
				ctx, cancel := context.WithCancel(t.Context())
				cancel()
				return tel.Shutdown(ctx)
			}},
			{"ForceFlush", func(t *testing.T, tel *voicesdk.SDK) error { t.Helper(); return tel.ForceFlush(t.Context()) }},
			{"CatchPanic", func(t *testing.T, tel *voicesdk.SDK) error {
				t.Helper()
				func() {
					defer func() {
						if v := recover(); v != "no more tea" {
							t.Errorf("it goes on as %v", v)
						}
					}()
					defer tel.CatchPanic()
					panic("no more tea")
				}()
				return tel.Shutdown(t.Context()) // A second call, after Shutdown has ended.
			}},
		} {
			if end.name == "ForceFlush" && !tt.inFlush {
				continue
			}
			t.Run(tt.name+"/"+end.name, func(t *testing.T) {
				if tt.real {
					endsInTime(t, tt, end.name, end.do, timeout/10, time.Minute)
					return
				}
				synctest.Test(t, func(t *testing.T) { endsInTime(t, tt, end.name, end.do, timeout, timeout) })
			})
		}
	}
}

func endsInTime(t *testing.T, tt hang, how string, end func(*testing.T, *voicesdk.SDK) error, timeout, limit time.Duration) {
	t.Helper()
	release := make(chan struct{})
	var hanging atomic.Bool
	hang := func() {
		if hanging.Load() {
			<-release
		}
	}
	rec := voicetest.NewRecorder()
	var out lockedBuffer
	options := append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithLogWriter(&out), voicesdk.WithShutdownTimeout(timeout), variables())
	tel, err := voicesdk.Setup(t.Context(), append(options, tt.options(hang)...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, session := tel.StartSession(t.Context())
	if tt.before != nil {
		tt.before(tel, session, hang)
	}
	ctx, turn := session.StartTurn(ctx)
	turn.StartLLM(ctx, gpt)
	if tt.named == "the start of a span" {
		hanging.Store(true)
		go tel.StartSession(t.Context())
		synctest.Wait()
	}
	hanging.Store(true)
	begin := time.Now()
	err = end(t, tel)
	if took := time.Since(begin); took > limit {
		t.Errorf("it took %s of %s", took, timeout)
	}
	hangs := tt.inShutdown || how == "ForceFlush"
	if hangs && (err == nil || !strings.Contains(err.Error(), tt.named)) {
		t.Errorf("the error does not name %q: %v", tt.named, err)
	}
	if !hangs && err != nil {
		t.Errorf("nothing hangs in %s, and yet: %v", how, err)
	}
	if how != "ForceFlush" && !tt.lost {
		if got := len(rec.Spans()); got != 3 && tt.name != "observer of turns" {
			t.Errorf("%d of the call's 3 spans arrived: %v", got, rec.Spans())
		}
	}
	if lines := string(bytes.Join(out.lines(), []byte("\n"))); hangs && tt.name != "output" && !strings.Contains(lines, "is incomplete") && !tt.atEnd {
		t.Errorf("no line reports it:\n%s", lines)
	}
	hanging.Store(false)
	close(release)
	if !tt.real {
		synctest.Wait()
	}
	if how == "ForceFlush" {
		if err := errors.Join(tel.ForceFlush(t.Context()), tel.Shutdown(t.Context())); err != nil {
			t.Errorf("nothing hangs any more, and yet: %v", err)
		}
	}
}

// A session that hangs keeps no other session open, and neither do hundreds of them.
func TestSessionsThatHangKeepNoOtherOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		rec := voicetest.NewRecorder()
		tel, err := voicesdk.Setup(t.Context(), append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
			voicesdk.WithLogWriter(io.Discard), variables())...)
		if err != nil {
			t.Fatal(err)
		}
		const all = 300
		for i := range all {
			ctx, session := tel.StartSession(t.Context())
			if i%3 == 0 {
				session.OnTurn(func(*otelvoice.Turn) func() { return func() { <-release } })
			}
			session.StartTurn(ctx)
		}
		begin := time.Now()
		if err := tel.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "an observer of turns") {
			t.Errorf("the error is %v", err)
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
		if n := len(rec.Spans()); n != 2*all {
			t.Errorf("%d spans arrived, want %d", n, 2*all)
		}
		close(release)
	})
}
