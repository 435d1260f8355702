// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package otlpspan makes OTLP requests of spans: each is encoded when it ends, by the goroutine
// that ends it, and appended to the request that it will be sent in. The SDK's batch processor
// and its exporter queue it, make structs of it for the encoder, and encode these: twice the
// work, on one goroutine, which among a thousand that end spans hardly runs.
package otlpspan

import (
	"context"
	"maps"
	"strings"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/internal/otlpbatch"
)

// Processor is a [sdktrace.SpanProcessor]. It is safe for concurrent use, and takes nothing
// after Shutdown. Spans are sent with the resource of the config, which is to be that of their
// provider.
type Processor struct {
	*otlpbatch.Batcher

	keys     logrecord.KeyCache
	encoders sync.Pool

	mu sync.Mutex // One change of scopes at a time.
	// scopes is replaced and never changed, so that a look costs no lock.
	scopes atomic.Pointer[map[instrumentation.Scope]*otlpbatch.Scope]
}

var _ sdktrace.SpanProcessor = (*Processor)(nil)

// New returns a processor, which is to be shut down.
func New(cfg otlpbatch.Config) *Processor {
	p := &Processor{Batcher: otlpbatch.New(cfg)}
	p.encoders.New = func() any { return &encoder{table: &p.keys} }
	return p
}

// OnStart does nothing.
func (p *Processor) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

// maxKept bounds the bytes whose room is kept.
const maxKept = 32 << 10

// OnEnd encodes the span, if it is sampled.
func (p *Processor) OnEnd(s sdktrace.ReadOnlySpan) {
	if !s.SpanContext().IsSampled() {
		return
	}
	e := p.encoders.Get().(*encoder) //nolint:forcetypeassert // That is what is in the pool.
	e.bytes = e.append(e.bytes[:0], s)
	p.Add(p.scope(s.InstrumentationScope()), e.bytes)
	if cap(e.bytes) <= maxKept {
		p.encoders.Put(e)
	}
}

// maxScopes bounds what is remembered: a program that makes up tracers must not fill the
// memory with them.
const maxScopes = 1024

// scope returns the scope as it is sent.
func (p *Processor) scope(of instrumentation.Scope) *otlpbatch.Scope {
	known := p.scopes.Load()
	if known != nil {
		if s, ok := (*known)[of]; ok {
			return s
		}
	}
	of.Name, of.Version, of.SchemaURL = strings.Clone(of.Name), strings.Clone(of.Version), strings.Clone(of.SchemaURL)
	s := otlpbatch.NewScope(of.Name, of.Version, of.SchemaURL, of.Attributes)
	p.mu.Lock()
	defer p.mu.Unlock()
	next := map[instrumentation.Scope]*otlpbatch.Scope{of: s}
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
