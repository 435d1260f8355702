// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package traced compares spans and measurements of turns, HTTP requests and calls of a pipeline with
// OpenTelemetry's SDK by hand, otelhttp and no telemetry.
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

// sinks are the destinations of a contender's spans, metrics and lines. All contenders of a table have
// the same. In tests they keep the data.
type sinks struct {
	sampler sdktrace.Sampler
	spans   func() sdktrace.SpanProcessor
	reader  func() sdkmetric.Reader
	lines   io.Writer
}

// queue is the maximum number of queued spans. A run makes fewer, so that no contender gains time by
// dropping spans.
const queue = 16384

// dropping returns sinks with only the unavoidable costs: spans are batched and the batches discarded,
// and metrics are kept for a reader that never reads.
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

// sdk has the providers of OpenTelemetry's SDK.
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

// Setup sets the toolkit up with all defaults and with only the variables of the map.
func Setup(variables map[string]string, opts ...voicesdk.Option) (*voicesdk.SDK, error) {
	return voicesdk.Setup(context.Background(), append(opts, voicesdk.WithoutGlobals(), voicesdk.WithoutRuntimeMetrics(),
		voicesdk.WithLookupEnv(func(name string) (string, bool) { v, ok := variables[name]; return v, ok }))...)
}

// Flushed returns a function that sends all queued items.
func Flushed(tel *voicesdk.SDK) func() error {
	return func() error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		return tel.ForceFlush(ctx)
	}
}

// called returns the context with the sampled span of the caller.
func called(ctx context.Context) context.Context {
	return trace.ContextWithRemoteSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{15: 1}, SpanID: trace.SpanID{7: 1}, TraceFlags: trace.FlagsSampled,
	}))
}
