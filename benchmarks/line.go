// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"log/slog"
	"os"

	"github.com/phuslu/log"
	"github.com/rs/zerolog"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/voice-agents/telemetry/benchmarks/paired"
	"github.com/voice-agents/telemetry/benchmarks/traced"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// All contenders write the same line: a message with eight attributes under extra_data, the IDs
// of the call, the module and its component, and the source location. Each logger gets the IDs
// and the component beforehand, as its documentation recommends, unless they come from the
// context.
const (
	message  = "llm response generated"
	module   = "voice.llm"
	extra    = "extra_data"
	language = "en"
	provider = "openai"
	model    = "gpt-4o-mini"
	finish   = "stop"
	input    = 412
	output   = 57
	heat     = .7
	ttft     = .312
)

// ids are the attributes of the call that a logger needs.
type ids struct{ correlation, trace, span, request, session, turn, pipeline string }

var call = ids{
	"550e8400-e29b-41d4-a716-446655440000", "550e8400e29b41d4a716446655440000", "a1b2c3d4e5f60718",
	"req_a1b2c3d4", "sess_f5e6d7c8b9a0", "turn_000000000003", "pipeline_0001",
}

func (c ids) strings() []string {
	return []string{
		"correlation_id", c.correlation, "trace_id", c.trace, "span_id", c.span, "request_id", c.request, "session_id", c.session,
		"turn_id", c.turn, "component", model, "component_type", "llm", "module", module, "pipeline_id", c.pipeline, "stage", "llm",
	}
}

// span is the span in the context of the contenders that take the IDs from it.
func span() context.Context {
	tid, _ := trace.TraceIDFromHex(call.trace)
	sid, _ := trace.SpanIDFromHex(call.span)
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: tid, SpanID: sid, TraceFlags: trace.FlagsSampled}))
}

// lineTo returns the contenders that write JSON lines, the baseline first.
func lineTo(w func() io.Writer) []paired.Contender {
	return []paired.Contender{
		{Name: "zap", Start: func() (paired.Work, error) { return zapWork(zap.New(zapJSON(w()), zap.AddCaller())), nil }},
		{Name: "zerolog", Start: func() (paired.Work, error) { return zerologWork(w()), nil }},
		{Name: "phuslu/log", Start: func() (paired.Work, error) { return phusluWork(w()), nil }},
		{Name: "log/slog", Start: func() (paired.Work, error) {
			h := slog.NewJSONHandler(w(), &slog.HandlerOptions{AddSource: true})
			return slogWork(context.Background(), withIDs(h)), nil
		}},
		{Name: "otelvoice", Start: func() (paired.Work, error) { return voiceWork(nil, voicesdk.WithLogWriter(w())) }},
		{Name: "otelvoice without thread_id", Start: func() (paired.Work, error) {
			return voiceWork(nil, voicesdk.WithLogWriter(w()), voicesdk.WithoutThreadID())
		}},
	}
}

// zapJSON writes the others' format.
func zapJSON(w io.Writer) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{
		TimeKey: "timestamp", LevelKey: "level", MessageKey: "message", CallerKey: "caller", FunctionKey: "function",
		EncodeTime: zapcore.ISO8601TimeEncoder, EncodeLevel: zapcore.CapitalLevelEncoder, EncodeCaller: zapcore.FullCallerEncoder,
		EncodeDuration: zapcore.SecondsDurationEncoder,
	}), zapcore.AddSync(w), zapcore.InfoLevel)
}

func zapWork(logger *zap.Logger) paired.Work {
	var fields []zap.Field
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, zap.String(pairs[i], pairs[i+1]))
	}
	fields = append(fields, zap.Int("process_id", os.Getpid()))
	logger = logger.With(fields...)
	return paired.Work{Run: func(n int) {
		for range n {
			logger.Info(message, zap.Namespace(extra), zap.String("provider", provider), zap.String("model", model), zap.String("language", language),
				zap.String("finish_reason", finish), zap.Int("input_tokens", input), zap.Int("output_tokens", output),
				zap.Float64("temperature", heat), zap.Float64("ttft", ttft))
		}
	}}
}

func zerologWork(w io.Writer) paired.Work {
	ctx := zerolog.New(w).With().Timestamp().Caller()
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		ctx = ctx.Str(pairs[i], pairs[i+1])
	}
	logger := ctx.Int("process_id", os.Getpid()).Logger()
	return paired.Work{Run: func(n int) {
		for range n {
			logger.Info().Dict(extra, zerolog.Dict().Str("provider", provider).Str("model", model).Str("language", language).
				Str("finish_reason", finish).Int("input_tokens", input).Int("output_tokens", output).
				Float64("temperature", heat).Float64("ttft", ttft)).Msg(message)
		}
	}}
}

func phusluWork(w io.Writer) paired.Work {
	ctx := log.NewContext(nil)
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		ctx = ctx.Str(pairs[i], pairs[i+1])
	}
	logger := log.Logger{Level: log.InfoLevel, Caller: -1, Writer: log.IOWriter{Writer: w}, Context: ctx.Int("process_id", os.Getpid()).Value()}
	return paired.Work{Run: func(n int) {
		for range n {
			logger.Info().Dict(extra, log.NewContext(nil).Str("provider", provider).Str("model", model).Str("language", language).
				Str("finish_reason", finish).Int("input_tokens", input).Int("output_tokens", output).
				Float64("temperature", heat).Float64("ttft", ttft).Value()).Msg(message)
		}
	}}
}

// withIDs adds the attributes of the call to a handler of slog.
func withIDs(h slog.Handler) *slog.Logger {
	var given []slog.Attr
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		given = append(given, slog.String(pairs[i], pairs[i+1]))
	}
	return slog.New(h.WithAttrs(append(given, slog.Int("process_id", os.Getpid()))).WithGroup(extra))
}

func slogWork(ctx context.Context, logger *slog.Logger) paired.Work {
	return paired.Work{Run: func(n int) {
		for range n {
			slogLine(ctx, logger)
		}
	}}
}

func slogLine(ctx context.Context, logger *slog.Logger) {
	logger.LogAttrs(ctx, slog.LevelInfo, message,
		slog.String("provider", provider), slog.String("model", model), slog.String("language", language), slog.String("finish_reason", finish),
		slog.Int("input_tokens", input), slog.Int("output_tokens", output), slog.Float64("temperature", heat), slog.Float64("ttft", ttft))
}

// voiceWork logs in a stage of a call, and sends the records to the endpoint in the variables.
func voiceWork(variables map[string]string, opts ...voicesdk.Option) (paired.Work, error) {
	tel, err := traced.Setup(variables, append(opts, voicesdk.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(nil)))...)
	if err != nil {
		return paired.Work{}, err
	}
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	ctx, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: provider, Name: model})
	w := slogWork(ctx, tel.Logger(module, otelvoice.Component(model, otelvoice.ComponentLLM)))
	w.Settle = traced.Flushed(tel)
	w.Stop = func() {
		llm.End(nil)
		turn.End()
		session.End()
		_ = tel.Shutdown(context.Background())
	}
	return w, nil
}
