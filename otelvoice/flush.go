// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/otel"

	"github.com/voice-agents/telemetry/internal/bounded"
)

// flusher is implemented by the SDK's providers, but not part of the API's provider interfaces.
type flusher interface {
	ForceFlush(ctx context.Context) error
}

// ForceFlush sends buffered spans, metrics and log records. It calls the ForceFlush method of
// each provider that has one or, with package voicesdk, the ForceFlush of its SDK. It returns by
// the deadline of ctx or, if ctx has none or it has passed, within 5 s. The cancellation of ctx
// is ignored.
func (t *Telemetry) ForceFlush(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if t.logs.Flush != nil {
		return t.logs.Flush(ctx)
	}
	ctx, cancel := bounded.Context(ctx, shutdownTimeout)
	defer cancel()
	providers := t.flushed()
	errs := make([]error, len(providers))
	var wg sync.WaitGroup
	for i, p := range providers {
		wg.Go(func() { errs[i] = bounded.New(fmt.Sprintf("the provider %T", p)).Call(ctx, p.ForceFlush) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("otelvoice: flush: %w", err)
	}
	return nil
}

// flushed returns the providers that have a ForceFlush method. Without a provider option it
// returns the current global provider, not the one that New found: that may be OpenTelemetry's
// delegating provider, which has no ForceFlush.
func (t *Telemetry) flushed() (providers []flusher) {
	for _, p := range []struct{ given, global any }{
		{t.given.tracers, otel.GetTracerProvider()},
		{t.given.loggers, otel.GetLoggerProvider()},
		{t.given.meters, otel.GetMeterProvider()},
	} {
		if p.given == nil {
			p.given = p.global
		}
		if f, ok := p.given.(flusher); ok {
			providers = append(providers, f)
		}
	}
	return providers
}
