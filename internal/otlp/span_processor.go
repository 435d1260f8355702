// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otlp

import (
	"context"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// SpanProcessor is a [sdktrace.SpanProcessor] that encodes spans when they end. It is safe for
// concurrent use, and drops spans after Shutdown. Requests have the resource of the config, which
// must be that of the tracer provider.
type SpanProcessor struct {
	*Batcher

	keys     logrecord.KeyCache
	encoders sync.Pool

	mu sync.Mutex // Held to replace scopes.
	// scopes is replaced and never modified, so that lookups need no lock.
	scopes atomic.Pointer[map[instrumentation.Scope]*Scope]
}

var _ sdktrace.SpanProcessor = (*SpanProcessor)(nil)

// NewSpanProcessor returns a processor. The caller must shut it down.
func NewSpanProcessor(cfg BatchConfig) *SpanProcessor {
	cfg.emptyResource = true
	p := &SpanProcessor{Batcher: NewBatcher(cfg)}
	p.encoders.New = func() any { return &encoder{table: &p.keys} }
	return p
}

// OnStart does nothing.
func (p *SpanProcessor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// maxKept bounds the capacity of a buffer that is kept for reuse.
const maxKept = 32 << 10

// OnEnd encodes the span, if it is sampled.
func (p *SpanProcessor) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	e := p.encoders.Get().(*encoder) //nolint:forcetypeassert // The pool holds only encoders.
	e.bytes = e.append(e.bytes[:0], s)
	p.Add(p.scope(s.InstrumentationScope()), e.bytes, s.Status().Code == codes.Error || s.Name() == semconv.SpanVoiceSession)
	if cap(e.bytes) <= maxKept {
		p.encoders.Put(e)
	}
}

// maxScopes bounds the cache: a program that creates tracers with ever new names must not fill
// the memory.
const maxScopes = 1024

// scope returns the encoded scope.
func (p *SpanProcessor) scope(of instrumentation.Scope) *Scope {
	known := p.scopes.Load()
	if known != nil {
		if s, ok := (*known)[of]; ok {
			return s
		}
	}
	of.Name, of.Version, of.SchemaURL = strings.Clone(of.Name), strings.Clone(of.Version), strings.Clone(of.SchemaURL)
	s := newScope(of.Name, of.Version, of.SchemaURL, of.Attributes, asTheyAre)
	p.mu.Lock()
	defer p.mu.Unlock()
	next := map[instrumentation.Scope]*Scope{of: s}
	if known = p.scopes.Load(); known != nil {
		if len(*known) >= maxScopes {
			return s
		}
		next = maps.Clone(*known)
		next[of] = s
	}
	p.scopes.Store(&next)
	return s
}
