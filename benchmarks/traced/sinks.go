// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package traced compares spans and measurements: turns, requests of HTTP and calls of a pipeline,
// beside OpenTelemetry's SDK by hand, otelhttp and no telemetry.
package traced

import (
	"context"
	"errors"
	"io"
	"time"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// sinks is where the spans, the metrics and the lines of a contender go. All that are compared
// with each other have the same; in the tests they keep what comes.
type sinks struct {
	sampler sdktrace.Sampler
	spans   func() sdktrace.SpanProcessor
	reader  func() sdkmetric.Reader
	lines   io.Writer
}

// queue is the maximum number of waiting spans. A run makes fewer, so that no contender becomes
// faster by dropping some.
const queue = 16384

// dropping returns sinks that cost what they have to: spans are batched, and the batches thrown
// away; metrics are kept for a reader that never reads.
func dropping(sampler sdktrace.Sampler) sinks {
	return sinks{
		sampler: sampler,
		spans: func() sdktrace.SpanProcessor {
			return sdktrace.NewBatchSpanProcessor(tracetest.NewNoopExporter(), sdktrace.WithMaxQueueSize(queue))
		},
		reader: func() sdkmetric.Reader { return sdkmetric.NewManualReader() },
		lines:  io.Discard,
	}
}

// sdk is OpenTelemetry's own providers, as the SDK has them.
type sdk struct {
	tracers *sdktrace.TracerProvider
	meters  *sdkmetric.MeterProvider
}

func (s sinks) sdk() sdk {
	return sdk{
		tracers: sdktrace.NewTracerProvider(sdktrace.WithSampler(s.sampler), sdktrace.WithSpanProcessor(s.spans())),
		meters:  sdkmetric.NewMeterProvider(sdkmetric.WithReader(s.reader())),
	}
}

func (s sdk) flush() error { return s.tracers.ForceFlush(context.Background()) }

func (s sdk) stop() {
	_ = errors.Join(s.tracers.Shutdown(context.Background()), s.meters.Shutdown(context.Background()))
}

// voice is the toolkit with the same sinks.
func (s sinks) voice(opts ...voicesdk.Option) (*voicesdk.SDK, error) {
	return Setup(nil, append(opts, voicesdk.WithLogWriter(s.lines), voicesdk.WithSampler(s.sampler),
		voicesdk.WithSpanProcessor(s.spans()), voicesdk.WithMetricReader(s.reader()))...)
}

// Setup sets the toolkit up with all that is on by default, and the variables of the map alone.
func Setup(variables map[string]string, opts ...voicesdk.Option) (*voicesdk.SDK, error) {
	return voicesdk.Setup(context.Background(), append(opts, voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := variables[name]; return v, ok }))...)
}

// Flushed sends what waits.
func Flushed(tel *voicesdk.SDK) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return tel.ForceFlush(ctx)
	}
}

// called returns the context with the caller's sampled span.
func called(ctx context.Context) context.Context {
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 1}, TraceFlags: trace.FlagsSampled,
	}))
}
