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
// do not change.
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

// FileVariable is the environment variable that names the file.
const FileVariable = "OTEL_CONFIG_FILE"

// Setup is [voicesdk.Setup] with the providers, the propagators and the resource of the file
// that OTEL_CONFIG_FILE names. Without the variable it only calls voicesdk.Setup.
//
// As specified by OpenTelemetry, a signal without a provider in the file is off. With
// "disabled: true" all signals except for log lines are off. The file takes precedence over
// options: WithServiceName, WithResourceAttributes, WithSampler, WithSpanProcessor and similar
// options have no effect on exported telemetry. As without a file, correlation IDs are trace
// IDs, and secrets are redacted from spans and metrics of the toolkit and from all log
// records. The resource is redacted by the rules of [redact.Default], whatever the options.
//
// A trace_id_ratio_based sampler is the SDK's. It does not sample trace IDs that were derived
// from UUIDs at the given ratio (see [voicesdk.RatioSampler]), and a warning is logged.
//
// Setup returns an error that names the file if it is missing or invalid, and starts nothing. The
// SDK that comes with an error is not nil: it may be used and records nothing.
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
			"sampler trace_id_ratio_based does not sample trace IDs derived from UUIDs at its ratio",
			slog.String("file", path))
	}
	return tel, nil
}

// environment is held while the variable is read or changed. It is a global because the
// environment is.
var environment sync.Mutex

// newSDK creates the SDK for a model. It unsets the variable in the meantime, because otelconf
// would read the file again and ignore the model.
func newSDK(path string, opts ...otelconf.ConfigurationOption) (otelconf.SDK, error) {
	environment.Lock()
	defer environment.Unlock()
	if err := os.Unsetenv(FileVariable); err != nil {
		return otelconf.SDK{}, fmt.Errorf("unset %s: %w", FileVariable, err)
	}
	defer func() { _ = os.Setenv(FileVariable, path) }()
	return otelconf.NewSDK(opts...)
}

// read reads the file and substitutes variables.
func read(path string) (*otelconf.OpenTelemetryConfiguration, error) {
	text, err := os.ReadFile(path) //nolint:gosec // The operator chooses the file.
	if err != nil {
		return nil, err
	}
	return otelconf.ParseYAML(text)
}

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

// byRatio reports whether a sampler samples by a ratio.
func byRatio(s *otelconf.Sampler) bool {
	switch {
	case s == nil:
		return false
	case s.ParentBased != nil:
		return byRatio(s.ParentBased.Root)
	}
	return s.TraceIDRatioBased != nil
}
