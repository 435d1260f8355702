// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/exporters/stdout/stdoutlog"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutmetric"
	"go.opentelemetry.io/otel/exporters/stdout/stdouttrace"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/exporters/openmetrics"
	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/otlp"
	"github.com/voice-agents/telemetry/internal/spool"
)

// Set is the processors and readers of a configuration. Providers that use them shut them
// down; without providers, [Set.Shutdown] does.
type Set struct {
	SpanProcessors []sdktrace.SpanProcessor
	Readers        []sdkmetric.Reader
	LogProcessors  []sdklog.Processor
	// Logs exports log records over OTLP without the SDK's batch processor, which takes a fifth
	// of the work. It is nil if log records are not exported, or if they have limits, which only
	// the SDK applies; LogProcessors then holds its processor.
	Logs   Logs
	Scrape http.Handler // Serves the metrics of one of the readers; nil unless [Config.Scrape].
	// Spool buffers all OTLP requests; nil if no signal uses OTLP. Shut it down after the
	// providers, which do not.
	Spool *spool.Spool
}

// Logs is a logger provider that can be flushed and shut down.
type Logs interface {
	log.LoggerProvider
	ForceFlush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// giveUp stops what was started in vain. It does not wait for a collector that is away.
func (s *Set) giveUp(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = s.Shutdown(ctx) // The error that New returns says why.
}

// New returns the processors and readers that the configuration names. It sends nothing. On an
// error it stops what it has started.
func New(ctx context.Context, cfg Config) (*Set, error) {
	cfg.Console = guarded(cfg.Console)
	s := &Set{}
	if cfg.Traces.OTLP != nil || cfg.Metrics.OTLP != nil || cfg.Logs.OTLP != nil {
		var err error
		if s.Spool, err = spool.New(cfg.Spool); err != nil {
			return nil, fmt.Errorf("OTELVOICE_SPOOL_DIR: %w", err)
		}
	}
	for _, add := range []func(context.Context, Config) error{s.addTraces, s.addMetrics, s.addLogs} {
		if err := add(ctx, cfg); err != nil {
			s.giveUp(ctx)
			return nil, fmt.Errorf("exporters: %w", err)
		}
	}
	return s, nil
}

// How long an item may wait for its batch to fill, by default: the values of the specification.
const (
	spanInterval = 5 * time.Second
	logInterval  = time.Second
)

// batchConfig returns how encoded items of a signal are batched and handed to the spool.
func (s *Set) batchConfig(signal spool.Signal, c Collector, res *resource.Resource, queue Queue, interval time.Duration) (otlp.BatchConfig, error) {
	s.expect(signal, queue)
	put, err := s.spoolRequests(signal, c)
	if err != nil {
		return otlp.BatchConfig{}, err
	}
	queue = queue.encoded()
	return otlp.BatchConfig{
		Resource: res, Put: put, Lost: func(n int) { s.Spool.Lost(signal, n) }, Late: func(n int) { s.Spool.Late(signal, n) },
		Interval: cmp.Or(queue.Interval, interval), Batch: queue.Batch, Size: queue.Size, MaxBytes: queueBytes(),
	}, nil
}

// expect gives a signal the memory of its queue, if its size is configured.
func (s *Set) expect(signal spool.Signal, queue Queue) {
	if queue.Size > 0 {
		s.Spool.ExpectItems(signal, queue.Size)
	}
}

// Shutdown stops a set that no providers use.
func (s *Set) Shutdown(ctx context.Context) error {
	var errs []error
	for _, p := range s.SpanProcessors {
		errs = append(errs, p.Shutdown(ctx))
	}
	for _, r := range s.Readers {
		// A reader without a provider returns this error, and has nothing to release.
		if err := r.Shutdown(ctx); err != nil && !errors.Is(err, sdkmetric.ErrReaderNotRegistered) {
			errs = append(errs, err)
		}
	}
	for _, p := range s.LogProcessors {
		errs = append(errs, p.Shutdown(ctx))
	}
	if s.Logs != nil {
		errs = append(errs, s.Logs.Shutdown(ctx))
	}
	if s.Spool != nil {
		errs = append(errs, s.Spool.Shutdown(ctx))
	}
	return errors.Join(errs...)
}

func (s *Set) addTraces(_ context.Context, cfg Config) error {
	if to := cfg.Traces.OTLP; to != nil {
		batches, err := s.batchConfig(spool.Traces, *to, cfg.Resource, cfg.Traces.Queue, spanInterval)
		if err != nil {
			return err
		}
		var processor sdktrace.SpanProcessor = otlp.NewSpanProcessor(batches)
		if cfg.Profile != 0 {
			processor = profile.NewSpanProcessor(cfg.Profile, processor)
		}
		s.SpanProcessors = append(s.SpanProcessors, processor)
	}
	if cfg.Traces.Console {
		exporter, err := stdouttrace.New(stdouttrace.WithWriter(cfg.Console))
		if err != nil {
			return err
		}
		s.SpanProcessors = append(s.SpanProcessors, sdktrace.NewSimpleSpanProcessor(exporter))
	}
	return nil
}

func (s *Set) addMetrics(ctx context.Context, cfg Config) error {
	if cfg.Scrape {
		exporter, err := openmetrics.New()
		if err != nil {
			return err
		}
		s.Readers = append(s.Readers, exporter)
		s.Scrape = exporter
	}
	if to := cfg.Metrics.OTLP; to != nil {
		reader, err := s.newMetricReader(ctx, *to, cfg.Metrics.Queue)
		if err != nil {
			return err
		}
		s.Readers = append(s.Readers, reader)
	}
	if cfg.Metrics.Console {
		exporter, err := stdoutmetric.New(stdoutmetric.WithWriter(cfg.Console))
		if err != nil {
			return err
		}
		s.Readers = append(s.Readers, sdkmetric.NewPeriodicReader(exporter, cfg.Metrics.Queue.readerOptions()...))
	}
	return nil
}

func (s *Set) addLogs(ctx context.Context, cfg Config) error {
	switch to := cfg.Logs.OTLP; {
	case to == nil:
	case cfg.Logs.Limited:
		s.expect(spool.Logs, cfg.Logs.Queue)
		processor, err := s.newLogProcessor(ctx, *to, cfg.Logs.Queue.sdk())
		if err != nil {
			return err
		}
		s.LogProcessors = append(s.LogProcessors, processor)
	default:
		batches, err := s.batchConfig(spool.Logs, *to, cfg.Resource, cfg.Logs.Queue, logInterval)
		if err != nil {
			return err
		}
		s.Logs = otlp.NewLoggerProvider(batches)
	}
	if cfg.Logs.Console {
		exporter, err := stdoutlog.New(stdoutlog.WithWriter(cfg.Console))
		if err != nil {
			return err
		}
		s.LogProcessors = append(s.LogProcessors, sdklog.NewSimpleProcessor(exporter))
	}
	return nil
}
