// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/spool"
	"github.com/voice-agents/telemetry/internal/bootstrap"
	"github.com/voice-agents/telemetry/internal/redaction"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/redact"
)

// An Option changes what [Setup] makes. An option beats the environment, which
// beats the default. Nil options and nil values are ignored.
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

type optionFunc func(config) config

func (f optionFunc) apply(c config) config { return f(c) }

// WithServiceName names the service; the default is OTEL_SERVICE_NAME, then
// service.name in OTEL_RESOURCE_ATTRIBUTES, then unknown_service with the name
// of the program.
func WithServiceName(name string) Option {
	return optionFunc(func(c config) config { c.ServiceName = name; return c })
}

// WithServiceVersion sets service.version. The default is the version of the
// program's main module, if it was built from one.
func WithServiceVersion(version string) Option {
	return optionFunc(func(c config) config { c.ServiceVersion = version; return c })
}

// WithResourceAttributes adds attributes that describe the process, such as
// the deployment's environment. They beat OTEL_RESOURCE_ATTRIBUTES.
func WithResourceAttributes(attrs ...attribute.KeyValue) Option {
	return optionFunc(func(c config) config {
		c.Resource = append(slices.Clip(c.Resource), attrs...)
		return c
	})
}

// WithTracerProvider brings a tracer provider in place of the toolkit's own.
// Its owner shuts it down, and its sampler and exporters count. For the trace
// ID to be the correlation ID, make it with [otelvoice.NewIDGenerator]; without, trace
// IDs stay as they are, and the correlation ID is an attribute and a header. Spans
// that are started by way of the toolkit are redacted; for those that are started
// with the provider itself, put redacttrace.NewSpanProcessor before its processors.
func WithTracerProvider(provider trace.TracerProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.TracerProvider = provider
		}
		return c
	})
}

// WithMeterProvider brings a meter provider in place of the toolkit's own. Its
// owner shuts it down.
func WithMeterProvider(provider metric.MeterProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.MeterProvider = provider
		}
		return c
	})
}

// WithLoggerProvider brings a logger provider in place of the toolkit's own way
// to the collector. Its owner shuts it down. The lines on stdout stay; see
// [WithoutConsole].
func WithLoggerProvider(provider log.LoggerProvider) Option {
	return optionFunc(func(c config) config {
		if provider != nil {
			c.LoggerProvider = provider
		}
		return c
	})
}

// WithOwnedProviders makes the toolkit the owner of the providers that are
// brought: [SDK.ForceFlush] and [SDK.Shutdown] flush and shut them
// down, the metrics last, so that they tell what the others lost.
func WithOwnedProviders() Option {
	return optionFunc(func(c config) config { c.OwnProviders = true; return c })
}

// WithPropagators replaces the propagators of OTEL_PROPAGATORS (by default W3C
// trace context and baggage). The correlation ID's own is always added last. Those
// that have traceparent read and send it and tracestate as level 2 of W3C Trace
// Context demands.
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

// RatioSampler returns a sampler that keeps the given share of traces, from 0 to 1. It is fair to
// trace IDs made from UUIDs, of which the SDK's TraceIDRatioBased keeps none below one half. Wrap
// it in [sdktrace.ParentBased] to follow the caller's decision.
func RatioSampler(ratio float64) sdktrace.Sampler { return bootstrap.NewRatioSampler(ratio) }

// WithSampler sets the sampler in place of OTEL_TRACES_SAMPLER. See
// [RatioSampler] for one that is fair to trace IDs made from UUIDs.
func WithSampler(sampler sdktrace.Sampler) Option {
	return optionFunc(func(c config) config {
		if sampler != nil {
			c.Sampler = sampler
		}
		return c
	})
}

// WithSpanProcessor adds a span processor to the toolkit's tracer provider. It
// is shut down with the toolkit.
func WithSpanProcessor(processor sdktrace.SpanProcessor) Option {
	return optionFunc(func(c config) config {
		if processor != nil {
			c.SpanProcessors = append(slices.Clip(c.SpanProcessors), processor)
		}
		return c
	})
}

// WithMetricReader adds a reader to the toolkit's meter provider. It is shut
// down with the toolkit.
func WithMetricReader(reader sdkmetric.Reader) Option {
	return optionFunc(func(c config) config {
		if reader != nil {
			c.Readers = append(slices.Clip(c.Readers), reader)
		}
		return c
	})
}

// WithPrometheus keeps metrics for Prometheus to fetch from [SDK.MetricsHandler],
// beside what is sent to a collector: a turn costs some 25 µs more (BenchmarkTurn). The variable for it is OTEL_METRICS_EXPORTER, with
// prometheus in its list.
func WithPrometheus() Option {
	return optionFunc(func(c config) config {
		c.Scrape = true
		return c
	})
}

// WithSpool keeps what is sent by OTLP in files of a directory until the collector has
// taken it: it outlives a collector that is down, a process that crashes, and a Shutdown
// without enough time. The next process with the directory sends what is left; several
// may share one. Without it, what is sent waits in memory, up to 8 MiB for each signal.
// The variable is OTELVOICE_SPOOL_DIR. See package exporters/spool.
func WithSpool(dir string, limits ...SpoolLimit) Option {
	return optionFunc(func(c config) config {
		c.Spool = spool.Config{Dir: dir}
		for _, limit := range limits {
			if limit != nil {
				limit(&c.Spool)
			}
		}
		return c
	})
}

// SpoolLimit bounds what [WithSpool] keeps.
type SpoolLimit func(*spool.Config)

// SpoolBytes bounds the files of each signal; the oldest are dropped, and counted. The
// default is 256 MiB.
func SpoolBytes(n int64) SpoolLimit { return func(c *spool.Config) { c.MaxBytes = n } }

// SpoolAge is for how long something may wait; the default is a day.
func SpoolAge(age time.Duration) SpoolLimit { return func(c *spool.Config) { c.MaxAge = age } }

// WithLogProcessor adds a log processor to the toolkit's logger provider. It is
// shut down with the toolkit.
func WithLogProcessor(processor sdklog.Processor) Option {
	return optionFunc(func(c config) config {
		if processor != nil {
			c.LogProcessors = append(slices.Clip(c.LogProcessors), processor)
		}
		return c
	})
}

// WithInstrumentation passes options to the instrumentation, such as otelvoice.WithTracePerTurn(),
// otelvoice.WithoutStageLogs() and otelvoice.WithContentCapture(). They beat the variables and the
// options of this package.
func WithInstrumentation(opts ...otelvoice.Option) Option {
	return optionFunc(func(c config) config {
		c.instrumentation = append(slices.Clip(c.instrumentation), opts...)
		return c
	})
}

// WithoutThreadID leaves out the thread's ID, which costs a system call of
// about 0.2 µs for each record.
func WithoutThreadID() Option {
	return optionFunc(func(c config) config { c.WithoutThreadID = true; return c })
}

// WithRedaction adds rules to those of [redact.Default], for spans and logs
// alike: redact.Keys("patient_id"), redact.HashUserIDs(key). They work once,
// before any exporter or processor sees an ended span or a record.
func WithRedaction(rules ...redact.Rule) Option {
	return optionFunc(func(c config) config {
		c.rules = append(slices.Clip(c.rules), rules...)
		return c
	})
}

// WithoutDefaultRedaction leaves out the rules of [redact.Default]. Those that
// [WithRedaction] adds stay.
func WithoutDefaultRedaction() Option {
	return optionFunc(func(c config) config { c.withoutRules = true; return c })
}

// WithoutGlobals leaves OpenTelemetry's and slog's globals alone. Use the
// providers of [Telemetry] and [SDK.Logger].
func WithoutGlobals() Option {
	return optionFunc(func(c config) config { c.WithoutGlobals = true; return c })
}

// WithoutRuntimeMetrics leaves out the metrics of the Go runtime and of the
// host's CPU, memory and network.
func WithoutRuntimeMetrics() Option {
	return optionFunc(func(c config) config { c.WithoutRuntime = true; return c })
}

// WithShutdownTimeout bounds [SDK.Shutdown] and [SDK.ForceFlush] when their
// context has no deadline, and [SDK.CatchPanic] and [WithShutdownOnSignal] always.
// The default is 5 s.
func WithShutdownTimeout(timeout time.Duration) Option {
	return optionFunc(func(c config) config {
		if timeout > 0 {
			c.Timeout = timeout
		}
		return c
	})
}

// WithShutdownOnSignal shuts the telemetry down when the process gets SIGTERM or an
// interrupt (Ctrl-C), and then lets the signal end the process: without it a roll-out
// loses every call that is open. It is for programs that have no handler of their own and
// so are killed by SIGTERM; one that drains its calls first uses [os/signal.NotifyContext]
// and calls [SDK.Shutdown], and must not use this option.
//
// On the first signal one line is logged, open sessions end with [otelvoice.EndShutdown] as their
// reason, and what is waiting is sent, within [WithShutdownTimeout]: 5 s by default, of the
// 10 s that Docker and the 30 s that Kubernetes give before SIGKILL. Then the signal's default action is
// restored and the signal raised again, so that the exit status is what it would have been:
// 143 for SIGTERM and 130 for SIGINT in a shell, 2 for the process with the ID 1, which Go
// ends itself. A second signal ends the process at once. On Windows, where no signal can be
// raised, the process exits with STATUS_CONTROL_C_EXIT (0xC000013A).
//
// Channels of [os/signal.Notify] get the signal as well, and once more when it is raised
// again: while there are any, it is they who end the process. If the program calls
// Shutdown meanwhile, the signal is not raised again, and the program ends by itself. A
// signal that the process was started to ignore, as by nohup, stays ignored. Several
// Telemetry with this option shut down side by side before the signal is raised.
//
// It costs one goroutine, until Shutdown returns. Then signals do what they did before.
func WithShutdownOnSignal() Option {
	return optionFunc(func(c config) config { c.shutdownOnSignal = true; return c })
}

// WithLookupEnv reads variables from lookup in place of [os.LookupEnv], for
// tests and for programs that keep their settings elsewhere.
func WithLookupEnv(lookup func(string) (string, bool)) Option {
	return optionFunc(func(c config) config {
		if lookup != nil {
			c.Lookup = lookup
		}
		return c
	})
}
