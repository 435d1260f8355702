// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

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

// NewTracerProvider returns a tracer provider whose spans are given to next
// without secrets: the names of tracers and spans, attributes, events, links and
// status, as they are set. The resource is the provider's own; see package redacttrace.
// It is for a provider that is made elsewhere, where a span processor
// of package redacttrace cannot be put before its processors; it costs an allocation a span. Text that is not valid
// UTF-8 gets U+FFFD in place of the bad bytes. With a nil Redactor it is next itself.
//
// otelvoice.New and voicesdk.Setup do this to a provider that is brought. Spans that
// are started with next and not with this are as they are.
func NewTracerProvider(r *Redactor, next trace.TracerProvider) trace.TracerProvider {
	if r == nil {
		return next
	}
	return &tracerProvider{next: next, r: r}
}

type tracerProvider struct {
	embedded.TracerProvider

	next trace.TracerProvider
	r    *Redactor
}

func (p *tracerProvider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return &tracer{Tracer: p.next.Tracer(p.text(name), p.scope(opts)...), provider: p}
}

// scope returns the options of a tracer without secrets, and with valid text. The provider's
// exporters are not ours: for one stray byte they lose a whole request.
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

// text returns a text without secrets, and valid.
func (p *tracerProvider) text(s string) string { return p.r.String(cleantext.String(s)) }

// attributes returns attributes without secrets, and valid, and whether they changed.
func (p *tracerProvider) attributes(attrs []attribute.KeyValue) ([]attribute.KeyValue, bool) {
	attrs, dirty := cleantext.Texts(attrs)
	attrs, secret := p.r.Attributes(attrs)
	return attrs, dirty || secret
}

type tracer struct {
	trace.Tracer

	provider *tracerProvider
}

func (t *tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	cfg := trace.NewSpanStartConfig(opts...)
	var names names
	before, dirty := cleantext.Texts(cfg.Attributes())
	attrs, secret := t.provider.r.Attributes(before)
	if secret {
		t.provider.rename(&names, attrs, before)
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
	s := &span{Span: inner, provider: t.provider, names: names}
	return trace.ContextWithSpan(ctx, s), s
}

// links returns the links without secrets, and valid, and whether that changed any.
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

// span takes secrets out of what it is told and tells the other.
type span struct {
	trace.Span

	provider *tracerProvider

	mu    sync.Mutex
	names names // Of attributes whose keys hold secrets.
}

// maxNames bounds the keys of a span that are told apart from those of earlier calls. The SDK
// keeps 128 attributes of a span.
const maxNames = 128

// rename gives attributes whose keys had to be redacted the names that they have in the span:
// none takes the place of one that was set earlier under another key. Before is the attributes as
// they were.
func (p *tracerProvider) rename(n *names, clean, before []attribute.KeyValue) {
	for i := range clean {
		key := before[i].Key
		if clean[i].Key == key {
			continue
		}
		if _, known := n.given[key]; known || len(n.given) < maxNames {
			clean[i].Key = n.of(key, p.r.Key(key))
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
	clean, secret := s.provider.r.Attributes(attrs)
	if secret {
		s.mu.Lock()
		s.provider.rename(&s.names, clean, attrs)
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

// RecordError adds the event that the SDK would add, with its text and its
// attributes redacted. The SDK takes the type from the Go type of the error, so
// that a copy with another text won't do.
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
