// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otelconfig sets up telemetry by OpenTelemetry's declarative
// configuration file, the one that OTEL_CONFIG_FILE names:
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
// A variable of the environment is put in where ${NAME} stands, but not inside YAML's
// braces ({exporter: {…}}): the reader takes the two for each other.
//
// It is a module of its own, so that only those who use such a file have the YAML
// parser and the file's reader, go.opentelemetry.io/contrib/otelconf, among their
// dependencies. The log lines' own settings (LOG_LEVEL, LOG_OUTPUT, …) stay as they
// are.
package otelconfig

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"

	"go.opentelemetry.io/contrib/otelconf"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicesdk"
)

// FileVariable is the variable that names the file.
const FileVariable = "OTEL_CONFIG_FILE"

// Setup is [voicesdk.Setup] with the providers, the propagators and the resource
// of the file that OTEL_CONFIG_FILE names. Without the variable it is
// voicesdk.Setup and nothing else.
//
// As the specification has it, a signal whose provider the file does not mention is
// off, and so are all, but the log lines, with "disabled: true". The file wins over
// options for the same thing: WithServiceName, WithResourceAttributes, WithSampler,
// WithSpanProcessor and their like have no effect on what is sent. Trace IDs are the
// correlation IDs, and secrets are taken out of spans that are started by way of the
// toolkit, of what is measured by way of it, and of all log records, as without a file. The
// resource is redacted by the rules of [redact.Default], whatever the options say.
//
// A trace_id_ratio_based sampler is the SDK's, which is unfair to trace IDs that were
// made from a caller's UUID (see [voicesdk.RatioSampler]); a warning among the lines
// says so.
//
// A file that is missing, is not YAML or does not make sense is an error that names
// it; nothing has been started then.
func Setup(ctx context.Context, opts ...voicesdk.Option) (*voicesdk.SDK, error) {
	environment.Lock()
	path := os.Getenv(FileVariable)
	environment.Unlock()
	if path == "" {
		return voicesdk.Setup(ctx, opts...)
	}
	model, err := read(path)
	if err != nil {
		return &voicesdk.SDK{}, fmt.Errorf("otelconfig: %s=%s: %w", FileVariable, path, err)
	}
	if model.Disabled != nil && *model.Disabled {
		return voicesdk.Setup(ctx, append(opts, voicesdk.WithLookupEnv(disabled))...)
	}
	model.Resource = redactResource(ctx, model.Resource)
	sdk, err := newSDK(path,
		otelconf.WithContext(ctx),
		otelconf.WithOpenTelemetryConfiguration(*model),
		otelconf.WithTracerProviderOptions(sdktrace.WithIDGenerator(otelvoice.NewIDGenerator())),
		// No key is there twice, and looking for one is quadratic in the attributes.
		otelconf.WithLoggerProviderOptions(sdklog.WithAllowKeyDuplication()))
	if err != nil {
		return &voicesdk.SDK{}, fmt.Errorf("otelconfig: %s=%s: %w", FileVariable, path, err)
	}
	tel, err := voicesdk.Setup(ctx, append(opts,
		voicesdk.WithResourceAttributes(attributes(model.Resource)...),
		voicesdk.WithTracerProvider(sdk.TracerProvider()),
		voicesdk.WithMeterProvider(sdk.MeterProvider()),
		voicesdk.WithLoggerProvider(sdk.LoggerProvider()),
		voicesdk.WithPropagators(sdk.Propagator()),
		voicesdk.WithOwnedProviders())...)
	if err != nil {
		return &voicesdk.SDK{}, errors.Join(err, sdk.Shutdown(context.WithoutCancel(ctx)))
	}
	if model.TracerProvider != nil && byRatio(model.TracerProvider.Sampler) {
		tel.Logger(otelvoice.ScopeName).LogAttrs(ctx, slog.LevelWarn,
			"trace_id_ratio_based does not keep its share of trace ids that were made from UUIDs",
			slog.String("file", path))
	}
	return tel, nil
}

// environment is held while the variable is read or changed: a process has one environment, which
// is why this is a global.
var environment sync.Mutex

// newSDK makes the SDK of a model. With the variable set, otelconf would read the file again and
// forget the model, so it is unset meanwhile.
func newSDK(path string, opts ...otelconf.ConfigurationOption) (otelconf.SDK, error) {
	environment.Lock()
	defer environment.Unlock()
	if err := os.Unsetenv(FileVariable); err != nil {
		return otelconf.SDK{}, fmt.Errorf("unset %s: %w", FileVariable, err)
	}
	defer func() { _ = os.Setenv(FileVariable, path) }()
	return otelconf.NewSDK(opts...)
}

// read reads the file, with the variables that it refers to.
func read(path string) (*otelconf.OpenTelemetryConfiguration, error) {
	text, err := os.ReadFile(path) //nolint:gosec // Whoever sets the variable chooses the file.
	if err != nil {
		return nil, err
	}
	return otelconf.ParseYAML(text)
}

// disabled is the environment in which the SDK is disabled and nothing else has
// changed.
func disabled(name string) (string, bool) {
	switch name {
	case "OTEL_SDK_DISABLED":
		return "true", true
	case FileVariable:
		return "", false // It has been read.
	}
	return os.LookupEnv(name)
}

// attributes returns the resource's attributes that are text, for the log lines in
// OpenTelemetry's own format and for the name of the service. What is sent has the
// file's resource itself.
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

// byRatio reports whether a sampler keeps a share of the traces.
func byRatio(s *otelconf.Sampler) bool {
	switch {
	case s == nil:
		return false
	case s.ParentBased != nil:
		return byRatio(s.ParentBased.Root)
	}
	return s.TraceIDRatioBased != nil
}
