// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/internal/logpipe"
)

// The SDK calls processors one after the other and recovers no panic: a panic
// reaches the caller, and a processor that hangs in Shutdown prevents the flush of those after it.
// So the SDK gets one processor, which calls all others, recovers their panics, and flushes and
// shuts them down concurrently.

// spanProcessor is one span processor of a provider.
type spanProcessor struct {
	sdktrace.SpanProcessor

	name      string
	component *bounded.Component
}

// spanProcessors are all span processors of a provider.
type spanProcessors struct {
	faults *logpipe.Faults
	all    []spanProcessor
}

func (s *Set) newSpanProcessors(processors []sdktrace.SpanProcessor) *spanProcessors {
	p := &spanProcessors{faults: s.Faults}
	for _, of := range processors {
		name := fmt.Sprintf("the span processor %T", of)
		p.all = append(p.all, spanProcessor{of, name, bounded.New(name)})
	}
	return p
}

// OnStart calls each processor.
func (p *spanProcessors) OnStart(parent context.Context, span sdktrace.ReadWriteSpan) {
	for i := range p.all {
		p.started(&p.all[i], parent, span)
	}
}

func (p *spanProcessors) started(one *spanProcessor, parent context.Context, span sdktrace.ReadWriteSpan) { //nolint:revive // The order is the SDK's.
	defer p.recovered(one)
	one.OnStart(parent, span)
}

// OnEnd calls each processor.
func (p *spanProcessors) OnEnd(span sdktrace.ReadOnlySpan) {
	for i := range p.all {
		p.ended(&p.all[i], span)
	}
}

func (p *spanProcessors) ended(one *spanProcessor, span sdktrace.ReadOnlySpan) {
	defer p.recovered(one)
	one.OnEnd(span)
}

func (p *spanProcessors) recovered(one *spanProcessor) {
	if v := recover(); v != nil {
		p.faults.Recovered(one.name, v)
	}
}

// ForceFlush flushes all of them side by side.
func (p *spanProcessors) ForceFlush(ctx context.Context) error {
	return sideBySide(ctx, p.all, func(ctx context.Context, one spanProcessor) error {
		return one.component.Flush(ctx, one.ForceFlush)
	})
}

// Shutdown shuts all of them down side by side.
func (p *spanProcessors) Shutdown(ctx context.Context) error {
	return sideBySide(ctx, p.all, func(ctx context.Context, one spanProcessor) error {
		return one.component.Call(ctx, one.Shutdown)
	})
}

// logProcessor is one log processor of a provider.
type logProcessor struct {
	sdklog.Processor

	name      string
	component *bounded.Component
}

// logProcessors are all log processors of a provider.
type logProcessors struct {
	faults *logpipe.Faults
	all    []logProcessor
	until  context.Context //nolint:containedctx // Bounds Shutdown in place of the SDK's, which bounds the wait before it too.
	down   atomic.Bool
}

func (s *Set) newLogProcessors(processors []sdklog.Processor) *logProcessors {
	p := &logProcessors{faults: s.Faults}
	for _, of := range processors {
		name := fmt.Sprintf("the log processor %T", of)
		p.all = append(p.all, logProcessor{of, name, bounded.New(name)})
	}
	return p
}

// Enabled reports whether any of them wants the record. One that panics may want it.
func (p *logProcessors) Enabled(ctx context.Context, param sdklog.EnabledParameters) bool {
	for i := range p.all {
		if p.wants(ctx, &p.all[i], param) {
			return true
		}
	}
	return false
}

func (p *logProcessors) wants(ctx context.Context, one *logProcessor, param sdklog.EnabledParameters) (wants bool) {
	defer func() {
		if v := recover(); v != nil {
			p.faults.Recovered(one.name, v)
			wants = true
		}
	}()
	return one.Enabled(ctx, param)
}

// OnEmit calls one processor after the other. Each sees the changes of those before it.
func (p *logProcessors) OnEmit(ctx context.Context, record *sdklog.Record) error {
	var errs []error
	for i := range p.all {
		if err := p.emitted(ctx, &p.all[i], record); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (p *logProcessors) emitted(ctx context.Context, one *logProcessor, record *sdklog.Record) error {
	defer p.recovered(one)
	return one.OnEmit(ctx, record)
}

func (p *logProcessors) recovered(one *logProcessor) {
	if v := recover(); v != nil {
		p.faults.Recovered(one.name, v)
	}
}

// ForceFlush flushes all of them side by side.
func (p *logProcessors) ForceFlush(ctx context.Context) error {
	return sideBySide(ctx, p.all, func(ctx context.Context, one logProcessor) error {
		return one.component.Flush(ctx, one.ForceFlush)
	})
}

// Shutdown shuts all of them down side by side, once.
func (p *logProcessors) Shutdown(ctx context.Context) error { //nolint:contextcheck // The other is that of the same shutdown.
	if p.down.Swap(true) {
		return nil
	}
	if p.until != nil {
		ctx = p.until
	}
	return sideBySide(ctx, p.all, func(ctx context.Context, one logProcessor) error {
		return one.component.Call(ctx, one.Shutdown)
	})
}

// loggers is the SDK's provider of loggers with its processors.
type loggers struct {
	*sdklog.LoggerProvider

	processors *logProcessors
}

// Shutdown shuts the provider down. The SDK waits for every OnEmit under way before it
// shuts a processor down, and shuts none down if one hangs: then this does.
func (l loggers) Shutdown(ctx context.Context) error {
	within, cancel := share(ctx, 1, 2)
	defer cancel()
	l.processors.until = ctx
	err := l.LoggerProvider.Shutdown(within)
	if !l.processors.down.Load() {
		err = fmt.Errorf("a log processor's OnEmit has not returned and was %w: %w", bounded.ErrLeftBehind, err)
		return errors.Join(err, l.processors.Shutdown(ctx))
	}
	return err
}
