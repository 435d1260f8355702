// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"errors"
	"net/url"
	"strings"

	"go.opentelemetry.io/contrib/propagators/autoprop"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/bootstrap/sampling"
	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/semconv"
)

// environment holds the values of the variables.
type environment struct {
	disabled    bool
	resource    []attribute.KeyValue
	sampler     sdktrace.Sampler
	propagators []propagation.TextMapPropagator
	exporters   export.Config
	log         settings.Settings
	content     bool
	prices      string // The path of the price file.
	file        string // OpenTelemetry's configuration file, which module otelconfig reads.
}

// readEnvironment reads all supported variables and the configuration file of the
// log. The error names each invalid value, its origin and the allowed values.
func readEnvironment(cfg Config) (environment, error) {
	r := settings.NewReader(cfg.Lookup)
	env := environment{
		disabled:    r.Bool("OTEL_SDK_DISABLED", false),
		resource:    readResource(r),
		sampler:     readSampler(r),
		propagators: readPropagators(r),
		exporters:   export.FromEnv(r),
		content:     r.Bool("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", false),
	}
	env.prices, _ = r.String("OTELVOICE_PRICE_FILE")
	env.file, _ = r.String("OTEL_CONFIG_FILE")
	var err error
	if env.log, err = settings.Resolve(cfg.Log, r, cfg.ConfigFile); cfg.WithoutConsole {
		env.log = env.log.WithoutConsole()
	}
	return env, errors.Join(r.Err(), err)
}

// readResource reads OTEL_RESOURCE_ATTRIBUTES, a list of key=value with
// percent-encoded values, and OTEL_SERVICE_NAME, which takes precedence.
func readResource(r *settings.Reader) (attrs []attribute.KeyValue) {
	const name = "OTEL_RESOURCE_ATTRIBUTES"
	pairs, _ := r.List(name)
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		decoded, err := url.PathUnescape(value)
		if !ok || key == "" || err != nil {
			r.Fail(name, pair, "key=value pairs separated by commas, values percent-encoded")
			continue
		}
		attrs = append(attrs, attribute.String(key, decoded))
	}
	if service, ok := r.String("OTEL_SERVICE_NAME"); ok {
		attrs = append(attrs, semconv.ServiceName(service))
	}
	return attrs
}

// readSampler reads OTEL_TRACES_SAMPLER and its argument. Ratios use
// [sampling.Ratio], which samples UUIDs evenly.
func readSampler(r *settings.Reader) sdktrace.Sampler {
	name := r.Enum("OTEL_TRACES_SAMPLER", "parentbased_always_on",
		"always_on", "always_off", "traceidratio",
		"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio")
	kind, parentBased := strings.CutPrefix(name, "parentbased_")
	var sampler sdktrace.Sampler
	switch kind {
	case "always_off":
		sampler = sdktrace.NeverSample()
	case "traceidratio":
		sampler = sampling.NewRatio(r.Ratio("OTEL_TRACES_SAMPLER_ARG", 1))
	default:
		sampler = sdktrace.AlwaysSample()
	}
	if parentBased {
		return sdktrace.ParentBased(sampler)
	}
	return sampler
}

// readPropagators reads OTEL_PROPAGATORS.
func readPropagators(r *settings.Reader) []propagation.TextMapPropagator {
	const name = "OTEL_PROPAGATORS"
	names, ok := r.List(name)
	if !ok {
		names = []string{"tracecontext", "baggage"}
	}
	var propagators []propagation.TextMapPropagator
	for _, n := range names {
		p, err := autoprop.TextMapPropagator(strings.ToLower(n))
		if err != nil {
			r.Fail(name, n, "a list of tracecontext, baggage, b3, b3multi, jaeger, xray, ottrace, none")
			continue
		}
		propagators = append(propagators, p)
	}
	return propagators
}
