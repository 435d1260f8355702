// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	exported "github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/bootstrap/hostmetrics"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/internal/metric/metricguard"
	"github.com/voice-agents/telemetry/internal/output"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/sdkdata"
	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/internal/spool"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/pricing/pricefile"
)

// Set holds the providers of one process and the resources to release with them.
type Set struct {
	Tracers     trace.TracerProvider
	Meters      metric.MeterProvider
	OwnMeters   metric.MeterProvider // For instruments whose attributes are redacted already.
	Logs        *logpipe.Provider
	LogLevels   *logpipe.Levels
	Lost        map[string]func() uint64 // Counts of lines that outputs could not write, by the output's name.
	Settings    settings.Settings
	Propagators []propagation.TextMapPropagator // Without the correlation ID's.
	Service     string                          // The service's name.
	Scrape      http.Handler                    // Serves the metrics; nil unless asked for.
	Guard       *metricguard.Provider           // Of the meters' callbacks; nil with a provider from the user.
	Content     bool                            // Whether transcripts and replies may be recorded.
	Redactor    *redaction.Engine               // Of all signals; nil removes nothing.
	Faults      *logpipe.Faults                 // Of the user's processors, providers and outputs.

	LatencyBudget     time.Duration // 0 is none.
	SegmentBudgets    map[string]time.Duration
	Heartbeat         time.Duration // 0 is none.
	DeadAir           time.Duration // The bound; 0 is none.
	Prices            *pricing.List // Nil is no costs.
	CorrelationHeader string

	timeout time.Duration
	signals []lifecycle  // Tracers and loggers that are the set's own.
	metrics lifecycle    // Likewise; may be nil.
	spool   *spool.Spool // What these send waits in it; may be nil.
	outputs []*output.Writer
	closers []io.Closer // Files, after all of these.
	order   sync.Once
	steps   steps // All of these, in the order in which they are flushed and shut down.

	errors        sync.Once
	standardError *output.Writer
}

// New reads the environment and creates the providers. After an error nothing
// runs. Globals are not touched; see [Set.SetGlobals].
func New(ctx context.Context, cfg Config) (_ *Set, err error) {
	env, err := readEnvironment(cfg)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	cfg = cfg.filledFrom(env)
	prices, err := readPrices(cfg.PriceFile)
	if err != nil {
		return nil, err
	}
	res, err := newResource(ctx, cfg, env)
	if err != nil {
		return nil, fmt.Errorf("describe the process: %w", err)
	}
	defer hideResource(ctx, cfg.Redactor)()
	defer observeSDK(cfg, env)()
	set := &export.Set{}
	exporting := cfg.exporters(env, res)
	console := output.New(os.Stdout, output.Options{Name: "console exporters"})
	exporting.Console = console
	if !env.disabled {
		if set, err = export.New(ctx, exporting); err != nil {
			return nil, fmt.Errorf("make the exporters: %w", err)
		}
	}
	if set.Spool == nil {
		set.Spool = broughtSpool(cfg)
	}
	s := &Set{timeout: cfg.Timeout, Service: serviceName(res), Content: cfg.Content, Settings: env.log, Scrape: set.Scrape, Redactor: cfg.Redactor, Faults: logpipe.NewFaults(cfg.Redactor)}
	logging := env.log.Config()
	s.Prices = prices
	s.SegmentBudgets, s.Heartbeat = logging.SegmentBudgets, logging.Heartbeat
	s.LatencyBudget, s.DeadAir, s.CorrelationHeader = logging.LatencyBudget, logging.DeadAir, logging.CorrelationHeader
	if exporting.Traces.Console || exporting.Metrics.Console || exporting.Logs.Console {
		s.guardOutput(console)
	}
	s.setTracers(cfg, env, set, res)
	s.setMeters(cfg, env, set, res)
	if err := s.setLogs(cfg, env, set, res); err != nil { //nolint:contextcheck // The outputs live longer than Setup.
		s.giveUp(ctx, set)
		return nil, err
	}
	if err := s.observeMetrics(); err != nil { //nolint:contextcheck // Likewise.
		s.giveUp(ctx, set)
		return nil, err
	}
	if err := s.setSpool(set.Spool); err != nil { //nolint:contextcheck // The spool lives longer than Setup.
		s.giveUp(ctx, set)
		return nil, err
	}
	s.Propagators = cfg.Propagators
	if s.metrics != nil && !cfg.WithoutRuntime {
		if err := hostmetrics.Start(s.Meters, instrumentation); err != nil {
			s.giveUp(ctx, set)
			return nil, fmt.Errorf("start the runtime metrics: %w", err)
		}
	}
	if env.file != "" && cfg.TracerProvider == nil {
		slog.New(logpipe.NewHandler(logpipe.TelemetryModule, "", s.Logs)).LogAttrs(ctx, slog.LevelWarn,
			"OTEL_CONFIG_FILE is not read: set up with package otelconfig, or unset it", slog.String("file", env.file))
	}
	return s, nil
}

// giveUp stops what was started in vain. It does not wait for a collector that is away.
func (s *Set) giveUp(ctx context.Context, set *export.Set) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer cancel()
	_ = errors.Join(s.Shutdown(ctx), set.Shutdown(ctx)) // The error that is returned says why.
}

// readPrices reads the price file, if there is one.
func readPrices(path string) (*pricing.List, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // No file is no prices.
	}
	return pricefile.Read(path) //nolint:wrapcheck // It names the file.
}

func (s *Set) setTracers(cfg Config, env environment, set *export.Set, res *resource.Resource) {
	switch {
	case cfg.TracerProvider != nil:
		s.Tracers = redaction.NewTracerProvider(s.Redactor, cfg.TracerProvider)
		s.own(cfg, cfg.TracerProvider, tracerProvider)
		return
	case env.disabled:
		s.Tracers = tracenoop.NewTracerProvider()
		return
	}
	opts := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(res),
		sdktrace.WithIDGenerator(identity.Generator{}),
		sdktrace.WithSampler(cfg.Sampler),
	}
	// An ended span reaches the exporters before a processor of the user's can hang.
	if processors := slices.Concat(set.SpanProcessors, cfg.SpanProcessors); len(processors) > 0 {
		opts = append(opts, sdktrace.WithSpanProcessor(sdkdata.NewSpanProcessor(s.Redactor, s.newSpanProcessors(processors))))
	}
	provider := sdktrace.NewTracerProvider(opts...)
	s.Tracers = provider
	s.signals = append(s.signals, named{provider, tracerProvider})
}

func (s *Set) setMeters(cfg Config, env environment, set *export.Set, res *resource.Resource) {
	readers := slices.Concat(cfg.Readers, set.Readers)
	switch {
	case cfg.MeterProvider != nil:
		s.bringMeters(cfg)
		return
	case env.disabled, len(readers) == 0:
		s.Meters = metricnoop.NewMeterProvider() // Without a reader, measuring would only cost time.
		s.OwnMeters = s.Meters
		return
	}
	opts := []sdkmetric.Option{sdkmetric.WithResource(res)}
	bounded := make([]*metricReader, 0, len(readers))
	for _, reader := range readers {
		bounded = append(bounded, newMetricReader(reader))
		opts = append(opts, sdkmetric.WithReader(bounded[len(bounded)-1]))
	}
	provider := sdkmetric.NewMeterProvider(opts...)
	s.metrics = named{meters{provider, bounded}, meterProvider}
	s.guard(provider)
	if s.Redactor != nil {
		s.Meters = s.Guard.Clean(s.Redactor)
	}
}

// own takes ownership of a provider from the user, if it is to be flushed and shut
// down with the set.
func (s *Set) own(cfg Config, provider any, name string) {
	if owned, ok := provider.(lifecycle); ok && cfg.OwnProviders {
		s.signals = append(s.signals, named{owned, name})
	}
}

// broughtSpool returns the spool of a tracer provider that the set takes over, such as that of
// package otelconfig; nil if it has none.
func broughtSpool(cfg Config) *spool.Spool {
	if brought, ok := cfg.TracerProvider.(interface{ Spool() *spool.Spool }); ok && cfg.OwnProviders {
		return brought.Spool()
	}
	return nil
}

// SetGlobals makes the providers OpenTelemetry's globals. Errors inside telemetry are
// logged.
func (s *Set) SetGlobals(version string, propagator propagation.TextMapPropagator) {
	otel.SetTracerProvider(s.Tracers)
	otel.SetMeterProvider(s.Meters)
	otel.SetLoggerProvider(s.Logs)
	otel.SetTextMapPropagator(propagator)
	otel.SetErrorHandler(logpipe.NewErrorLog(slog.New(logpipe.NewHandler(logpipe.TelemetryModule, version, s.Logs))))
}

// Health returns the state of the signals that are sent over OTLP; nil if none is.
func (s *Set) Health() []exported.Health {
	if s.spool == nil {
		return nil
	}
	var all []exported.Health
	for _, h := range s.spool.Health() {
		h.LastError = s.Redactor.String(h.LastError)
		all = append(all, exported.Health{
			Signal: exported.Signal(h.Signal), Requests: h.Requests, Items: h.Items, Aside: h.Aside, AsideItems: h.AsideItems,
			Disk: h.Disk, Memory: h.Memory, Oldest: h.Oldest, Sent: h.Sent, Retried: h.Retried, Dropped: h.Dropped,
			LastError: h.LastError, LastErrorAt: h.LastErrorAt, Delivering: h.Delivering,
		})
	}
	return all
}

// setSpool connects the spool's status messages to the log and registers its metrics.
func (s *Set) setSpool(sp *spool.Spool) error {
	if sp == nil {
		return nil
	}
	s.spool = sp
	logger := slog.New(logpipe.NewHandler(logpipe.TelemetryModule, "", s.Logs))
	sp.Listen(func(level slog.Level, message string, attrs ...slog.Attr) {
		logger.LogAttrs(context.Background(), level, "telemetry: "+message, attrs...)
	})
	if err := sp.Observe(s.Meters.Meter(instrumentation)); err != nil {
		return fmt.Errorf("measure the spool: %w", err)
	}
	return nil
}

// observeSDK enables the SDK's own metrics of its processors and exporters while the
// providers are created. Only they count items that a full queue dropped. The SDK
// reads the variable when it creates a processor and writes to the global meter
// provider, so without globals observeSDK does nothing. It returns a function that
// restores the variable: child processes must not inherit it.
func observeSDK(cfg Config, env environment) (restore func()) {
	const variable = "OTEL_GO_X_OBSERVABILITY"
	if _, set := os.LookupEnv(variable); set || cfg.WithoutGlobals || env.disabled {
		return func() {}
	}
	if err := os.Setenv(variable, "true"); err != nil {
		return func() {}
	}
	return func() { _ = os.Unsetenv(variable) }
}
