// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/sdkdata"
	"github.com/voice-agents/telemetry/semconv"
)

// newResource describes the process, without secrets. Command-line arguments are left out: they
// hold secrets.
func newResource(ctx context.Context, cfg Config, env environment) (*resource.Resource, error) {
	opts := []resource.Option{
		resource.WithTelemetrySDK(),
		resource.WithHost(),
		resource.WithProcessPID(),
		resource.WithProcessExecutableName(),
		resource.WithProcessRuntimeName(),
		resource.WithProcessRuntimeVersion(),
		resource.WithService(), // Defaults for the name and the instance.
	}
	if version := buildVersion(); version != "" {
		opts = append(opts, resource.WithAttributes(semconv.ServiceVersion(version)))
	}
	opts = append(opts, resource.WithAttributes(env.resource...), resource.WithAttributes(cfg.Resource...))
	if cfg.ServiceName != "" {
		opts = append(opts, resource.WithAttributes(semconv.ServiceName(cfg.ServiceName)))
	}
	if cfg.ServiceVersion != "" {
		opts = append(opts, resource.WithAttributes(semconv.ServiceVersion(cfg.ServiceVersion)))
	}
	res, err := resource.New(ctx, opts...)
	if err != nil {
		return nil, fmt.Errorf("detect: %w", err)
	}
	return sdkdata.RedactResource(cfg.Redactor, sdkdata.Resource(res)), nil // Variables and detectors may hold any text.
}

// hideResource unsets OTEL_RESOURCE_ATTRIBUTES while the providers are created, if a key in it
// holds a secret: the SDK merges the variable into the given resource, and a cleaned key does not
// replace the original one. It returns a function that restores the variable.
func hideResource(ctx context.Context, redactor *redaction.Engine) (restore func()) {
	const variable = "OTEL_RESOURCE_ATTRIBUTES"
	said, ok := os.LookupEnv(variable)
	if !ok || redactor == nil {
		return func() {}
	}
	env, _ := resource.New(ctx, resource.WithFromEnv()) // Its errors were reported before.
	holdsSecret := func(kv attribute.KeyValue) bool { return redactor.Key(kv.Key) != kv.Key }
	if env == nil || !slices.ContainsFunc(env.Attributes(), holdsSecret) {
		return func() {}
	}
	if err := os.Unsetenv(variable); err != nil {
		return func() {}
	}
	return func() { _ = os.Setenv(variable, said) }
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
	name, _ := res.Set().Value(semconv.ServiceNameKey)
	return name.AsString()
}
