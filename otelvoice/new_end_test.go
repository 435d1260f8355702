// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/log"
	lognoop "go.opentelemetry.io/otel/log/noop"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/semconv"
)

// hookedProcessor is a span processor that calls hooks; nil hooks are skipped.
type hookedProcessor struct{ start, end, flush func() }

func call0(hook func()) {
	if hook != nil {
		hook()
	}
}

func (p *hookedProcessor) OnStart(context.Context, sdktrace.ReadWriteSpan) { call0(p.start) }
func (p *hookedProcessor) OnEnd(sdktrace.ReadOnlySpan)                     { call0(p.end) }
func (p *hookedProcessor) ForceFlush(context.Context) error                { call0(p.flush); return nil }
func (*hookedProcessor) Shutdown(context.Context) error                    { return nil }

// ForceFlush flushes the program's providers and names the one that does not return.
func TestNewForceFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var flushed atomic.Int32
		own := newOwnSDK(sdktrace.WithSpanProcessor(&hookedProcessor{flush: func() { flushed.Add(1) }}))
		if err := own.start(t).ForceFlush(t.Context()); err != nil || flushed.Load() != 1 {
			t.Errorf("flushed %d times, %v", flushed.Load(), err)
		}

		release := make(chan struct{})
		own = newOwnSDK(sdktrace.WithSpanProcessor(&hookedProcessor{flush: func() { <-release }}))
		begin := time.Now()
		err := own.start(t).ForceFlush(t.Context())
		if took := time.Since(begin); took > 5*time.Second {
			t.Errorf("it took %s", took)
		}
		if !errors.Is(err, bounded.ErrLeftBehind) || !strings.Contains(err.Error(), "otelvoice: flush: ") || !strings.Contains(err.Error(), "*trace.TracerProvider") {
			t.Errorf("got %v", err)
		}
		close(release)
	})
}

// Providers without ForceFlush are not flushed.
func TestNewForceFlushWithoutFlushers(t *testing.T) {
	var none *otelvoice.Telemetry
	tel, err := otelvoice.New(otelvoice.WithTracerProvider(none.TracerProvider()), otelvoice.WithMeterProvider(none.MeterProvider()),
		otelvoice.WithLoggerProvider(lognoop.NewLoggerProvider()))
	if err != nil {
		t.Fatal(err)
	}
	oneCall(t.Context(), tel)
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
}

// Shutdown ends the open sessions once, and does not shut down the providers.
func TestNewShutdownEndsOpenSessions(t *testing.T) {
	own := newOwnSDK()
	tel := own.start(t)
	ctx, session := tel.StartSession(t.Context())
	ctx, turn := session.StartTurn(ctx)
	turn.StartLLM(ctx, gpt)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for range 2 {
		if err := tel.Shutdown(cancelled); err != nil {
			t.Error(err)
		}
	}
	if got := own.names(); !slices.Equal(got, spansOfOneCall) {
		t.Fatalf("the spans are %q", got)
	}
	reason, _ := spanAttribute(own.spans.Ended()[2], semconv.VoiceSessionEndReasonKey)
	if reason.AsString() != string(otelvoice.EndShutdown) {
		t.Errorf("the session's end reason is %q", reason.AsString())
	}
	oneCall(t.Context(), tel)
	if n := len(own.names()); n != 6 {
		t.Errorf("%d spans after Shutdown, want 6: the provider is the program's", n)
	}
}

// Shutdown returns in time if a component hangs, and the error names it.
func TestNewShutdownReturnsIfAComponentHangs(t *testing.T) {
	for _, tt := range []struct {
		name  string
		hooks func(hang func()) *hookedProcessor
		turn  bool
		named string
	}{
		{"span processor", func(hang func()) *hookedProcessor { return &hookedProcessor{end: hang} }, false, "a span processor"},
		{"observer of turns", func(func()) *hookedProcessor { return &hookedProcessor{} }, true, "an observer of turns"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				release := make(chan struct{})
				hang := func() { <-release }
				own := newOwnSDK(sdktrace.WithSpanProcessor(tt.hooks(hang)))
				tel := own.start(t)
				ctx, session := tel.StartSession(t.Context())
				if tt.turn {
					session.OnTurn(func(*otelvoice.Turn) func() { return hang })
				}
				session.StartTurn(ctx)
				begin := time.Now()
				err := tel.Shutdown(t.Context())
				if took := time.Since(begin); took > 5*time.Second {
					t.Errorf("it took %s", took)
				}
				if !errors.Is(err, bounded.ErrLeftBehind) || !strings.Contains(err.Error(), tt.named) {
					t.Errorf("the error does not name %q: %v", tt.named, err)
				}
				if again := tel.Shutdown(t.Context()); again == nil || again.Error() != err.Error() {
					t.Errorf("the second call returns %v, want the error of the first", again)
				}
				close(release)
				synctest.Wait()
			})
		})
	}
}

// panickingLogs is a logger provider whose loggers panic.
type panickingLogs struct{ lognoop.LoggerProvider }

func (panickingLogs) Logger(string, ...log.LoggerOption) log.Logger { return panickingLogger{} }

type panickingLogger struct{ lognoop.Logger }

func (panickingLogger) Enabled(context.Context, log.EnabledParameters) bool { panic("boom") }
func (panickingLogger) Emit(context.Context, log.Record)                    { panic("boom") }

// A panic in the program's processors, loggers and observers does not end a call. It is counted
// and logged with the name of the component.
func TestNewRecoversPanics(t *testing.T) {
	boom := func() { panic("boom") }
	for _, tt := range []struct {
		name      string
		processor *hookedProcessor
		opts      []otelvoice.Option
		observer  bool
		logged    string // "" if the log itself panics.
		spans     int
	}{
		{"OnStart", &hookedProcessor{start: boom}, nil, false, "the tracer provider, its sampler or a span processor panicked", 0},
		{"OnEnd", &hookedProcessor{end: boom}, nil, false, "a span processor at the end of a span panicked", 0},
		{"observer of turns", &hookedProcessor{}, nil, true, "an observer of turns (OnTurn) panicked", 3},
		{"loggers", &hookedProcessor{}, []otelvoice.Option{otelvoice.WithLoggerProvider(panickingLogs{})}, false, "", 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			own := newOwnSDK(sdktrace.WithSpanProcessor(tt.processor))
			tel := own.start(t, tt.opts...)
			ctx, session := tel.StartSession(t.Context())
			if tt.observer {
				session.OnTurn(func(*otelvoice.Turn) func() { return boom })
			}
			ctx, turn := session.StartTurn(ctx)
			_, llm := turn.StartLLM(ctx, gpt)
			llm.End(nil)
			turn.End()
			session.End()
			tel.Logger("m").Info("still here")
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
			if n := len(own.spans.Ended()); n != tt.spans {
				t.Errorf("%d spans have ended, want %d", n, tt.spans)
			}
			if tt.logged != "" && !slices.ContainsFunc(own.logs.bodies(), func(body string) bool { return strings.Contains(body, tt.logged) }) {
				t.Errorf("no record says %q: %q", tt.logged, own.logs.bodies())
			}
			if own.panics(t) == 0 {
				t.Error("the panics are not counted")
			}
		})
	}
}

// panics returns the value of the metric that counts panics.
func (o *ownSDK) panics(t *testing.T) (n int64) {
	t.Helper()
	for _, scope := range collect(t, o.reader).ScopeMetrics {
		for _, m := range scope.Metrics {
			if sum, ok := m.Data.(metricdata.Sum[int64]); ok && m.Name == semconv.MetricVoiceTelemetryPanics().Name {
				for _, p := range sum.DataPoints {
					n += p.Value
				}
			}
		}
	}
	return n
}
