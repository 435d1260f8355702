// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package bootstrap makes OpenTelemetry's providers from options and from the
// standard variables: the part of setting up that has nothing to do with voice.
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

	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/export"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/settings"
)

// Config is what the options say; the environment fills the gaps.
type Config struct {
	ServiceName    string
	ServiceVersion string
	Resource       []attribute.KeyValue

	// Providers that were brought. Their owner shuts them down, unless
	// OwnProviders says that the set is their owner.
	TracerProvider trace.TracerProvider
	MeterProvider  metric.MeterProvider
	LoggerProvider log.LoggerProvider
	OwnProviders   bool
	Propagators    []propagation.TextMapPropagator
	Sampler        sdktrace.Sampler

	SpanProcessors []sdktrace.SpanProcessor
	Readers        []sdkmetric.Reader
	LogProcessors  []sdklog.Processor

	// Log is what the options say of the log, by key. LogLevels are the levels of the
	// options by the same keys, which may change by themselves; Log has them too, to be
	// shown.
	Log             settings.Options
	LogLevels       map[string]slog.Leveler
	ConfigFile      string    // The configuration file.
	Writer          io.Writer // In place of the standard output or error.
	WithoutConsole  bool
	WithoutThreadID bool

	Scrape         bool // Metrics are kept for a scraper.
	Content        bool
	WithoutContent bool
	WithoutGlobals bool
	WithoutRuntime bool

	// Redactor removes secrets from all signals; nil removes none.
	Redactor *redaction.Engine

	// Spool is where requests wait. The variables count for fields that are zero.
	Spool spool.Config

	Timeout time.Duration
	Lookup  func(string) (string, bool)
}

// DefaultTimeout bounds shutdown and flush when nobody else does.
const DefaultTimeout = 5 * time.Second

// NewConfig returns the defaults.
func NewConfig() Config {
	return Config{Timeout: DefaultTimeout, Lookup: os.LookupEnv}
}

// exporters returns what the environment says of exporters, for the signals whose
// provider was not brought.
func (c Config) exporters(env environment, res *resource.Resource) export.Config {
	cfg := env.exporters
	cfg.Resource = res
	cfg.Scrape = cfg.Scrape || c.Scrape
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

// filledFrom fills what the options left open.
func (c Config) filledFrom(env environment) Config {
	if c.Sampler == nil {
		c.Sampler = env.sampler
	}
	if c.Propagators == nil {
		c.Propagators = env.propagators
	}
	if !c.WithoutContent {
		c.Content = c.Content || env.content
	}
	return c
}
