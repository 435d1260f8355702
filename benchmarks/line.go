// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/phuslu/log"
	"github.com/rs/zerolog"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/voice-agents/telemetry/otelvoice"
)

// The line that all write: a message with eight attributes under extra_data, the ids of the
// call, the module and its component, and where in the code it was written. The ids and the
// component are given to each logger beforehand, as its documentation has it, save where
// they come from the context.
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

// ids are what a logger has to know of the call.
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

// span is the span in the context of those who take the ids from it.
func span() context.Context {
	tid, _ := trace.TraceIDFromHex(call.trace)
	sid, _ := trace.SpanIDFromHex(call.span)
	return trace.ContextWithSpanContext(context.Background(), trace.NewSpanContext(trace.SpanContextConfig{TraceID: tid, SpanID: sid, TraceFlags: trace.FlagsSampled}))
}

// lineTo returns the contenders that write JSON lines, the base first.
func lineTo(w func() io.Writer) []contender {
	return []contender{
		{"zap", func() (work, error) { return zapWork(zap.New(zapJSON(w()), zap.AddCaller())), nil }},
		{"zerolog", func() (work, error) { return zerologWork(w()), nil }},
		{"phuslu/log", func() (work, error) { return phusluWork(w()), nil }},
		{"log/slog", func() (work, error) {
			h := slog.NewJSONHandler(w(), &slog.HandlerOptions{AddSource: true})
			return slogWork(context.Background(), withIDs(h)), nil
		}},
		{"otelvoice", func() (work, error) { return voiceWork("", otelvoice.WithLogWriter(w())) }},
		{"otelvoice without thread_id", func() (work, error) {
			return voiceWork("", otelvoice.WithLogWriter(w()), otelvoice.WithoutThreadID())
		}},
	}
}

// zapJSON writes the shape that the others write.
func zapJSON(w io.Writer) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{
		TimeKey: "timestamp", LevelKey: "level", MessageKey: "message", CallerKey: "caller", FunctionKey: "function",
		EncodeTime: zapcore.ISO8601TimeEncoder, EncodeLevel: zapcore.CapitalLevelEncoder, EncodeCaller: zapcore.FullCallerEncoder,
		EncodeDuration: zapcore.SecondsDurationEncoder,
	}), zapcore.AddSync(w), zapcore.InfoLevel)
}

func zapWork(logger *zap.Logger, more ...zap.Field) work {
	var fields []zap.Field
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		fields = append(fields, zap.String(pairs[i], pairs[i+1]))
	}
	fields = append(fields, zap.Int("process_id", os.Getpid()))
	logger = logger.With(append(fields, more...)...)
	return work{run: func(n int) {
		for range n {
			logger.Info(message, zap.Namespace(extra), zap.String("provider", provider), zap.String("model", model), zap.String("language", language),
				zap.String("finish_reason", finish), zap.Int("input_tokens", input), zap.Int("output_tokens", output),
				zap.Float64("temperature", heat), zap.Float64("ttft", ttft))
		}
	}}
}

func zerologWork(w io.Writer) work {
	ctx := zerolog.New(w).With().Timestamp().Caller()
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		ctx = ctx.Str(pairs[i], pairs[i+1])
	}
	logger := ctx.Int("process_id", os.Getpid()).Logger()
	return work{run: func(n int) {
		for range n {
			logger.Info().Dict(extra, zerolog.Dict().Str("provider", provider).Str("model", model).Str("language", language).
				Str("finish_reason", finish).Int("input_tokens", input).Int("output_tokens", output).
				Float64("temperature", heat).Float64("ttft", ttft)).Msg(message)
		}
	}}
}

func phusluWork(w io.Writer) work {
	ctx := log.NewContext(nil)
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		ctx = ctx.Str(pairs[i], pairs[i+1])
	}
	logger := log.Logger{Level: log.InfoLevel, Caller: -1, Writer: log.IOWriter{Writer: w}, Context: ctx.Int("process_id", os.Getpid()).Value()}
	return work{run: func(n int) {
		for range n {
			logger.Info().Dict(extra, log.NewContext(nil).Str("provider", provider).Str("model", model).Str("language", language).
				Str("finish_reason", finish).Int("input_tokens", input).Int("output_tokens", output).
				Float64("temperature", heat).Float64("ttft", ttft).Value()).Msg(message)
		}
	}}
}

// withIDs gives a handler of slog what it has to know of the call.
func withIDs(h slog.Handler) *slog.Logger {
	var given []slog.Attr
	pairs := call.strings()
	for i := 0; i < len(pairs); i += 2 {
		given = append(given, slog.String(pairs[i], pairs[i+1]))
	}
	return slog.New(h.WithAttrs(append(given, slog.Int("process_id", os.Getpid()))).WithGroup(extra))
}

func slogWork(ctx context.Context, logger *slog.Logger) work {
	return work{run: func(n int) {
		for range n {
			logger.LogAttrs(ctx, slog.LevelInfo, message,
				slog.String("provider", provider), slog.String("model", model), slog.String("language", language), slog.String("finish_reason", finish),
				slog.Int("input_tokens", input), slog.Int("output_tokens", output), slog.Float64("temperature", heat), slog.Float64("ttft", ttft))
		}
	}}
}

// voiceWork logs in a stage of a call, with all that is on by default.
func voiceWork(endpoint string, opts ...otelvoice.Option) (work, error) {
	env := map[string]string{}
	if endpoint != "" {
		env["OTEL_EXPORTER_OTLP_LOGS_ENDPOINT"] = endpoint + "/v1/logs"
	}
	tel, err := otelvoice.Setup(context.Background(), append(opts, otelvoice.WithoutGlobals(), otelvoice.WithoutRuntimeMetrics(),
		otelvoice.WithSpanProcessor(sdktrace.NewSimpleSpanProcessor(nil)),
		otelvoice.WithLookupEnv(func(name string) (string, bool) { v, ok := env[name]; return v, ok }))...)
	if err != nil {
		return work{}, err
	}
	ctx, session := tel.StartSession(context.Background())
	ctx, turn := session.StartTurn(ctx)
	ctx, llm := turn.StartLLM(ctx, otelvoice.Model{Provider: provider, Name: model})
	w := slogWork(ctx, tel.Logger(module, otelvoice.Component(model, otelvoice.ComponentLLM)))
	w.stop = func() {
		llm.End(nil)
		turn.End()
		session.End()
		_ = tel.Shutdown(context.Background())
	}
	if endpoint != "" {
		w.settle = func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			if err := tel.ForceFlush(ctx); err != nil {
				panic(err)
			}
		}
	}
	return w, nil
}
