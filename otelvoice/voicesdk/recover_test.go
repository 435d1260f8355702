// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/log"
	lognoop "go.opentelemetry.io/otel/log/noop"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
)

func boom() { panic("boom") }

// sampler panics.
type sampler struct{}

func (sampler) ShouldSample(sdktrace.SamplingParameters) sdktrace.SamplingResult { panic("boom") }
func (sampler) Description() string                                              { return "panics" }

// panickingLogs is a logger provider that panics.
type panickingLogs struct{ lognoop.LoggerProvider }

func (panickingLogs) Logger(string, ...log.LoggerOption) log.Logger { return panickingLogger{} }

type panickingLogger struct{ lognoop.Logger }

func (panickingLogger) Enabled(context.Context, log.EnabledParameters) bool { return true }
func (panickingLogger) Emit(context.Context, log.Record)                    { panic("boom") }

// badError panics in all of its methods.
type badError struct{}

func (badError) Error() string { panic("boom") }

// A panic in the program's own code ends no call and no shutdown. The spans of all sessions are
// exported, including this one's; one line names what panicked, and the panic is counted.
func TestPanicOfBroughtCodeEndsNoCall(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options []voicesdk.Option
		within  func(tel *voicesdk.SDK, session *otelvoice.Session, turn *otelvoice.Turn)
		named   string // What the line names; "" if there is none.
		shut    string // Part of Shutdown's error; "" if there is none.
		spans   int    // Of 6.
	}{
		{name: "span processor's OnStart", options: processor(&fault{start: boom}), named: "the span processor *voicesdk_test.fault", spans: 6},
		{name: "span processor's OnEnd", options: processor(&fault{end: boom}), named: "the span processor *voicesdk_test.fault", spans: 6},
		{name: "span processor's Shutdown", options: processor(&fault{shutdown: boom}), shut: "the span processor *voicesdk_test.fault panicked", spans: 6},
		{
			name: "log processor's OnEmit", options: []voicesdk.Option{voicesdk.WithLogProcessor(&logFault{emit: boom})},
			named: "the log processor *voicesdk_test.logFault", spans: 6,
		},
		{
			name: "log processor's Enabled", options: []voicesdk.Option{voicesdk.WithLogProcessor(&logFault{enabled: boom})}, spans: 6,
		},
		{
			name: "log processor's Shutdown", options: []voicesdk.Option{voicesdk.WithLogProcessor(&logFault{shutdown: boom})},
			shut: "the log processor *voicesdk_test.logFault panicked", spans: 6,
		},
		{
			name: "provider of loggers that was brought", options: []voicesdk.Option{voicesdk.WithLoggerProvider(panickingLogs{})},
			named: "the logger provider", spans: 6,
		},
		{name: "sampler", options: []voicesdk.Option{voicesdk.WithSampler(sampler{})}, named: "its sampler", spans: 0},
		{
			name:    "processor of a provider that was brought",
			options: []voicesdk.Option{voicesdk.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(&fault{start: boom})))},
			named:   "the tracer provider", spans: 0,
		},
		{
			name:    "processor of a provider that was brought, at the end",
			options: []voicesdk.Option{voicesdk.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(&fault{end: boom})))},
			named:   "a span processor at the end of a span", spans: 0,
		},
		{
			name: "observer of turns, at the end", named: "an observer of turns", spans: 6,
			within: func(_ *voicesdk.SDK, session *otelvoice.Session, _ *otelvoice.Turn) {
				session.OnTurn(func(*otelvoice.Turn) func() { return boom })
				session.StartTurn(context.Background())
			},
		},
		{
			name: "observer of turns, at the start", named: "an observer of turns", spans: 6,
			within: func(_ *voicesdk.SDK, session *otelvoice.Session, _ *otelvoice.Turn) {
				session.OnTurn(func(*otelvoice.Turn) func() { panic("boom") })
				session.StartTurn(context.Background())
			},
		},
		{
			name: "value of a line", spans: 6,
			within: func(tel *voicesdk.SDK, _ *otelvoice.Session, _ *otelvoice.Turn) {
				tel.Logger("m").InfoContext(context.Background(), "m", slog.Any("v", panics{}), slog.Any("err", badError{}))
			},
		},
		{
			name: "error of a turn", spans: 6,
			within: func(_ *voicesdk.SDK, session *otelvoice.Session, turn *otelvoice.Turn) {
				turn.Fail(badError{})
				session.Fail(badError{})
			},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			rec := voicetest.NewRecorder()
			var out lockedBuffer
			options := append(rec.Options(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithLogWriter(&out), variables())
			tel, err := voicesdk.Setup(t.Context(), append(options, tt.options...)...)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 2 {
				ctx, session := tel.StartSession(t.Context())
				ctx, turn := session.StartTurn(ctx)
				turn.StartLLM(ctx, gpt)
				if tt.within != nil {
					tt.within(tel, session, turn)
				}
				if i == 0 { // Shutdown ends the other session.
					session.End()
				}
			}
			if data, ok := rec.Metric("voice.telemetry.panics"); ok != (tt.named != "") {
				t.Errorf("the metric is %v, %v", data, ok)
			}
			err = tel.Shutdown(t.Context())
			if tt.shut == "" && err != nil || tt.shut != "" && (err == nil || !strings.Contains(err.Error(), tt.shut)) {
				t.Errorf("Shutdown says %v, want %q", err, tt.shut)
			}
			extra := 0
			if strings.HasPrefix(tt.name, "observer") {
				extra = 2
			}
			if n := len(rec.Spans()); n != tt.spans+extra {
				t.Errorf("%d spans arrived, want %d", n, tt.spans+extra)
			}
			lines := string(bytes.Join(out.lines(), []byte("\n")))
			if n := strings.Count(lines, "panicked, fix it or leave it out: panic: boom"); tt.named != "" && (n != 1 || !strings.Contains(lines, tt.named)) || tt.named == "" && n != 0 {
				t.Errorf("%d lines name %q:\n%s", n, tt.named, lines)
			}
			if h := tel.Health(); (tt.named != "") != (h.Panics > 0) {
				t.Errorf("%d panics are counted", h.Panics)
			}
		})
	}
}

// A panic of the agent that a deferred End records continues unchanged, even if a processor
// panics in the same End.
func TestAgentsPanicGoesOnAsItWas(t *testing.T) {
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(), voicesdk.WithLogWriter(&lockedBuffer{}),
		voicesdk.WithTracerProvider(sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(&fault{end: boom}))), variables())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(t.Context()) }()
	want := errors.New("the agent's")
	defer func() {
		if v := recover(); v != want { //nolint:errorlint // The test compares the value itself.
			t.Errorf("it goes on as %v", v)
		}
	}()
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	ctx, turn := session.StartTurn(ctx)
	defer turn.End()
	_, stt := turn.StartSTT(ctx, nova3)
	defer stt.End(nil)
	panic(want)
}

// A meter provider whose counters panic ends no call, whatever is counted.
func TestCountersThatPanic(t *testing.T) {
	tel, err := voicesdk.Setup(t.Context(), voicesdk.WithoutGlobals(), voicesdk.WithLogWriter(&lockedBuffer{}),
		voicesdk.WithMeterProvider(panickingMeters{}), variables())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tel.Shutdown(t.Context()) }()
	ctx, session := tel.StartSession(t.Context(), otelvoice.WithStartTime(time.Now().Add(time.Hour)))
	ctx, stream := session.StartSTTStream(ctx, nova3)
	stream.Connected()
	stream.AddFrame(-time.Second, time.Time{})
	stream.Dropped(1)
	stream.SetBilled(-time.Second)
	ctx, turn := session.StartTurn(ctx)
	_, stt := stream.Utterance(ctx, turn)
	stt.SetConfidence(-1)
	stt.SetAudioDuration(-1)
	stt.SpeechStarted(-1)
	stt.SpeechStopped(time.Hour)
	stt.End(nil)
	stt.SetConfidence(1)
	_, llm := turn.StartLLM(ctx, gpt)
	llm.SetUsage(otelvoice.UsageOpenAI("{"))
	llm.SetUsage(otelvoice.Usage{InputTokens: -1})
	llm.SetUsage(otelvoice.Usage{InputTokens: 1, CacheReadInputTokens: 2})
	llm.End(nil)
	llm.SetUsage(otelvoice.Usage{InputTokens: -1, OutputTokens: 1})
	turn.MarkAt(otelvoice.AgentStarted, time.Now().Add(-time.Hour))
	turn.Mark(otelvoice.UserStopped)
	turn.End()
	turn.Mark(otelvoice.UserStopped)
	stream.End(nil)
	session.End()
	if h := tel.Health(); h.Panics == 0 {
		t.Error("no panic is counted")
	}
}

type panickingMeters struct{ metricnoop.MeterProvider }

func (panickingMeters) Meter(string, ...metric.MeterOption) metric.Meter { return panickingMeter{} }

type panickingMeter struct{ metricnoop.Meter }

func (panickingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return panickingCounter{}, nil
}

type panickingCounter struct{ metricnoop.Int64Counter }

func (panickingCounter) Add(context.Context, int64, ...metric.AddOption) { panic("boom") }
