// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	"go.opentelemetry.io/contrib/instrumentation/host"
	"go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel/exporters/stdout/stdoutlog"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/voice-agents/telemetry/exporters"
	"github.com/voice-agents/telemetry/exporters/jsonlog"
	"github.com/voice-agents/telemetry/internal/correlation"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/internal/instrument"
	"github.com/voice-agents/telemetry/internal/logpipe"
	"github.com/voice-agents/telemetry/semconv"
)

// filledFrom fills what the options left open.
func (c config) filledFrom(env environment) config {
	if c.sampler == nil {
		c.sampler = env.sampler
	}
	if c.propagators == nil {
		c.propagators = env.propagators
	}
	if c.level == nil {
		c.level = env.level
	}
	if c.format == "" {
		c.format = env.format
	}
	if !c.withoutContent {
		c.content = c.content || env.content
	}
	return c
}

// build makes the providers. On an error, what was made is released.
func build(ctx context.Context, cfg config, env environment) (t *Telemetry, err error) {
	res, err := newResource(ctx, cfg, env)
	if err != nil {
		return nil, setupError("describe the process", err)
	}
	defer observeSDK(cfg, env)()
	set := &exporters.Set{}
	if !env.disabled {
		if set, err = exporters.New(ctx, env.exporters); err != nil {
			return nil, setupError("make the exporters", err)
		}
	}
	defer func() {
		if err != nil {
			_ = set.Shutdown(ctx) // The error that led here is the one to tell.
		}
	}()
	t = &Telemetry{config: cfg, serviceName: serviceName(res)}
	t.setTracers(cfg, env, set, res)
	t.setMeters(cfg, env, set, res)
	if err := t.setLogs(cfg, env, set, res); err != nil {
		return nil, setupError("make the log exporter", err)
	}
	t.propagator = propagation.NewCompositeTextMapPropagator(
		append(cfg.propagators[:len(cfg.propagators):len(cfg.propagators)],
			correlation.Propagator{Current: identity.Correlation})...)

	t.tracer = t.tracers.Tracer(ScopeName, trace.WithInstrumentationVersion(Version),
		trace.WithSchemaURL(semconv.SchemaURL))
	if t.metrics, err = instrument.New(t.meters, ScopeName, Version); err != nil {
		return nil, setupError("make the instruments", err)
	}
	t.lines = newLines(t.logs, cfg.withoutStages)
	if t.owned.metrics != nil && !cfg.withoutRuntime {
		if err := startRuntimeMetrics(t.meters); err != nil {
			return nil, setupError("start the runtime metrics", err)
		}
	}
	return t, nil
}

func (t *Telemetry) setTracers(cfg config, env environment, set *exporters.Set, res *resource.Resource) {
	switch {
	case cfg.tracerProvider != nil:
		t.tracers = cfg.tracerProvider
		return
	case env.disabled:
		t.tracers = tracenoop.NewTracerProvider()
		return
	}
	opts := []sdktrace.TracerProviderOption{
		sdktrace.WithResource(res),
		sdktrace.WithIDGenerator(NewIDGenerator()),
		sdktrace.WithSampler(cfg.sampler),
	}
	for _, processor := range append(cfg.spanProcessors, set.SpanProcessors...) {
		opts = append(opts, sdktrace.WithSpanProcessor(processor))
	}
	provider := sdktrace.NewTracerProvider(opts...)
	t.tracers = provider
	t.owned.signals = append(t.owned.signals, provider)
}

func (t *Telemetry) setMeters(cfg config, env environment, set *exporters.Set, res *resource.Resource) {
	readers := append(cfg.readers, set.Readers...)
	switch {
	case cfg.meterProvider != nil:
		t.meters = cfg.meterProvider
		return
	case env.disabled, len(readers) == 0:
		t.meters = metricnoop.NewMeterProvider() // Nobody reads: measuring would cost and tell nothing.
		return
	}
	opts := []sdkmetric.Option{sdkmetric.WithResource(res)}
	for _, reader := range readers {
		opts = append(opts, sdkmetric.WithReader(reader))
	}
	provider := sdkmetric.NewMeterProvider(opts...)
	t.meters = provider
	t.owned.metrics = provider
}

// setLogs makes the one way in for logs and its legs: the lines on stdout, and
// the SDK's provider on the way to a collector.
func (t *Telemetry) setLogs(cfg config, env environment, set *exporters.Set, res *resource.Resource) error {
	var legs []log.LoggerProvider
	var processors []sdklog.Processor
	if !env.disabled {
		processors = append(cfg.logProcessors, set.LogProcessors...)
	}
	switch {
	case cfg.withoutConsole:
	case cfg.format == formatOTel:
		exporter, err := stdoutlog.New(stdoutlog.WithWriter(cfg.writer))
		if err != nil {
			return err
		}
		// Lines must be out before a crash, so they are not batched.
		processors = append(processors, sdklog.NewSimpleProcessor(exporter))
	default:
		legs = append(legs, jsonlog.New(cfg.writer, nil))
	}
	switch {
	case cfg.loggerProvider != nil:
		legs = append(legs, cfg.loggerProvider)
	case len(processors) > 0:
		opts := []sdklog.LoggerProviderOption{
			sdklog.WithResource(res),
			// The pipe adds no key twice and the JSON line sorts out a
			// caller's; the SDK's own search is quadratic in the attributes.
			sdklog.WithAllowKeyDuplication(),
		}
		for _, processor := range processors {
			opts = append(opts, sdklog.WithProcessor(processor))
		}
		provider := sdklog.NewLoggerProvider(opts...)
		legs = append(legs, provider)
		t.owned.signals = append(t.owned.signals, provider)
	}
	t.logs = logpipe.New(logpipe.Options{Level: cfg.level, WithoutThreadID: cfg.withoutThreadID}, legs...)
	return nil
}

// newResource describes the process. Command-line arguments are left out: they
// hold secrets.
func newResource(ctx context.Context, cfg config, env environment) (*resource.Resource, error) {
	attrs := []resource.Option{
		resource.WithTelemetrySDK(),
		resource.WithHost(),
		resource.WithProcessPID(),
		resource.WithProcessExecutableName(),
		resource.WithProcessRuntimeName(),
		resource.WithProcessRuntimeVersion(),
		resource.WithService(), // Defaults for the name and the instance.
	}
	if version := buildVersion(); version != "" {
		attrs = append(attrs, resource.WithAttributes(semconv.ServiceVersion(version)))
	}
	attrs = append(attrs, resource.WithAttributes(env.resource...), resource.WithAttributes(cfg.resource...))
	if cfg.serviceName != "" {
		attrs = append(attrs, resource.WithAttributes(semconv.ServiceName(cfg.serviceName)))
	}
	if cfg.serviceVersion != "" {
		attrs = append(attrs, resource.WithAttributes(semconv.ServiceVersion(cfg.serviceVersion)))
	}
	res, err := resource.New(ctx, attrs...)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	return res, nil
}

// buildVersion is the version of the program's main module, if it has one.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "(devel)" {
		return ""
	}
	return info.Main.Version
}

func serviceName(res *resource.Resource) string {
	if name, ok := res.Set().Value(semconv.ServiceNameKey); ok && name.AsString() != "" {
		return name.AsString()
	}
	return "app"
}

// startRuntimeMetrics measures the Go runtime and the host. Both work by
// callbacks when a reader reads; nothing runs in between.
func startRuntimeMetrics(provider metric.MeterProvider) error {
	return errors.Join(
		runtime.Start(runtime.WithMeterProvider(provider)),
		host.Start(host.WithMeterProvider(provider)))
}

// observeSDK asks the SDK to count what its own processors and exporters take,
// send and lose, while the providers are made; the count of what a full queue
// lost is to be had nowhere else. The SDK reads the variable when it makes a
// processor and writes to the global meter provider, so there is nothing to ask
// for without globals or without a reader. It returns what puts the variable
// back: programs that this one starts must not inherit it.
func observeSDK(cfg config, env environment) (restore func()) {
	const variable = "OTEL_GO_X_OBSERVABILITY"
	if _, set := os.LookupEnv(variable); set || cfg.withoutGlobals || env.disabled {
		return func() {}
	}
	if err := os.Setenv(variable, "true"); err != nil {
		return func() {}
	}
	return func() { _ = os.Unsetenv(variable) }
}
