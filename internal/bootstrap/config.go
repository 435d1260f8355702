// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package bootstrap creates OpenTelemetry's providers from options and the standard
// variables. It is the part of the set-up that is independent of voice.
package bootstrap

import (
	"cmp"
	"io"
	"log/slog"
	"os"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/bootstrap/export"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/settings"
)

// Config holds the options. The environment sets the fields that are unset.
type Config struct {
	ServiceName    string
	ServiceVersion string
	Resource       []attribute.KeyValue

	// Providers that the user gave. The user shuts them down, unless OwnProviders
	// makes the set their owner.
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	LoggerProvider log.LoggerProvider
	OwnProviders   bool
	Propagators    []propagation.TextMapPropagator
	Sampler        sdktrace.Sampler

	SpanProcessors []sdktrace.SpanProcessor
	Readers        []sdkmetric.Reader
	LogProcessors  []sdklog.Processor

	// Log holds the options of the log, by key. LogLevels holds the levels of the
	// options by the same keys, which may change at run time. Log also has their
	// initial values, to print them.
	Log             settings.Options
	LogLevels       map[string]slog.Leveler
	ConfigFile      string    // The configuration file.
	Writer          io.Writer // Replaces standard output or standard error.
	WithoutConsole  bool
	WithoutThreadID bool

	PriceFile      string
	Scrape         bool // Metrics are kept for a scraper.
	Content        bool
	WithoutContent bool
	WithoutGlobals bool
	WithoutRuntime bool

	// Profile is the vocabulary of the spans that are sent over OTLP; 0 is that of the variable.
	Profile profile.Profile

	// Redactor removes secrets from all signals; nil removes none.
	Redactor *redaction.Engine

	// Spool configures the buffer of requests. The variables set the fields that are zero.
	Spool spool.Config

	Timeout time.Duration
	Lookup  func(string) (string, bool)
}

// DefaultTimeout bounds shutdown and flush if neither the option nor a deadline does.
const DefaultTimeout = 5 * time.Second

// NewConfig returns the defaults.
func NewConfig() Config {
	return Config{Timeout: DefaultTimeout, Lookup: os.LookupEnv}
}

// exporters returns the exporters that the environment configures, for the signals
// without a provider from the user.
func (c Config) exporters(env environment, res *resource.Resource) export.Config {
	cfg := env.exporters
	cfg.Resource = res
	cfg.Scrape = cfg.Scrape || c.Scrape
	cfg.Profile = cmp.Or(c.Profile, cfg.Profile)
	cfg.Spool.Dir = cmp.Or(c.Spool.Dir, cfg.Spool.Dir)
	cfg.Spool.MaxBytes = cmp.Or(c.Spool.MaxBytes, cfg.Spool.MaxBytes)
	cfg.Spool.MaxAge = cmp.Or(c.Spool.MaxAge, cfg.Spool.MaxAge)
	if c.TracerProvider != nil {
		cfg.Traces = export.Signal{}
	}
	if c.MeterProvider != nil {
		cfg.Metrics, cfg.Scrape = export.Signal{}, false
	}
	if c.LoggerProvider != nil {
		cfg.Logs = export.Signal{}
	}
	return cfg
}

// filledFrom returns the config with unset fields taken from the environment.
func (c Config) filledFrom(env environment) Config {
	if c.Sampler == nil {
		c.Sampler = env.sampler
	}
	if c.Propagators == nil {
		c.Propagators = env.propagators
	}
	c.PriceFile = cmp.Or(c.PriceFile, env.prices)
	if !c.WithoutContent {
		c.Content = c.Content || env.content
	}
	return c
}
