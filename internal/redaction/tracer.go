// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	otelsemconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/semconv"
)

// NewTracerProvider returns a tracer provider whose spans are passed to next without secrets; see
// redact.NewTracerProvider.
func NewTracerProvider(e *Engine, next trace.TracerProvider) trace.TracerProvider {
	if e == nil {
		return next
	}
	return &tracerProvider{next: next, engine: e}
}

type tracerProvider struct {
	embedded.TracerProvider

	next   trace.TracerProvider
	engine *Engine
}

func (p *tracerProvider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return &tracer{Tracer: p.next.Tracer(p.text(name), p.scope(opts)...), provider: p}
}

// scope returns the options of a tracer without secrets and with valid text. The exporters of a
// user's provider drop a whole request for one invalid byte.
func (p *tracerProvider) scope(opts []trace.TracerOption) []trace.TracerOption {
	if len(opts) == 0 {
		return nil
	}
	cfg := trace.NewTracerConfig(opts...)
	set := cfg.InstrumentationAttributes()
	attrs, dirty := p.attributes(set.ToSlice())
	version, schema := p.text(cfg.InstrumentationVersion()), p.text(cfg.SchemaURL())
	if !dirty && version == cfg.InstrumentationVersion() && schema == cfg.SchemaURL() {
		return opts
	}
	return []trace.TracerOption{
		trace.WithInstrumentationVersion(version), trace.WithSchemaURL(schema), trace.WithInstrumentationAttributes(attrs...),
	}
}

// text returns a valid text without secrets.
func (p *tracerProvider) text(s string) string { return p.engine.String(cleantext.String(s)) }

// attributes returns attributes with valid text and without secrets, and whether any changed.
func (p *tracerProvider) attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	attrs, dirty := cleantext.Texts(attrs)
	attrs, secret := p.engine.Attributes(attrs)
	return attrs, dirty || secret
}

type tracer struct {
	trace.Tracer

	provider *tracerProvider
}

func (t *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	cfg := trace.NewSpanStartConfig(opts...)
	var keys uniqueKeys
	before, dirty := cleantext.Texts(cfg.Attributes())
	attrs, secret := t.provider.engine.Attributes(before)
	if secret {
		t.provider.rename(&keys, attrs, before)
	}
	links, dirtyLinks := t.provider.links(cfg.Links())
	if dirty || secret || dirtyLinks {
		opts = []trace.SpanStartOption{
			trace.WithAttributes(attrs...), trace.WithLinks(links...),
			trace.WithSpanKind(cfg.SpanKind()), trace.WithTimestamp(cfg.Timestamp()),
		}
		if cfg.NewRoot() {
			opts = append(opts, trace.WithNewRoot())
		}
	}
	ctx, inner := t.Tracer.Start(ctx, t.provider.text(name), opts...)
	if !inner.IsRecording() {
		return ctx, inner
	}
	s := &span{Span: inner, provider: t.provider, keys: keys}
	return trace.ContextWithSpan(ctx, s), s
}

// links returns links with valid text and without secrets, and whether any changed.
func (p *tracerProvider) links(links []trace.Link) (clean []trace.Link, changed bool) {
	for i, l := range links {
		attrs, dirty := p.attributes(l.Attributes)
		if !dirty {
			continue
		}
		if !changed {
			links, changed = slices.Clone(links), true
		}
		links[i].Attributes = attrs
	}
	return links, changed
}

// span removes secrets before it calls the span of the other provider.
type span struct {
	trace.Span

	provider *tracerProvider

	mu   sync.Mutex
	keys uniqueKeys // Of attributes whose keys contained secrets.
}

// maxKeys bounds the redacted keys of a span that are kept distinct across calls. The SDK keeps 128
// attributes of a span.
const maxKeys = 128

// rename makes redacted keys unique in the span, so that no attribute replaces one that was set
// earlier under another key. Before is the attributes as they were.
func (p *tracerProvider) rename(keys *uniqueKeys, clean, before []attribute.KeyValue) {
	for i := range clean {
		key := before[i].Key
		if clean[i].Key == key {
			continue
		}
		if _, known := keys.given[key]; known || len(keys.given) < maxKeys {
			clean[i].Key = keys.of(key, p.engine.Key(key))
		}
	}
}

func (s *span) TracerProvider() trace.TracerProvider { return s.provider }

func (s *span) SetName(name string) { s.Span.SetName(s.provider.text(name)) }

func (s *span) SetStatus(code codes.Code, description string) {
	s.Span.SetStatus(code, s.provider.text(description))
}

func (s *span) SetAttributes(attrs ...attribute.KeyValue) {
	attrs, _ = cleantext.Texts(attrs)
	clean, secret := s.provider.engine.Attributes(attrs)
	if secret {
		s.mu.Lock()
		s.provider.rename(&s.keys, clean, attrs)
		s.mu.Unlock()
	}
	s.Span.SetAttributes(clean...)
}

func (s *span) AddLink(link trace.Link) {
	link.Attributes, _ = s.provider.attributes(link.Attributes)
	s.Span.AddLink(link)
}

func (s *span) AddEvent(name string, opts ...trace.EventOption) {
	cfg := trace.NewEventConfig(opts...)
	if attrs, dirty := s.provider.attributes(cfg.Attributes()); dirty {
		opts = []trace.EventOption{
			trace.WithAttributes(attrs...), trace.WithTimestamp(cfg.Timestamp()), trace.WithStackTrace(cfg.StackTrace()),
		}
	}
	s.Span.AddEvent(s.provider.text(name), opts...)
}

// RecordError adds the event that the SDK would add, with its message and attributes redacted. The
// SDK takes exception.type from the Go type of the error, so an error with a redacted message cannot
// be passed on.
func (s *span) RecordError(err error, opts ...trace.EventOption) {
	if err == nil || !s.IsRecording() {
		return
	}
	attrs := []attribute.KeyValue{
		semconv.ExceptionType(failure.TypeName(err)), semconv.ExceptionMessage(failure.Message(err)),
	}
	if cfg := trace.NewEventConfig(opts...); cfg.StackTrace() {
		attrs = append(attrs, semconv.ExceptionStacktrace(string(debug.Stack())))
	}
	s.AddEvent(otelsemconv.ExceptionEventName, append(slices.Clip(opts), trace.WithAttributes(attrs...))...)
}
