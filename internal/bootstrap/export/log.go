// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	sdklog "go.opentelemetry.io/otel/sdk/log"

	"github.com/voice-agents/telemetry/internal/sdkdata"
	"github.com/voice-agents/telemetry/internal/spool"
)

// newLogProcessor returns the SDK's batch processor and exporter for log records, which send
// through the spool. They apply the limits of OTEL_LOGRECORD_*; without limits, records are
// encoded by [otlp.LoggerProvider] instead.
func (s *Set) newLogProcessor(ctx context.Context, c Collector, queue Queue) (sdklog.Processor, error) {
	client, err := s.spoolClient(spool.Logs, c)
	if err != nil {
		return nil, err
	}
	// Each option is set: the exporter reads a variable for each that is not.
	exporter, err := otlploghttp.New(ctx,
		otlploghttp.WithEndpointURL(spoolURL(spool.Logs)),
		otlploghttp.WithHeaders(map[string]string{}),
		otlploghttp.WithTimeout(defaultTimeout),
		otlploghttp.WithTLSClientConfig(nil),
		otlploghttp.WithCompression(otlploghttp.NoCompression),
		otlploghttp.WithHTTPClient(client),
	)
	if err != nil {
		return nil, err
	}
	g := &gate{
		size: int64(queue.Size), full: func() { s.Spool.Lost(spool.Logs, 1) }, late: func() { s.Spool.Late(spool.Logs, 1) },
	}
	return gatedProcessor{sdklog.NewBatchProcessor(gatedExporter{exporter, g}, queue.logOptions()...), g}, nil
}

// gate admits as many records into the SDK's batch processor as its queue holds, and counts
// those that it rejects. The processor would reject them too, but reports that only in a metric
// that is not always enabled.
type gate struct {
	size   int64
	queued atomic.Int64 // Records that were admitted and not exported yet.
	full   func()       // Counts a record that found the queue full.
	ended  atomic.Bool  // The processor was shut down.
	late   func()       // Counts a record that came after that.
}

func (g *gate) admit() bool {
	if g.ended.Load() {
		g.late()
		return false
	}
	if g.queued.Add(1) > g.size {
		g.queued.Add(-1)
		g.full()
		return false
	}
	return true
}

// gatedProcessor is a batch processor behind a gate.
type gatedProcessor struct {
	sdklog.Processor
	gate *gate
}

// OnEmit implements [sdklog.Processor].
func (p gatedProcessor) OnEmit(ctx context.Context, record *sdklog.Record) error {
	if !p.gate.admit() {
		return nil // The gate has counted it.
	}
	return p.Processor.OnEmit(ctx, record)
}

// Shutdown implements [sdklog.Processor].
func (p gatedProcessor) Shutdown(ctx context.Context) error {
	p.gate.ended.Store(true)
	return p.Processor.Shutdown(ctx)
}

// gatedExporter is the exporter of a gatedProcessor. It makes text valid UTF-8: OpenTelemetry's
// exporter loses a whole request for one byte that is not.
type gatedExporter struct {
	sdklog.Exporter
	gate *gate
}

// Export implements [sdklog.Exporter].
func (e gatedExporter) Export(ctx context.Context, records []sdklog.Record) error {
	defer e.gate.queued.Add(-int64(len(records)))
	return e.Exporter.Export(ctx, sdkdata.Records(records)) //nolint:contextcheck // The records that it copies are emitted to no provider.
}
