// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package sdkdata

import (
	"context"
	"errors"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/redaction"
)

// NewSpanProcessor returns a span processor that passes ended spans to others without secrets; see
// redacttrace.NewSpanProcessor.
func NewSpanProcessor(r *redaction.Engine, next ...sdktrace.SpanProcessor) sdktrace.SpanProcessor {
	p := &spanProcessor{change: Change{Text: r.String, Attributes: r.Attributes}, next: next}
	if r != nil {
		p.change.Origin = (&origins{r: r}).of
	}
	return p
}

type spanProcessor struct {
	change Change
	next   []sdktrace.SpanProcessor
}

func (p *spanProcessor) OnStart(parent context.Context, s sdktrace.ReadWriteSpan) {
	for _, next := range p.next {
		next.OnStart(parent, s)
	}
}

func (p *spanProcessor) OnEnd(s sdktrace.ReadOnlySpan) {
	s = p.change.Of(s)
	for _, next := range p.next {
		next.OnEnd(s)
	}
}

func (p *spanProcessor) ForceFlush(ctx context.Context) error {
	return p.each(ctx, sdktrace.SpanProcessor.ForceFlush)
}

func (p *spanProcessor) Shutdown(ctx context.Context) error {
	return p.each(ctx, sdktrace.SpanProcessor.Shutdown)
}

func (p *spanProcessor) each(ctx context.Context, do func(sdktrace.SpanProcessor, context.Context) error) error {
	errs := make([]error, len(p.next))
	for i, next := range p.next {
		errs[i] = do(next, ctx)
	}
	return errors.Join(errs...)
}
