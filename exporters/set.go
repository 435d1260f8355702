// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package exporters

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
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
	"github.com/voice-agents/telemetry/exporters/otlp"
	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/otlpbatch"
	"github.com/voice-agents/telemetry/internal/otlplog"
	"github.com/voice-agents/telemetry/internal/otlpspan"
)

// Set is what takes telemetry out of the process. The providers that it is given
// to shut it down; until then [Set.Shutdown] does.
type Set struct {
	SpanProcessors []sdktrace.SpanProcessor
	Readers        []sdkmetric.Reader
	LogProcessors  []sdklog.Processor
	// Logs sends log records by OTLP without the SDK, which it takes a fifth of the work; nil
	// unless Config.Resource says whose they are. A processor in LogProcessors does it then.
	Logs   Logs
	Scrape http.Handler // Serves the metrics of one of the readers; nil unless asked for.
	// Spool is where requests wait that are sent by OTLP; nil if none are. It is shut down
	// after the providers, and not by them.
	Spool *spool.Spool
}

// Logs is a provider of loggers that is to be flushed and shut down.
type Logs interface {
	log.LoggerProvider
	ForceFlush(ctx context.Context) error
	Shutdown(ctx context.Context) error
}

// New makes what the configuration names. Nothing is sent yet. On an error
// nothing is left running.
func New(ctx context.Context, cfg Config) (*Set, error) {
	if cfg.Console == nil {
		cfg.Console = os.Stdout
	}
	cfg.Console = &console{w: cfg.Console}
	s := &Set{}
	if err := s.addSpool(&cfg); err != nil {
		return nil, fmt.Errorf("exporters: %w", err)
	}
	for _, add := range []func(context.Context, Config) error{s.addTraces, s.addMetrics, s.addLogs} {
		if err := add(ctx, cfg); err != nil {
			return nil, errors.Join(fmt.Errorf("exporters: %w", err), s.Shutdown(ctx))
		}
	}
	return s, nil
}

// addSpool makes the spool, and has the exporters send through it.
func (s *Set) addSpool(cfg *Config) (err error) {
	if cfg.Traces.OTLP == nil && cfg.Metrics.OTLP == nil && cfg.Logs.OTLP == nil {
		return nil
	}
	if s.Spool, err = spool.New(cfg.Spool); err != nil {
		return err
	}
	for _, signal := range []*Signal{&cfg.Traces, &cfg.Metrics, &cfg.Logs} {
		if signal.OTLP != nil {
			through := *signal.OTLP
			through.Spool = s.Spool
			signal.OTLP = &through
		}
	}
	// What is encoded when it is made takes no more room than it has bytes, and has a default of
	// its own.
	if cfg.Resource == nil {
		cfg.Traces.Queue = cfg.Traces.Queue.forBursts()
	}
	if cfg.Resource == nil || cfg.Logs.limited {
		cfg.Logs.Queue = cfg.Logs.Queue.forBursts()
	}
	return nil
}

// How long items wait for others, where nobody has said so: what the specification has.
const (
	spanInterval = 5 * time.Second
	logInterval  = time.Second
)

// batches says what becomes of items that are encoded when they are made.
func (s *Set) batches(signal spool.Signal, res *resource.Resource, queue Queue, interval time.Duration, put func([]byte, int) error) otlpbatch.Config {
	return otlpbatch.Config{
		Resource: res, Put: put, Lost: func(n int) { s.Spool.Lost(signal, n) }, Late: func(n int) { s.Spool.Late(signal, n) },
		Interval: cmp.Or(queue.Interval, interval), Batch: queue.Batch, Size: queue.Size,
	}
}

// gate is what stands before a signal's batch processor.
func (s *Set) gate(signal spool.Signal, queue Queue) *gate {
	return &gate{
		size: int64(queue.Size), lost: func(n int) { s.Spool.Lost(signal, n) }, late: func(n int) { s.Spool.Late(signal, n) },
	}
}

// Shutdown releases a set that was not given to providers.
func (s *Set) Shutdown(ctx context.Context) error {
	var errs []error
	for _, p := range s.SpanProcessors {
		errs = append(errs, p.Shutdown(ctx))
	}
	for _, r := range s.Readers {
		// A reader that no provider has taken says so; it has nothing to release.
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

func (s *Set) addTraces(ctx context.Context, cfg Config) error {
	switch {
	case cfg.Traces.OTLP == nil:
	case cfg.Resource != nil:
		put, err := otlp.SpanRequests(*cfg.Traces.OTLP)
		if err != nil {
			return err
		}
		s.SpanProcessors = append(s.SpanProcessors, otlpspan.New(s.batches(spool.Traces, cfg.Resource, cfg.Traces.Queue, spanInterval, put)))
	default:
		exporter, err := otlp.NewSpanExporter(ctx, *cfg.Traces.OTLP)
		if err != nil {
			return err
		}
		g := s.gate(spool.Traces, cfg.Traces.Queue)
		s.SpanProcessors = append(s.SpanProcessors, gatedSpans{
			sdktrace.NewBatchSpanProcessor(leavingSpans{cleanSpans{exporter}, g}, cfg.Traces.Queue.spanOptions()...), g,
		})
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
	if cfg.Metrics.OTLP != nil {
		exporter, err := otlp.NewMetricExporter(ctx, *cfg.Metrics.OTLP)
		if err != nil {
			return err
		}
		s.Readers = append(s.Readers, sdkmetric.NewPeriodicReader(exporter, cfg.Metrics.Queue.readerOptions()...))
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
	switch {
	case cfg.Logs.OTLP == nil:
	case cfg.Resource != nil && !cfg.Logs.limited:
		put, err := otlp.LogRequests(*cfg.Logs.OTLP)
		if err != nil {
			return err
		}
		s.Logs = otlplog.New(s.batches(spool.Logs, cfg.Resource, cfg.Logs.Queue, logInterval, put))
	default:
		exporter, err := otlp.NewLogExporter(ctx, *cfg.Logs.OTLP)
		if err != nil {
			return err
		}
		g := s.gate(spool.Logs, cfg.Logs.Queue)
		s.LogProcessors = append(s.LogProcessors, gatedLogs{
			sdklog.NewBatchProcessor(leavingLogs{exporter, g}, cfg.Logs.Queue.logOptions()...), g,
		})
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
