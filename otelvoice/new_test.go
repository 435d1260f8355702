// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

// oneCall records a session with a turn and a stage.
func oneCall(ctx context.Context, tel *otelvoice.Telemetry) {
	ctx, session := tel.StartSession(ctx)
	ctx, turn := session.StartTurn(ctx)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.End(nil)
	turn.End()
	session.End()
}

var (
	spansOfOneCall = []string{"chat gpt-4o-mini", "voice.turn", "voice.session"}
	linesOfOneCall = []string{"llm completed", "turn completed", "session ended"}
)

// check fails the test if spans, log records or metrics of one call are missing.
func (o *ownSDK) check(t *testing.T) {
	t.Helper()
	if got := o.names(); !slices.Equal(got, spansOfOneCall) {
		t.Errorf("the spans are %q, want %q", got, spansOfOneCall)
	}
	if got := o.logs.bodies(); !slices.Equal(got, linesOfOneCall) {
		t.Errorf("the log records are %q, want %q", got, linesOfOneCall)
	}
	for _, name := range []string{"voice.session.duration", "voice.turn.count", "voice.stage.duration"} {
		if !o.has(t, name) {
			t.Errorf("metric %s is missing", name)
		}
	}
}

// New without options uses the global providers, whether they are set before or after it. Each
// case runs in a process of its own, because OpenTelemetry's first global providers delegate only
// once.
func TestNewUsesGlobalProviders(t *testing.T) {
	const variable = "OTELVOICE_TEST_GLOBALS"
	switch when := os.Getenv(variable); when {
	case "":
		for _, when := range []string{"before", "after"} {
			t.Run(when, func(t *testing.T) {
				cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestNewUsesGlobalProviders$")
				cmd.Env = append(os.Environ(), variable+"="+when)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("%v\n%s", err, out)
				}
			})
		}
	default:
		own := newOwnSDK()
		if when == "before" {
			own.setGlobals()
		}
		tel, err := otelvoice.New()
		if err != nil {
			t.Fatal(err)
		}
		if when == "after" {
			oneCall(t.Context(), tel) // No provider is set yet.
			own.setGlobals()
		}
		oneCall(t.Context(), tel)
		if err := tel.ForceFlush(t.Context()); err != nil {
			t.Error(err)
		}
		own.check(t)
	}
}

func TestNewUsesTheProvidersOfOptions(t *testing.T) {
	own := newOwnSDK()
	oneCall(t.Context(), own.start(t))
	own.check(t)
}

// A call recorded with the program's own SDK equals one recorded with package voicesdk, except
// for the thread ID: reading it costs a system call a record.
func TestCallIsRecordedTheSameWithOwnSDK(t *testing.T) {
	call := func(tel *otelvoice.Telemetry) {
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("sess_test"), otelvoice.WithChannel("web"), otelvoice.WithUserID("user_1"))
		speak(ctx, session)
		ctx, turn := session.StartTurn(ctx)
		_, tool := turn.StartTool(ctx, "book")
		tool.End(errGone)
		_, op := tel.StartOperation(ctx, "load menu")
		op.End(nil)
		tel.Logger("agent").InfoContext(ctx, "table booked", "guests", 4)
		turn.Interrupt(otelvoice.UserTurn)
		turn.End()
		session.End()
	}
	var want, got []string
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		call(tel.Telemetry)
		rm, err := rec.Metrics()
		if err != nil {
			t.Fatal(err)
		}
		want = slices.Concat(spanShapes(rec.Spans()), logShapes(rec.Logs()), metricShapes(rm, false))
	})
	synctest.Test(t, func(t *testing.T) {
		own := newOwnSDK(sdktrace.WithIDGenerator(otelvoice.NewIDGenerator()))
		call(own.start(t))
		got = slices.Concat(spanShapes(own.spans.Ended()), logShapes(own.logs.all()), metricShapes(collect(t, own.reader), false))
	})
	if len(want) != len(got) {
		t.Fatalf("%d spans, records and series with voicesdk, %d without:\n%s\n\n%s", len(want), len(got), strings.Join(want, "\n"), strings.Join(got, "\n"))
	}
	threads := 0
	for i := range want {
		without := strings.Replace(want[i], " thread.id", "", 1)
		if without != want[i] {
			threads++
		}
		if got[i] != without {
			t.Errorf("\nvoicesdk %s\nown SDK  %s", want[i], got[i])
		}
	}
	if threads == 0 {
		t.Error("no record of voicesdk has the ID of its thread")
	}
}

// Nil options and nil values change nothing.
func TestNewIgnoresNil(t *testing.T) {
	own := newOwnSDK()
	tel := own.start(t, nil,
		otelvoice.WithTracerProvider(nil), otelvoice.WithMeterProvider(nil), otelvoice.WithLoggerProvider(nil),
		otelvoice.WithLogLevel(nil), otelvoice.WithLogLevel((*slog.LevelVar)(nil)), otelvoice.WithCorrelationHeader(""))
	oneCall(t.Context(), tel)
	own.check(t)
	if got := tel.CorrelationHeader(); got != otelvoice.CorrelationHeader {
		t.Errorf("the header is %q", got)
	}
	tel = own.start(t, otelvoice.WithPropagators(nil, propagation.TraceContext{}, nil))
	ctx, span := own.tracers.Tracer("x").Start(t.Context(), "y")
	defer span.End()
	carrier := propagation.MapCarrier{}
	tel.Propagator().Inject(ctx, carrier)
	if carrier["traceparent"] == "" {
		t.Errorf("injected %v", carrier)
	}
}

func TestNewNamesEachInvalidOption(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts []otelvoice.Option
		want []string
	}{
		{"header that is no name", []otelvoice.Option{otelvoice.WithCorrelationHeader("no header")}, []string{`correlation header "no header"`}},
		{"header with another meaning", []otelvoice.Option{otelvoice.WithCorrelationHeader("Content-Length")}, []string{`correlation header "Content-Length"`}},
		{"negative budget", []otelvoice.Option{otelvoice.WithLatencyBudget(-time.Second)}, []string{"latency budget -1s is out of range: want 0 to 1h"}},
		{"budget over an hour", []otelvoice.Option{otelvoice.WithLatencyBudget(61 * time.Minute)}, []string{"latency budget 1h1m0s"}},
		{"negative budget of a segment", []otelvoice.Option{otelvoice.WithSegmentBudget(otelvoice.SegmentPlayout, -1)}, []string{"budget -1ns of the segment playout is out of range: want 0 to 1h"}},
		{"budget of an unknown segment", []otelvoice.Option{otelvoice.WithSegmentBudget("thinking", 1)}, []string{`segment "thinking" of a budget is unknown: want one of transcription`}},
		{
			"both",
			[]otelvoice.Option{otelvoice.WithLatencyBudget(-1), otelvoice.WithCorrelationHeader("no header")},
			[]string{"latency budget -1ns", `correlation header "no header"`},
		},
		{"meter provider that refuses", []otelvoice.Option{otelvoice.WithMeterProvider(refusingMeters{newOwnSDK().meters})}, []string{"make instrument voice.turn.count: refused"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tel, err := otelvoice.New(tt.opts...)
			if err == nil || tel != nil {
				t.Fatalf("got %v, %v", tel, err)
			}
			for _, want := range append(tt.want, "otelvoice: ") {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not have %q: %v", want, err)
				}
			}
			oneCall(t.Context(), tel)
			if err := tel.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// refusingMeters refuses counters.
type refusingMeters struct{ metric.MeterProvider }

func (m refusingMeters) Meter(name string, opts ...metric.MeterOption) metric.Meter {
	return refusingMeter{m.MeterProvider.Meter(name, opts...)}
}

type refusingMeter struct{ metric.Meter }

func (m refusingMeter) Int64Counter(name string, opts ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	counter, _ := m.Meter.Int64Counter(name, opts...)
	return counter, fmt.Errorf("refused %s", name)
}

// Methods on a nil Telemetry are no-ops, and return no-op values.
func TestNilTelemetryIsNoOp(t *testing.T) {
	var tel *otelvoice.Telemetry
	oneCall(tel.Context(t.Context()), tel)
	if err := tel.ForceFlush(t.Context()); err != nil {
		t.Error(err)
	}
	_, span := tel.TracerProvider().Tracer("x").Start(t.Context(), "y")
	if span.IsRecording() {
		t.Error("a span records")
	}
	logger := tel.LoggerProvider().Logger("x")
	logger.Emit(t.Context(), log.Record{})
	if logger.Enabled(t.Context(), log.EnabledParameters{Severity: log.SeverityFatal}) {
		t.Error("a logger is enabled")
	}
	if _, err := tel.MeterProvider().Meter("x").Int64Counter("y"); err != nil {
		t.Error(err)
	}
	if fields := tel.Propagator().Fields(); len(fields) != 0 {
		t.Errorf("the propagator has the fields %q", fields)
	}
}

// New changes no globals. goleak checks that it starts no goroutine.
func TestNewChangesNoGlobals(t *testing.T) {
	t.Cleanup(globals())
	own := newOwnSDK()
	own.setGlobals()
	otel.SetTextMapPropagator(propagation.TraceContext{})
	logger := slog.Default()
	tel, err := otelvoice.New()
	if err != nil {
		t.Fatal(err)
	}
	oneCall(t.Context(), tel)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if otel.GetTracerProvider() != trace.TracerProvider(own.tracers) || otel.GetMeterProvider() != metric.MeterProvider(own.meters) ||
		otel.GetLoggerProvider() != log.LoggerProvider(own.loggers) || otel.GetTextMapPropagator() != propagation.TextMapPropagator(propagation.TraceContext{}) ||
		slog.Default() != logger {
		t.Error("a global was changed")
	}
}

// Two Telemetry values on the same providers record independently.
func TestTwoTelemetry(t *testing.T) {
	own := newOwnSDK()
	a, b := own.start(t), own.start(t)
	oneCall(t.Context(), a)
	if err := a.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	oneCall(t.Context(), b)
	if got, want := own.names(), slices.Concat(spansOfOneCall, spansOfOneCall); !slices.Equal(got, want) {
		t.Errorf("the spans are %q", got)
	}
	for _, scope := range collect(t, own.reader).ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, ok := m.Data.(metricdata.Sum[int64])
			if m.Name == "voice.turn.count" && (!ok || len(sum.DataPoints) != 1 || sum.DataPoints[0].Value != 2) {
				t.Errorf("the turns are %v", m.Data)
			}
		}
	}
	for _, tel := range []*otelvoice.Telemetry{own.start(t), own.start(t)} {
		ctx, session := tel.StartSession(t.Context())
		session.OnTurn(func(*otelvoice.Turn) func() { return func() { panic("boom") } })
		session.StartTurn(ctx)
		session.End()
	}
	if n := own.panics(t); n != 2 {
		t.Errorf("%d panics are counted, want 2", n)
	}
}
