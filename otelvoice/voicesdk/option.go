// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/profile"
	"github.com/voice-agents/telemetry/internal/bootstrap"
	"github.com/voice-agents/telemetry/internal/bootstrap/sampling"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/otelglobal"
	"github.com/voice-agents/telemetry/redact"
)

// An Option changes what [Setup] makes. Options take precedence over the environment, and the
// environment over the defaults. Nil options and nil values are ignored.
type Option interface{ apply(config) config }

// config is the options together.
type config struct {
	bootstrap.Config

	instrumentation  []otelvoice.Option
	rules            []redact.Rule // Of redaction, besides the default ones.
	withoutRules     bool          // Without those of redact.Default.
	shutdownOnSignal bool
}

func newConfig(opts []Option) config {
	c := config{Config: bootstrap.NewConfig()}
	for _, opt := range opts {
		if opt != nil {
			c = opt.apply(c)
		}
	}
	rules := c.rules
	if !c.withoutRules {
		rules = append(redact.Default(), rules...)
	}
	if len(rules) > 0 {
		c.Redactor = (*redaction.Engine)(redact.New(rules...))
	}
	return c
}

// check rejects a provider that would call itself: OpenTelemetry's stand-in for a global provider
// that is not set, of which Setup would make the global provider.
func (c config) check() error {
	if c.WithoutGlobals {
		return nil
	}
	var errs []error
	for _, given := range []struct {
		option           string
		provider, global any
	}{
		{"WithTracerProvider", c.TracerProvider, otel.GetTracerProvider()},
		{"WithMeterProvider", c.MeterProvider, otel.GetMeterProvider()},
		{"WithLoggerProvider", c.LoggerProvider, otel.GetLoggerProvider()},
	} {
		if otelglobal.IsUnset(given.provider) && given.provider == given.global {
			errs = append(errs, fmt.Errorf("%s was given the global provider, which is not set: set it before, or leave the option out", given.option))
		}
	}
	return errors.Join(errs...)
}

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

// WithServiceName sets service.name. The default is OTEL_SERVICE_NAME, then service.name in
// OTEL_RESOURCE_ATTRIBUTES, then unknown_service: and the name of the program.
func WithServiceName(name string) Option {
	return optionFunc(func(c config) config { c.ServiceName = name; return c })
}

// WithServiceVersion sets service.version. The default is the version of the program's main
// module, if the binary has one.
func WithServiceVersion(version string) Option {
	return optionFunc(func(c config) config { c.ServiceVersion = version; return c })
}

// WithResourceAttributes adds resource attributes, such as the deployment's environment. They
// take precedence over OTEL_RESOURCE_ATTRIBUTES.
func WithResourceAttributes(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c config) config {
		c.Resource = append(slices.Clip(c.Resource), attrs...)
		return c
	})
}

// WithTracerProvider uses an existing tracer provider. Its sampler and exporters are used, and
// the caller shuts it down; see [WithOwnedProviders].
//
// For the trace ID to be the correlation ID, make the provider with [otelvoice.NewIDGenerator].
// Without it the trace IDs are the provider's own, and the correlation ID is an attribute and a
// header. Spans that are started through the toolkit are redacted. For spans that are started
// with the provider itself, put redacttrace.NewSpanProcessor before its processors.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.TracerProvider = provider
		}
		return c
	})
}

// WithMeterProvider uses an existing meter provider. The caller shuts it down; see
// [WithOwnedProviders].
func WithMeterProvider(provider metric.MeterProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.MeterProvider = provider
		}
		return c
	})
}

// WithLoggerProvider uses an existing logger provider in place of the exporter for logs. The
// caller shuts it down; see [WithOwnedProviders]. Log lines on stdout stay; see [WithoutConsole].
func WithLoggerProvider(provider log.LoggerProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.LoggerProvider = provider
		}
		return c
	})
}

// WithOwnedProviders makes the SDK the owner of the providers that options gave it:
// [SDK.ForceFlush] flushes them and [SDK.Shutdown] shuts them down. Metrics come last, because
// they report what the others lost.
func WithOwnedProviders() Option {
	return optionFunc(func(c config) config { c.OwnProviders = true; return c })
}

// WithPropagators replaces the propagators of OTEL_PROPAGATORS, which are W3C Trace Context and
// baggage by default. That of the correlation ID is always added last. Propagators of traceparent
// read and send it and tracestate as level 2 of W3C Trace Context demands.
func WithPropagators(propagators ...propagation.TextMapPropagator) Option {
	return optionFunc(func(c config) config {
		c.Propagators = nil
		for _, p := range propagators {
			if p != nil {
				c.Propagators = append(c.Propagators, p)
			}
		}
		return c
	})
}

// RatioSampler returns a sampler that keeps the given share of traces, from 0 to 1. It also works
// for trace IDs made from UUIDs, of which the SDK's TraceIDRatioBased keeps none below a ratio of
// one half. Wrap it in [sdktrace.ParentBased] to follow the caller's decision.
func RatioSampler(ratio float64) sdktrace.Sampler { return sampling.NewRatio(ratio) }

// WithSampler replaces the sampler of OTEL_TRACES_SAMPLER. See [RatioSampler].
func WithSampler(sampler sdktrace.Sampler) Option {
	return optionFunc(func(c config) config {
		if sampler != nil {
			c.Sampler = sampler
		}
		return c
	})
}

// WithSpanProcessor adds a span processor to the tracer provider. Shutdown shuts it down.
func WithSpanProcessor(processor sdktrace.SpanProcessor) Option {
	return optionFunc(func(c config) config {
		if processor != nil {
			c.SpanProcessors = append(slices.Clip(c.SpanProcessors), processor)
		}
		return c
	})
}

// WithMetricReader adds a reader to the meter provider. Shutdown shuts it down.
func WithMetricReader(reader sdkmetric.Reader) Option {
	return optionFunc(func(c config) config {
		if reader != nil {
			c.Readers = append(slices.Clip(c.Readers), reader)
		}
		return c
	})
}

// WithPrometheus serves metrics to Prometheus with [SDK.MetricsHandler], in addition to exporting
// them to a collector. A turn then costs some 25 µs more (BenchmarkTurn). In the environment it is
// prometheus in the list of OTEL_METRICS_EXPORTER.
func WithPrometheus() Option {
	return optionFunc(func(c config) config {
		c.Scrape = true
		return c
	})
}

// WithSpool keeps OTLP requests in files of a directory until the collector has accepted them.
// They survive a collector that is down, a crash of the process and a Shutdown that runs out of
// time: the next process with the directory sends them. Several processes may share a directory.
// Without a spool, requests wait in memory, 8 to 64 MiB for each signal. In the environment it is
// OTELVOICE_SPOOL_DIR. See package exporters/spool.
func WithSpool(dir string) Option {
	return optionFunc(func(c config) config { c.Spool.Dir = dir; return c })
}

// WithSpoolLimits bounds the files of [WithSpool]. Above maxBytes for a signal the oldest files
// are dropped and counted. The default is 256 MiB. Requests older than maxAge are dropped and
// counted. The default is a day. A zero keeps the default.
func WithSpoolLimits(maxBytes int64, maxAge time.Duration) Option {
	return optionFunc(func(c config) config {
		c.Spool.MaxBytes, c.Spool.MaxAge = maxBytes, maxAge
		return c
	})
}

// WithSpanProfile sends spans in the vocabulary of another project too, so that its pages show a call: Langfuse,
// OpenInference (Arize Phoenix) or LiveKit Agents; see package exporters/profile. It applies to what is sent over OTLP
// and to what waits in the spool. Log lines, metrics and the processors of [WithSpanProcessor] are as without it. A
// span costs some 5 µs more. In the environment it is OTELVOICE_SPAN_PROFILE.
func WithSpanProfile(p profile.Profile) Option {
	return optionFunc(func(c config) config { c.Profile = cmp.Or(p, c.Profile); return c })
}

// WithPriceFile reads the prices of providers from a file in YAML or JSON, from which voice.cost is computed; see
// packages pricing and pricefile, and [otelvoice.WithPrices]. The file is read once. One that cannot be read, or has
// a mistake, is an error of [Setup] that names the file and the line. In the environment it is OTELVOICE_PRICE_FILE.
func WithPriceFile(path string) Option {
	return optionFunc(func(c config) config { c.PriceFile = path; return c })
}

// WithLogProcessor adds a log processor to the logger provider. Shutdown shuts it down.
func WithLogProcessor(processor sdklog.Processor) Option {
	return optionFunc(func(c config) config {
		if processor != nil {
			c.LogProcessors = append(slices.Clip(c.LogProcessors), processor)
		}
		return c
	})
}

// WithInstrumentation passes options to the instrumentation, such as otelvoice.WithTracePerTurn(),
// otelvoice.WithoutStageLogs() and otelvoice.WithContentCapture(). They take precedence over the
// variables and over the options of this package. Levels and rules of redaction are those of this
// package all the same.
func WithInstrumentation(opts ...otelvoice.Option) Option {
	return optionFunc(func(c config) config {
		c.instrumentation = append(slices.Clip(c.instrumentation), opts...)
		return c
	})
}

// WithoutThreadID leaves out the thread's ID. Reading it costs a system call of about 0.2 µs for
// each record.
func WithoutThreadID() Option {
	return optionFunc(func(c config) config { c.WithoutThreadID = true; return c })
}

// WithRedaction adds rules to those of [redact.Default], for spans, metrics and log records alike:
// redact.Keys("patient_id"), redact.HashUserIDs(key). They are applied once, before any exporter
// or processor gets an ended span or a record.
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

// WithoutGlobals leaves the globals of OpenTelemetry and slog as they are. Use the providers and
// the Logger method of the [SDK].
func WithoutGlobals() Option {
	return optionFunc(func(c config) config { c.WithoutGlobals = true; return c })
}

// WithoutRuntimeMetrics leaves out the metrics of the Go runtime and of the
// host's CPU, memory and network.
func WithoutRuntimeMetrics() Option {
	return optionFunc(func(c config) config { c.WithoutRuntime = true; return c })
}

// WithShutdownTimeout bounds [SDK.Shutdown] and [SDK.ForceFlush] if their context has no
// deadline, and [SDK.CatchPanic] and [WithShutdownOnSignal] always. The default is 5 s.
func WithShutdownTimeout(timeout time.Duration) Option {
	return optionFunc(func(c config) config {
		if timeout > 0 {
			c.Timeout = timeout
		}
		return c
	})
}

// WithShutdownOnSignal calls Shutdown when the process receives SIGTERM or an interrupt (Ctrl-C),
// and then lets the signal end the process. Without it a roll-out loses every open call. It is for
// programs without a signal handler. A program that drains its calls first uses
// [os/signal.NotifyContext], calls [SDK.Shutdown] and must not use this option.
//
// On the first signal, one line is logged, open sessions end with [otelvoice.EndShutdown] as their
// reason, and pending telemetry is sent, within [WithShutdownTimeout]: by default 5 s, of the 10 s
// of Docker and the 30 s of Kubernetes before SIGKILL. Then the signal's default action is
// restored and the signal is raised again. The exit status is what it would have been: 143 for
// SIGTERM and 130 for SIGINT in a shell, 2 for the process with the ID 1, which Go ends itself. A
// second signal ends the process at once. On Windows, where no signal can be raised, the process
// exits with STATUS_CONTROL_C_EXIT (0xC000013A).
//
// Channels of [os/signal.Notify] receive the signal as well, and once more when it is raised
// again. As long as there are any, the program must end itself. If the program calls Shutdown
// meanwhile, the signal is not raised again. A signal that was ignored when the process started,
// as by nohup, stays ignored. Several SDKs with this option shut down concurrently before the
// signal is raised.
//
// It costs one goroutine until Shutdown returns. After that, signals act as before.
func WithShutdownOnSignal() Option {
	return optionFunc(func(c config) config { c.shutdownOnSignal = true; return c })
}

// WithLookupEnv reads variables from lookup in place of [os.LookupEnv], for tests and for programs
// that keep their settings elsewhere.
func WithLookupEnv(lookup func(string) (string, bool)) Option {
	return optionFunc(func(c config) config {
		if lookup != nil {
			c.Lookup = lookup
		}
		return c
	})
}
