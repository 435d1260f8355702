// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/internal/settings"
	"github.com/voice-agents/telemetry/otelvoice/internal/floor"
	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/otelvoice/internal/otelglobal"
	"github.com/voice-agents/telemetry/pricing"
	"github.com/voice-agents/telemetry/redact"
)

// An Option configures [New]. Nil options and nil values are ignored.
type Option interface{ apply(config) config }

// config holds the values of all options.
type config struct {
	given       providers
	propagators []propagation.TextMapPropagator

	correlationHeader string
	logLevel          slog.Leveler
	rules             []redact.Rule
	withoutRules      bool // Leave out the rules of redact.Default.
	content           bool
	budgets           latency.Budgets
	invalidBudgets    []error       // Of segments.
	prices            *pricing.List // May be nil.
	withoutStages     bool
	tracePerTurn      bool
	variant           variant
	heartbeat         time.Duration  // 0 is none.
	slowTurn          func(SlowTurn) // May be nil.
	deadAir           time.Duration  // 0 is no bound.
}

// defaultHeartbeat is the interval of the lines about open sessions unless [WithHeartbeat] sets another.
const defaultHeartbeat = time.Minute

// defaultLatencyBudget is the latency budget of a turn unless [WithLatencyBudget] sets another.
const defaultLatencyBudget = 5 * time.Second

// contentVariable enables content capture in OpenTelemetry's GenAI instrumentations.
const contentVariable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"

func newConfig(opts []Option) (config, error) {
	c := config{
		correlationHeader: CorrelationHeader, budgets: latency.Budgets{Response: defaultLatencyBudget}, heartbeat: defaultHeartbeat, deadAir: floor.DefaultDeadAir,
		content: strings.EqualFold(strings.TrimSpace(os.Getenv(contentVariable)), "true"),
	}
	for _, opt := range opts {
		if opt != nil {
			c = opt.apply(c)
		}
	}
	if c.propagators == nil {
		c.propagators = []propagation.TextMapPropagator{otel.GetTextMapPropagator()}
	}
	for i, p := range c.propagators {
		if otelglobal.IsUnset(p) {
			c.propagators[i] = &otelglobal.Propagator{}
		}
	}
	var errs []error
	if _, ok := settings.ParseHeader(c.correlationHeader); !ok {
		errs = append(errs, fmt.Errorf("correlation header %q is not a header name or has another meaning in HTTP: use a name such as X-Request-ID", c.correlationHeader))
	}
	if c.budgets.Response < 0 || c.budgets.Response > latency.Max {
		errs = append(errs, fmt.Errorf("latency budget %s is out of range: want 0 to 1h", c.budgets.Response))
	}
	errs = append(errs, c.invalidBudgets...)
	if c.deadAir < 0 || c.deadAir > time.Hour {
		errs = append(errs, fmt.Errorf("bound of dead air %s is out of range: want 0 to 1h", c.deadAir))
	}
	return c, errors.Join(errs...)
}

// redactor returns the redactor of spans, metrics and log records, or nil if there are no rules.
func (c config) redactor() *redaction.Engine {
	rules := c.rules
	if !c.withoutRules {
		rules = append(redact.Default(), rules...)
	}
	if len(rules) == 0 {
		return nil
	}
	return (*redaction.Engine)(redact.New(rules...))
}

// providers holds the providers that options set. Nil means OpenTelemetry's global provider.
type providers struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
	loggers log.LoggerProvider
}

// orGlobal replaces nil providers with the global ones.
func (p providers) orGlobal() providers {
	if p.tracers == nil {
		p.tracers = otel.GetTracerProvider()
	}
	if p.meters == nil {
		p.meters = otel.GetMeterProvider()
	}
	if p.loggers == nil {
		p.loggers = otel.GetLoggerProvider()
	}
	return p
}

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

// WithTracerProvider sets the provider of spans. The default is OpenTelemetry's global one.
//
// If the provider uses [NewIDGenerator], the caller's correlation ID becomes the trace ID.
// Otherwise the provider generates the trace IDs, and the correlation ID is only an attribute and
// a header. Spans that this package and voicehttp start are redacted. To redact spans that are
// started with the provider itself, put a processor of package redacttrace before its processors.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.given.tracers = provider
		}
		return c
	})
}

// WithMeterProvider sets the provider of metrics. The default is OpenTelemetry's global one.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.given.meters = provider
		}
		return c
	})
}

// WithLoggerProvider sets the provider of log records. The default is OpenTelemetry's global one.
// The records that it receives have the ids of their context and are redacted.
func WithLoggerProvider(provider log.LoggerProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.given.loggers = provider
		}
		return c
	})
}

// WithPropagators sets the propagators. The default is OpenTelemetry's global one. The propagator
// of the correlation ID is always added last. traceparent and tracestate are read and sent
// according to W3C Trace Context Level 2.
func WithPropagators(propagators ...propagation.TextMapPropagator) Option {
	return optionFunc(func(c config) config {
		c.propagators = slices.DeleteFunc(slices.Clone(propagators), func(p propagation.TextMapPropagator) bool { return p == nil })
		if c.propagators == nil {
			c.propagators = []propagation.TextMapPropagator{}
		}
		return c
	})
}

// WithCorrelationHeader sets the HTTP header that carries the correlation ID in requests and
// responses. The default is [CorrelationHeader]. [New] returns an error if the name is not a valid
// header name, or if HTTP gives the header another meaning.
func WithCorrelationHeader(name string) Option {
	return optionFunc(func(c config) config {
		if name != "" {
			c.correlationHeader = name
		}
		return c
	})
}

// WithLogLevel sets the minimum log level. The default is INFO. The level is read for each record,
// so that a [slog.LevelVar] can change it at run time. With package voicesdk the option is
// ignored: set the levels there.
func WithLogLevel(level slog.Leveler) Option {
	return optionFunc(func(c config) config {
		if variable, ok := level.(*slog.LevelVar); level != nil && (!ok || variable != nil) {
			c.logLevel = level
		}
		return c
	})
}

// WithRedaction adds rules to those of [redact.Default], such as redact.Keys("patient_id") and
// redact.HashUserIDs(key). They apply to spans, metrics and log records. With package voicesdk the
// option is ignored: set the rules there.
func WithRedaction(rules ...redact.Rule) Option {
	return optionFunc(func(c config) config {
		c.rules = append(slices.Clip(c.rules), rules...)
		return c
	})
}

// WithoutDefaultRedaction removes the rules of [redact.Default]. Rules of [WithRedaction] still
// apply.
func WithoutDefaultRedaction() Option {
	return optionFunc(func(c config) config { c.withoutRules = true; return c })
}

// WithContentCapture records content: transcripts, replies, text to synthesise, tool arguments and
// results. It is off by default. The environment variable
// OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true enables it as well. Audio is never
// recorded.
func WithContentCapture() Option {
	return optionFunc(func(c config) config { c.content = true; return c })
}

// WithoutContentCapture disables content capture, even if the environment variable enables it.
func WithoutContentCapture() Option {
	return optionFunc(func(c config) config { c.content = false; return c })
}

// WithLatencyBudget sets the maximum acceptable response latency of a turn. The default is 5 s. If
// a turn exceeds it, its end line has the level WARN instead of INFO, the line and the span have
// the attributes voice.turn.latency_budget, voice.turn.over_budget and voice.turn.slowest_segment,
// and voice.turn.over_budget.count counts it. So does a turn that ends without an answer that the
// agent was at work on, if the user has waited for longer than that. [New] returns an error for a
// budget below 0 or above an hour. [WithSegmentBudget] sets budgets of segments.
func WithLatencyBudget(budget time.Duration) Option {
	return optionFunc(func(c config) config { c.budgets.Response = budget; return c })
}

// WithoutLatencyBudget disables the latency budget: the level of a turn's end line does not
// depend on its response latency.
func WithoutLatencyBudget() Option { return WithLatencyBudget(0) }

// WithoutStageLogs disables the log lines at the start and end of each stage. Turns and sessions
// are still logged.
func WithoutStageLogs() Option {
	return optionFunc(func(c config) config { c.withoutStages = true; return c })
}
