// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otelconfig sets up telemetry from OpenTelemetry's declarative configuration file.
//
// Stability: experimental; may change in a minor release.
//
// The variable OTEL_CONFIG_FILE names the file:
//
//	file_format: "1.0"
//	resource:
//	  attributes:
//	    - {name: service.name, value: voice-agent}
//	tracer_provider:
//	  processors:
//	    - batch:
//	        exporter:
//	          otlp_http:
//	            endpoint: ${COLLECTOR:-http://localhost:4318}/v1/traces
//
// ${NAME} stands for an environment variable, except inside YAML's braces ({exporter: {…}}),
// which the parser of the file confuses with it.
//
// The package is a module of its own, so that only its users depend on the YAML parser and on
// go.opentelemetry.io/contrib/otelconf. The settings for log lines (LOG_LEVEL, LOG_OUTPUT, …)
// do not change. Its version is that of the root module: require both at the same one.
package otelconfig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// FileVariable is the environment variable that names the file.
const FileVariable = "OTEL_CONFIG_FILE"

// Setup is [voicesdk.Setup] with the providers, the propagators and the resource of the file
// that OTEL_CONFIG_FILE names. Without the variable it only calls voicesdk.Setup.
//
// As specified by OpenTelemetry, a signal without a provider in the file is off. With
// "disabled: true" all signals except for log lines are off. The file takes precedence over
// options: WithServiceName, WithResourceAttributes, WithSampler, WithSpanProcessor and similar
// options have no effect on exported telemetry. As without a file, correlation IDs are trace
// IDs, and secrets are redacted before any processor of the file gets spans, log records or
// metrics. The resource is redacted by the rules of [redact.Default], whatever the options.
//
// OTLP requests wait in the spool until the collector has accepted them, on disk if
// OTELVOICE_SPOOL_DIR is set: those of all span exporters, and of the first OTLP exporter of log
// records and of metrics. Requests to the second and later OTLP exporters of spans wait in
// directories of their own below it (collector-…), and are not in [voicesdk.SDK.Health].
// Other OTLP exporters of the file send without the spool: of metrics those with a temporality,
// an aggregation, producers or cardinality limits.
//
// A trace_id_ratio_based sampler, at any depth, is a [voicesdk.RatioSampler], which samples trace
// IDs that were derived from UUIDs at the given ratio, too.
//
// Setup returns an error that names the file if it is missing or invalid, and starts nothing. A file with
// unknown keys is invalid if it has no provider; else a warning is logged. The
// SDK that comes with an error is not nil: it may be used and records nothing.
func Setup(ctx context.Context, opts ...voicesdk.Option) (*voicesdk.SDK, error) {
	environment.Lock()
	path := os.Getenv(FileVariable)
	environment.Unlock()
	if path == "" {
		return voicesdk.Setup(ctx, opts...)
	}
	file, err := read(path)
	if err != nil {
		return &voicesdk.SDK{}, fmt.Errorf("otelconfig: %s=%s: %w", FileVariable, path, err)
	}
	model := file.OpenTelemetryConfiguration
	if model.Disabled != nil && *model.Disabled {
		return voicesdk.Setup(ctx, append(opts, voicesdk.WithLookupEnv(disabled))...)
	}
	model.Resource = redactResource(ctx, model.Resource)
	p, err := newProviders(ctx, path, model)
	if err != nil {
		return &voicesdk.SDK{}, fmt.Errorf("otelconfig: %s=%s: %w", FileVariable, path, err)
	}
	sdk := p.sdk
	tel, err := voicesdk.Setup(ctx, append(opts,
		voicesdk.WithResourceAttributes(attributes(model.Resource)...),
		voicesdk.WithTracerProvider(p.tracers),
		voicesdk.WithMeterProvider(sdk.MeterProvider()),
		voicesdk.WithLoggerProvider(sdk.LoggerProvider()),
		voicesdk.WithPropagators(sdk.Propagator()),
		voicesdk.WithOwnedProviders())...)
	if err != nil {
		return &voicesdk.SDK{}, errors.Join(err, p.shutdown(ctx))
	}
	if len(file.unknown) > 0 {
		tel.Logger("otelvoice.config").WarnContext(ctx, "the configuration file has unknown keys", "file", path, "keys", file.unknown)
	}
	return tel, nil
}

// providers are those of the file.
type providers struct {
	tracers tracers
	sdk     otelconf.SDK // Its meters, loggers and propagator.
}

// newProviders makes the providers of the file. On an error it stops what it has started.
func newProviders(ctx context.Context, path string, model *otelconf.OpenTelemetryConfiguration) (providers, error) {
	environment.Lock()
	defer environment.Unlock()
	// Otherwise otelconf would read the file again and ignore the model.
	if err := os.Unsetenv(FileVariable); err != nil {
		return providers{}, fmt.Errorf("unset %s: %w", FileVariable, err)
	}
	defer func() { _ = os.Setenv(FileVariable, path) }()
	plan, err := newPlan(ctx, model)
	if err != nil {
		return providers{}, err
	}
	if err := plan.start(ctx); err != nil {
		return providers{}, err
	}
	traces := model.TracerProvider
	model.TracerProvider = nil // It is made below.
	var logs []sdklog.LoggerProviderOption
	for _, processor := range plan.set.LogProcessors {
		logs = append(logs, sdklog.WithProcessor(processor))
	}
	var metrics []sdkmetric.Option
	for _, reader := range plan.set.Readers {
		metrics = append(metrics, sdkmetric.WithReader(reader))
	}
	sdk, err := otelconf.NewSDK(
		otelconf.WithContext(ctx),
		otelconf.WithOpenTelemetryConfiguration(*model),
		// No key is there twice, and looking for one is quadratic in the attributes.
		otelconf.WithLoggerProviderOptions(append(logs, sdklog.WithAllowKeyDuplication())...),
		otelconf.WithMeterProviderOptions(metrics...))
	if err != nil {
		return providers{}, errors.Join(err, plan.stop(ctx))
	}
	p := providers{tracers{noop.NewTracerProvider(), plan.set.Spool}, sdk} // If the file has no tracer provider.
	if traces != nil {
		made, err := plan.newTracers(traces)
		if err != nil {
			return providers{}, errors.Join(err, sdk.Shutdown(context.WithoutCancel(ctx)), plan.stop(ctx))
		}
		p.tracers.TracerProvider = made
	}
	return p, nil
}

// shutdown stops providers that the toolkit does not own.
func (p providers) shutdown(ctx context.Context) error {
	ctx, cancel := stopContext(ctx)
	defer cancel()
	return errors.Join(p.tracers.Shutdown(ctx), p.sdk.Shutdown(ctx), p.tracers.spool.Shutdown(ctx))
}

// environment is held while the variable is read or changed. It is a global because the
// environment is.
var environment sync.Mutex

// disabled looks up the environment, with the SDK disabled.
func disabled(name string) (string, bool) {
	switch name {
	case "OTEL_SDK_DISABLED":
		return "true", true
	case FileVariable:
		return "", false // The file was read.
	}
	return os.LookupEnv(name)
}

// attributes returns the string attributes of the resource, for log lines in OpenTelemetry's
// format and for the service name. Exported telemetry has the resource itself.
func attributes(r *otelconf.Resource) (attrs []attribute.KeyValue) {
	if r == nil {
		return nil
	}
	for _, a := range r.Attributes {
		if text, ok := a.Value.(string); ok {
			attrs = append(attrs, attribute.String(a.Name, text))
		}
	}
	return attrs
}
