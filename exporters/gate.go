// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters

import (
	"context"
	"sync/atomic"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// gate lets as many records into a batch processor as its queue holds, and counts what it
// turns away. The processor would do the first by itself, but tells of it only in a metric
// that is not always there. Whoever is let in has left when it was handed to the exporter.
type gate struct {
	size   int64
	inside atomic.Int64
	lost   func(n int)
	ended  atomic.Bool // The processor was shut down, and takes nothing any more.
	late   func(n int) // Counts what comes after that.
}

func (g *gate) enter() bool {
	if g.ended.Load() {
		g.late(1)
		return false
	}
	if g.inside.Add(1) > g.size {
		g.inside.Add(-1)
		g.lost(1)
		return false
	}
	return true
}

func (g *gate) leave(n int) { g.inside.Add(int64(-n)) }

// gatedSpans is a batch processor behind a gate.
type gatedSpans struct {
	sdktrace.SpanProcessor
	gate *gate
}

// OnEnd implements the SDK's processor.
func (p gatedSpans) OnEnd(span sdktrace.ReadOnlySpan) {
	// The processor takes no others.
	if !span.SpanContext().IsSampled() || p.gate.enter() {
		p.SpanProcessor.OnEnd(span)
	}
}

// Shutdown implements the SDK's processor.
func (p gatedSpans) Shutdown(ctx context.Context) error {
	p.gate.ended.Store(true)
	return p.SpanProcessor.Shutdown(ctx)
}

// leavingSpans is the exporter behind that.
type leavingSpans struct {
	sdktrace.SpanExporter
	gate *gate
}

// ExportSpans implements the SDK's exporter.
func (e leavingSpans) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	defer e.gate.leave(len(spans))
	return e.SpanExporter.ExportSpans(ctx, spans)
}

// gatedLogs is a batch processor behind a gate.
type gatedLogs struct {
	sdklog.Processor
	gate *gate
}

// OnEmit implements the SDK's processor.
func (p gatedLogs) OnEmit(ctx context.Context, record *sdklog.Record) error {
	if !p.gate.enter() {
		return nil // It is counted.
	}
	return p.Processor.OnEmit(ctx, record)
}

// Shutdown implements the SDK's processor.
func (p gatedLogs) Shutdown(ctx context.Context) error {
	p.gate.ended.Store(true)
	return p.Processor.Shutdown(ctx)
}

// leavingLogs is the exporter behind that.
type leavingLogs struct {
	sdklog.Exporter
	gate *gate
}

// Export implements the SDK's exporter.
func (e leavingLogs) Export(ctx context.Context, records []sdklog.Record) error {
	defer e.gate.leave(len(records))
	return e.Exporter.Export(ctx, records)
}
