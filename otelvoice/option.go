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
	"github.com/voice-agents/telemetry/redact"
)

// An Option changes what [New] makes. Nil options and nil values are ignored.
type Option interface{ apply(config) config }

// config is the options together.
type config struct {
	given       providers
	propagators []propagation.TextMapPropagator

	correlationHeader string
	logLevel          slog.Leveler
	rules             []redact.Rule
	withoutRules      bool // Without those of redact.Default.
	content           bool
	latencyBudget     time.Duration // 0 is none.
	withoutStages     bool
	tracePerTurn      bool
}

// defaultLatencyBudget is the latency budget of a turn unless [WithLatencyBudget] sets another.
const defaultLatencyBudget = 5 * time.Second

// contentVariable is the switch of OpenTelemetry's GenAI instrumentations.
const contentVariable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"

func newConfig(opts []Option) (config, error) {
	c := config{
		correlationHeader: CorrelationHeader, latencyBudget: defaultLatencyBudget,
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
	var errs []error
	if _, ok := settings.ParseHeader(c.correlationHeader); !ok {
		errs = append(errs, fmt.Errorf("correlation header %q: want the name of an HTTP header without another meaning, such as X-Request-ID", c.correlationHeader))
	}
	if c.latencyBudget < 0 || c.latencyBudget > time.Hour {
		errs = append(errs, fmt.Errorf("latency budget %s: want 0 to 1h", c.latencyBudget))
	}
	return c, errors.Join(errs...)
}

// redactor returns what takes secrets out of spans, metrics and log records; nil takes out nothing.
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

// providers are those that options set. Nil ones are OpenTelemetry's global ones.
type providers struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
	loggers log.LoggerProvider
}

// orGlobal fills the gaps.
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
// For the trace ID to be the correlation ID, make the provider with [NewIDGenerator]. Without it
// the trace IDs are the provider's own, and the correlation ID is an attribute and a header.
// Spans that are started through this package and voicehttp are redacted. For spans that are
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
// Records reach it with the ids of their context, and redacted.
func WithLoggerProvider(provider log.LoggerProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.given.loggers = provider
		}
		return c
	})
}

// WithPropagators sets the propagators. The default is OpenTelemetry's global one. That of the
// correlation ID is always added last. Propagators of traceparent read and send it and tracestate
// as level 2 of W3C Trace Context demands.
func WithPropagators(propagators ...propagation.TextMapPropagator) Option {
	return optionFunc(func(c config) config {
		c.propagators = slices.DeleteFunc(slices.Clone(propagators), func(p propagation.TextMapPropagator) bool { return p == nil })
		if c.propagators == nil {
			c.propagators = []propagation.TextMapPropagator{}
		}
		return c
	})
}

// WithCorrelationHeader sets the HTTP header that carries the correlation ID, in requests and
// responses, in place of [CorrelationHeader]. A name that is not that of a header, or one of a
// header with another meaning, is an error of [New].
func WithCorrelationHeader(name string) Option {
	return optionFunc(func(c config) config {
		if name != "" {
			c.correlationHeader = name
		}
		return c
	})
}

// WithLogLevel sets the least severe level that is logged. The default is INFO. The level is asked
// for each record, so that a [slog.LevelVar] changes it at run time. With package voicesdk its
// own levels count instead.
func WithLogLevel(level slog.Leveler) Option {
	return optionFunc(func(c config) config {
		if variable, ok := level.(*slog.LevelVar); level != nil && (!ok || variable != nil) {
			c.logLevel = level
		}
		return c
	})
}

// WithRedaction adds rules to those of [redact.Default], for spans, metrics and log records alike:
// redact.Keys("patient_id"), redact.HashUserIDs(key). With package voicesdk its own rules count
// instead.
func WithRedaction(rules ...redact.Rule) Option {
	return optionFunc(func(c config) config {
		c.rules = append(slices.Clip(c.rules), rules...)
		return c
	})
}

// WithoutDefaultRedaction leaves out the rules of [redact.Default]. Those of [WithRedaction] stay.
func WithoutDefaultRedaction() Option {
	return optionFunc(func(c config) config { c.withoutRules = true; return c })
}

// WithContentCapture records what was said: transcripts, replies, the text to speak, tool
// arguments and results. It is off by default. The environment's switch is
// OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true. Audio is never recorded.
func WithContentCapture() Option {
	return optionFunc(func(c config) config { c.content = true; return c })
}

// WithoutContentCapture records no content, whatever the environment says.
func WithoutContentCapture() Option {
	return optionFunc(func(c config) config { c.content = false; return c })
}

// WithLatencyBudget sets how long users may wait for an answer. The default is 5 s. If the
// response latency of a turn is longer, its end line is WARN instead of INFO, and its line and
// span carry the budget as voice.turn.latency_budget. A budget below 0 or over an hour is an error
// of [New].
func WithLatencyBudget(budget time.Duration) Option {
	return optionFunc(func(c config) config { c.latencyBudget = budget; return c })
}

// WithoutLatencyBudget sets no budget: a slow turn is logged as a fast one is.
func WithoutLatencyBudget() Option { return WithLatencyBudget(0) }

// WithoutStageLogs leaves out the log lines at the start and end of each stage. The lines of
// turns and sessions stay.
func WithoutStageLogs() Option {
	return optionFunc(func(c config) config { c.withoutStages = true; return c })
}
