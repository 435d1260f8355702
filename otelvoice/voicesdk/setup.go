// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"

	"github.com/voice-agents/telemetry/internal/bootstrap"
	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/otelvoice"
)

// SDK is what [Setup] returns: the telemetry of the program, and what is set up behind it. It is
// safe for concurrent use. Methods on a nil or zero SDK are no-ops; those of the embedded
// Telemetry need an SDK that is not nil.
type SDK struct {
	// Telemetry starts sessions and operations. Pass it to package voicehttp and to other code
	// that records.
	*otelvoice.Telemetry

	set     *bootstrap.Set
	ending  *bounded.Once
	asked   atomic.Bool  // Shutdown was called, and not only by a signal.
	signals *signalWatch // Nil unless asked for.
}

// Setup makes providers, exporters and log outputs from the options and the standard OpenTelemetry
// variables. With neither it prints JSON log lines on stdout and uses no network. With
// OTEL_EXPORTER_OTLP_ENDPOINT set it sends spans, metrics and logs there as well.
//
// Unless [WithoutGlobals] is given, the providers and propagators become OpenTelemetry's globals
// and [slog.Default] writes through them.
//
// All errors in the variables are one error, which names each variable, its value and what is
// allowed. Nothing has been changed or started then. The SDK that comes with an error is not nil:
// it may be used and records nothing. A collector that cannot be reached is not an error.
func Setup(ctx context.Context, opts ...Option) (*SDK, error) {
	cfg := newConfig(opts)
	if err := cfg.check(); err != nil {
		return &SDK{}, fmt.Errorf("otelvoice: %w", err)
	}
	set, err := bootstrap.New(ctx, cfg.Config)
	if err != nil {
		return &SDK{}, fmt.Errorf("otelvoice: %w", err)
	}
	s := &SDK{set: set, ending: bounded.NewOnce()}
	set.Logs.Flush, set.Logs.Tracers, set.Logs.Meters = s.ForceFlush, set.Tracers, set.Meters
	if s.Telemetry, err = otelvoice.New(append(instrumentation(set), cfg.instrumentation...)...); err != nil {
		return &SDK{}, errors.Join(err, set.Shutdown(ctx))
	}
	if !cfg.WithoutGlobals {
		set.Logs.Owner = s.Telemetry
		set.SetGlobals(otelvoice.Version, s.Propagator())
		slog.SetDefault(s.Logger(set.Service))
	}
	if cfg.shutdownOnSignal {
		s.signals = watchSignals(s.shutdownOnSignal)
	}
	return s, nil
}

// instrumentation returns the options that connect the instrumentation to what was set up.
func instrumentation(set *bootstrap.Set) []otelvoice.Option {
	opts := []otelvoice.Option{
		otelvoice.WithTracerProvider(set.Tracers),
		otelvoice.WithMeterProvider(set.Meters),
		otelvoice.WithLoggerProvider(set.Logs),
		otelvoice.WithPropagators(set.Propagators...),
		otelvoice.WithCorrelationHeader(set.CorrelationHeader),
		otelvoice.WithLatencyBudget(set.LatencyBudget),
		otelvoice.WithHeartbeat(set.Heartbeat),
		otelvoice.WithDeadAir(set.DeadAir),
		otelvoice.WithPrices(set.Prices),
		otelvoice.WithoutContentCapture(),
	}
	for segment, budget := range set.SegmentBudgets {
		opts = append(opts, otelvoice.WithSegmentBudget(otelvoice.SegmentName(segment), budget))
	}
	if set.Content {
		opts = append(opts, otelvoice.WithContentCapture())
	}
	return opts
}
