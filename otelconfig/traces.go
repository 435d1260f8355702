// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/otelvoice"
)

// addTraces adds the processors of spans in the file to the plan.
func (p *plan) addTraces(traces *otelconf.TracerProvider) error {
	for i, processor := range traces.Processors {
		name := fmt.Sprintf("tracer_provider.processors[%d]", i)
		var exporter otelconf.SpanExporter
		queue := export.Queue{Batch: 1} // Of a simple processor.
		var err error
		switch b := processor.Batch; {
		case b != nil && processor.Simple != nil:
			err = errors.New("more than one kind of processor")
		case b != nil:
			exporter = b.Exporter
			queue, err = newQueue(b.ScheduleDelay, b.ExportTimeout, b.MaxQueueSize, b.MaxExportBatchSize)
		case processor.Simple != nil:
			exporter = processor.Simple.Exporter
		default:
			err = errors.New("want a processor: batch or simple")
		}
		if err == nil {
			err = p.addSpanExporter(exporter, queue)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func (p *plan) addSpanExporter(e otelconf.SpanExporter, queue export.Queue) error {
	kinds := 0
	for _, set := range []bool{e.Console != nil, e.OTLPHttp != nil, e.OTLPGrpc != nil} {
		if set {
			kinds++
		}
	}
	if kinds != 1 {
		return errors.New("want one exporter: otlp_http, otlp_grpc or console")
	}
	signal := export.Signal{Queue: queue}
	var err error
	switch {
	case e.Console != nil:
		p.consoles = append(p.consoles, queue)
		return nil
	case e.OTLPHttp != nil:
		signal.OTLP, err = ofHTTP(e.OTLPHttp).collector("otlp_http exporter")
	default:
		signal.OTLP, err = ofGRPC(e.OTLPGrpc).collector("otlp_grpc exporter")
	}
	if err != nil {
		return err
	}
	if p.main.Traces.OTLP == nil {
		p.main.Traces = signal
	} else {
		p.others = append(p.others, signal)
	}
	return nil
}

// newQueue returns the queue of a batch processor. Times are in milliseconds.
func newQueue(delay, timeout, size, batch *int) (q export.Queue, err error) {
	for _, limit := range []struct {
		name   string
		value  *int
		lowest int
	}{
		{"schedule_delay", delay, 0}, {"export_timeout", timeout, 0}, {"max_queue_size", size, 1}, {"max_export_batch_size", batch, 1},
	} {
		if limit.value != nil && *limit.value < limit.lowest {
			return q, fmt.Errorf("%s: %d, want at least %d", limit.name, *limit.value, limit.lowest)
		}
	}
	if delay != nil {
		q.Interval = max(time.Duration(*delay)*time.Millisecond, time.Millisecond)
	}
	if timeout != nil {
		q.ExportTimeout = time.Duration(*timeout) * time.Millisecond
	}
	if size != nil {
		q.Size = *size
	}
	if batch != nil {
		q.Batch = *batch
	}
	return q, nil
}

// newTracers returns the tracer provider of the file.
func (p *plan) newTracers(traces *otelconf.TracerProvider) (*sdktrace.TracerProvider, error) {
	sampler, err := newSampler(traces.Sampler)
	if err != nil {
		return nil, err
	}
	opts := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(p.main.Resource), sdktrace.WithIDGenerator(otelvoice.NewIDGenerator()), sdktrace.WithSampler(sampler),
	}
	if traces.Limits != nil {
		opts = append(opts, sdktrace.WithRawSpanLimits(newLimits(traces.Limits)))
	}
	for _, queue := range p.consoles {
		exporter, err := stdouttrace.New(stdouttrace.WithPrettyPrint())
		if err != nil {
			return nil, err
		}
		opts = append(opts, sdktrace.WithSpanProcessor(newConsole(exporter, queue)))
	}
	for _, processor := range p.set.SpanProcessors {
		opts = append(opts, sdktrace.WithSpanProcessor(processor))
	}
	for _, other := range p.sets {
		for _, processor := range other.SpanProcessors {
			opts = append(opts, sdktrace.WithSpanProcessor(withSpool{processor, other}))
		}
	}
	return sdktrace.NewTracerProvider(opts...), nil
}

func newConsole(exporter sdktrace.SpanExporter, q export.Queue) sdktrace.SpanProcessor {
	if q.Batch == 1 {
		return sdktrace.NewSimpleSpanProcessor(exporter)
	}
	var opts []sdktrace.BatchSpanProcessorOption
	if q.Interval > 0 {
		opts = append(opts, sdktrace.WithBatchTimeout(q.Interval))
	}
	if q.ExportTimeout > 0 {
		opts = append(opts, sdktrace.WithExportTimeout(q.ExportTimeout))
	}
	if q.Size > 0 {
		opts = append(opts, sdktrace.WithMaxQueueSize(q.Size))
	}
	if q.Batch > 0 {
		opts = append(opts, sdktrace.WithMaxExportBatchSize(q.Batch))
	}
	return sdktrace.NewBatchSpanProcessor(exporter, opts...)
}

func newLimits(of *otelconf.SpanLimits) sdktrace.SpanLimits {
	limits := sdktrace.NewSpanLimits()
	for _, limit := range []struct {
		set  *int
		into *int
	}{
		{of.AttributeCountLimit, &limits.AttributeCountLimit},
		{of.AttributeValueLengthLimit, &limits.AttributeValueLengthLimit},
		{of.EventCountLimit, &limits.EventCountLimit},
		{of.LinkCountLimit, &limits.LinkCountLimit},
		{of.EventAttributeCountLimit, &limits.AttributePerEventCountLimit},
		{of.LinkAttributeCountLimit, &limits.AttributePerLinkCountLimit},
	} {
		if limit.set != nil {
			*limit.into = *limit.set
		}
	}
	return limits
}

// withSpool is a processor whose spool ends with it: that of another collector for spans.
type withSpool struct {
	sdktrace.SpanProcessor

	set *export.Set
}

// ForceFlush implements [sdktrace.SpanProcessor].
func (p withSpool) ForceFlush(ctx context.Context) error {
	return errors.Join(p.SpanProcessor.ForceFlush(ctx), p.set.Spool.ForceFlush(ctx))
}

// Shutdown implements [sdktrace.SpanProcessor].
func (p withSpool) Shutdown(ctx context.Context) error {
	return errors.Join(p.SpanProcessor.Shutdown(ctx), p.set.Spool.Shutdown(ctx))
}
