// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelconfig

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"time"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/internal/spool"
)

// plan is what the file exports through the spool.
type plan struct {
	main     export.Config   // The first OTLP exporter of each signal.
	others   []export.Signal // The others of spans, each with a spool of its own.
	consoles []export.Queue  // Console exporters of spans.

	set  *export.Set
	sets []*export.Set
}

// newPlan takes the exporters that use the spool out of the model: all of spans, and the first OTLP
// exporter of log records and of metrics. OTLP exporters of metrics with a temporality, an
// aggregation, producers or cardinality limits stay in it, as other exporters do.
func newPlan(ctx context.Context, model *otelconf.OpenTelemetryConfiguration) (*plan, error) {
	p := &plan{}
	r := settings.NewReader(os.LookupEnv)
	p.main.Spool = export.ReadSpool(r)
	if err := r.Err(); err != nil {
		return nil, err
	}
	if model.TracerProvider != nil {
		if err := p.addTraces(model.TracerProvider); err != nil {
			return nil, err
		}
		if _, err := newSampler(model.TracerProvider.Sampler); err != nil {
			return nil, err
		}
		model.TracerProvider.Processors = nil
	}
	if model.LoggerProvider != nil {
		if err := p.addLogs(model.LoggerProvider); err != nil {
			return nil, err
		}
	}
	if model.MeterProvider != nil {
		if err := p.addMetrics(model.MeterProvider); err != nil {
			return nil, err
		}
	}
	var err error
	p.main.Resource, err = resourceOf(ctx, model.Resource)
	return p, err
}

// addLogs takes the first processor with an OTLP exporter.
func (p *plan) addLogs(logs *otelconf.LoggerProvider) error {
	for i, processor := range logs.Processors {
		var exporter otelconf.LogRecordExporter
		queue := export.Queue{Batch: 1}
		var err error
		switch b := processor.Batch; {
		case b != nil && processor.Simple != nil:
			continue // The SDK reports it.
		case b != nil:
			exporter = b.Exporter
			queue, err = newQueue(b.ScheduleDelay, b.ExportTimeout, b.MaxQueueSize, b.MaxExportBatchSize)
		case processor.Simple != nil:
			exporter = processor.Simple.Exporter
		}
		o, name, ok := ofEither(exporter.OTLPHttp, exporter.OTLPGrpc)
		if !ok || exporter.Console != nil {
			continue
		}
		if err == nil {
			p.main.Logs.OTLP, err = o.collector(name)
		}
		if err != nil {
			return fmt.Errorf("logger_provider.processors[%d]: %w", i, err)
		}
		p.main.Logs.Queue, p.main.Logs.Limited = queue, true
		logs.Processors = append(logs.Processors[:i:i], logs.Processors[i+1:]...)
		return nil
	}
	return nil
}

// ofEither returns the one OTLP exporter that is set.
func ofEither(http *otelconf.OTLPHttpExporter, grpc *otelconf.OTLPGrpcExporter) (o otlp, name string, ok bool) {
	switch {
	case http != nil && grpc == nil:
		return ofHTTP(http), "otlp_http exporter", true
	case grpc != nil && http == nil:
		return ofGRPC(grpc), "otlp_grpc exporter", true
	}
	return otlp{}, "", false
}

// addMetrics takes the first reader with an OTLP exporter.
func (p *plan) addMetrics(metrics *otelconf.MeterProvider) error {
	for i, reader := range metrics.Readers {
		periodic := reader.Periodic
		if periodic == nil || reader.Pull != nil || periodic.Exporter.Console != nil || periodic.CardinalityLimits != nil || len(periodic.Producers) > 0 {
			continue
		}
		var http *otelconf.OTLPHttpExporter
		var grpc *otelconf.OTLPGrpcExporter
		if e := periodic.Exporter.OTLPHttp; e != nil && e.DefaultHistogramAggregation == nil && e.TemporalityPreference == nil {
			http = &otelconf.OTLPHttpExporter{
				Compression: otelconf.OTLPHttpExporterCompression(e.Compression), Encoding: e.Encoding, Endpoint: otelconf.OTLPHttpExporterEndpoint(e.Endpoint),
				Headers: e.Headers, HeadersList: otelconf.OTLPHttpExporterHeadersList(e.HeadersList), Timeout: otelconf.OTLPHttpExporterTimeout(e.Timeout), Tls: e.Tls,
			}
		}
		if e := periodic.Exporter.OTLPGrpc; e != nil && e.DefaultHistogramAggregation == nil && e.TemporalityPreference == nil {
			grpc = &otelconf.OTLPGrpcExporter{
				Compression: otelconf.OTLPGrpcExporterCompression(e.Compression), Endpoint: otelconf.OTLPGrpcExporterEndpoint(e.Endpoint),
				Headers: e.Headers, HeadersList: otelconf.OTLPGrpcExporterHeadersList(e.HeadersList), Timeout: otelconf.OTLPGrpcExporterTimeout(e.Timeout), Tls: e.Tls,
			}
		}
		o, name, ok := ofEither(http, grpc)
		if !ok {
			continue
		}
		to, err := o.collector(name)
		if err != nil {
			return fmt.Errorf("meter_provider.readers[%d]: %w", i, err)
		}
		p.main.Metrics.OTLP = to
		if periodic.Interval != nil && *periodic.Interval > 0 {
			p.main.Metrics.Queue.Interval = time.Duration(*periodic.Interval) * time.Millisecond
		}
		if periodic.Timeout != nil && *periodic.Timeout > 0 {
			p.main.Metrics.Queue.ExportTimeout = time.Duration(*periodic.Timeout) * time.Millisecond
		}
		metrics.Readers = append(metrics.Readers[:i:i], metrics.Readers[i+1:]...)
		return nil
	}
	return nil
}

// start makes the exporters. On an error it stops what it has started.
func (p *plan) start(ctx context.Context) (err error) {
	if p.set, err = export.New(ctx, p.main); err != nil {
		return err
	}
	for i, signal := range p.others {
		cfg := export.Config{Traces: signal, Resource: p.main.Resource, Spool: p.main.Spool}
		if cfg.Spool.Dir != "" {
			sum := sha256.Sum256([]byte(p.collectorOf(i)))
			cfg.Spool.Dir = filepath.Join(cfg.Spool.Dir, "collector-"+hex.EncodeToString(sum[:4]))
		}
		set, err := export.New(ctx, cfg)
		if err != nil {
			return errors.Join(err, p.stop(ctx))
		}
		p.sets = append(p.sets, set)
	}
	return nil
}

// collectorOf names the collector of another exporter: what waits for one must not be sent to another. Of several at an
// endpoint the headers tell which tenant it is. A single one keeps its name when its token changes.
func (p *plan) collectorOf(i int) string {
	to := p.others[i].OTLP
	isShared, same := false, 0
	for j, other := range p.others {
		switch {
		case j == i || other.OTLP.Endpoint != to.Endpoint:
		case !maps.Equal(other.OTLP.Headers, to.Headers):
			isShared = true
		case j < i:
			same++
		}
	}
	name := to.Endpoint
	if isShared {
		name += fmt.Sprintf("\x00%q", to.Headers) // Sorted by key.
	}
	if same > 0 {
		name += fmt.Sprintf("\x00%d", same)
	}
	return name
}

// stop stops exporters that no providers use.
func (p *plan) stop(ctx context.Context) error {
	ctx, cancel := stopContext(ctx)
	defer cancel()
	errs := []error{p.set.Shutdown(ctx)}
	for _, set := range p.sets {
		errs = append(errs, set.Shutdown(ctx))
	}
	return errors.Join(errs...)
}

// stopContext bounds the end of what was started in vain: a collector that is away is not awaited.
func stopContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), time.Second)
}

// resourceOf returns the resource that otelconf makes, with its detectors: that of a span.
func resourceOf(ctx context.Context, r *otelconf.Resource) (*resource.Resource, error) {
	var probe resourceProbe
	sdk, err := otelconf.NewSDK(otelconf.WithContext(ctx),
		otelconf.WithOpenTelemetryConfiguration(otelconf.OpenTelemetryConfiguration{Resource: r, TracerProvider: &otelconf.TracerProvider{}}),
		otelconf.WithTracerProviderOptions(sdktrace.WithSpanProcessor(&probe)))
	if err != nil {
		return nil, err
	}
	_, span := sdk.TracerProvider().Tracer("").Start(context.WithoutCancel(ctx), "")
	span.End()
	return probe.resource, sdk.Shutdown(context.WithoutCancel(ctx))
}

// resourceProbe keeps the resource of a span.
type resourceProbe struct{ resource *resource.Resource }

// OnStart keeps the resource.
func (p *resourceProbe) OnStart(_ context.Context, s sdktrace.ReadWriteSpan) {
	p.resource = s.Resource()
}

// OnEnd does nothing.
func (*resourceProbe) OnEnd(sdktrace.ReadOnlySpan) {}

// ForceFlush does nothing.
func (*resourceProbe) ForceFlush(context.Context) error { return nil }

// Shutdown does nothing.
func (*resourceProbe) Shutdown(context.Context) error { return nil }

// tracers is a tracer provider with the spool of all signals, which the toolkit shuts down after
// them and whose health it reports.
type tracers struct {
	trace.TracerProvider

	spool *spool.Spool
}

// Spool returns the spool; nil if no signal uses it.
func (t tracers) Spool() *spool.Spool { return t.spool }

// ForceFlush implements the lifecycle of the SDK's providers.
func (t tracers) ForceFlush(ctx context.Context) error {
	if sdk, ok := t.TracerProvider.(*sdktrace.TracerProvider); ok {
		return sdk.ForceFlush(ctx)
	}
	return nil
}

// Shutdown implements the lifecycle of the SDK's providers.
func (t tracers) Shutdown(ctx context.Context) error {
	if sdk, ok := t.TracerProvider.(*sdktrace.TracerProvider); ok {
		return sdk.Shutdown(ctx)
	}
	return nil
}
