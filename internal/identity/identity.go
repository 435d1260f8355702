// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"strings"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

// Identity is who the work in a context belongs to. Empty fields are unknown.
type Identity struct {
	CorrelationID string
	// Chosen says that CorrelationID came from a caller, as a header or an argument, whatever
	// its form.
	Chosen     bool
	RequestID  string
	SessionID  string
	TurnID     string
	UserID     string
	PipelineID string
	Stage      string
}

type contextKey struct{}

// entry is what the context holds. The attributes are made once, for the first log
// record of an identity, which changes a few times a turn.
type entry struct {
	identity Identity
	logged   atomic.Bool
	cleaned  atomic.Pointer[cleaned]
}

// cleaned is the attributes as one cleaner returned them.
type cleaned struct {
	by    Cleaner
	block *logrecord.Block
}

// A Cleaner makes attributes fit to go out, alone or for many records. It is compared
// with ==.
type Cleaner interface {
	Clean(attrs []attribute.KeyValue) []attribute.KeyValue
	Block(attrs ...attribute.KeyValue) *logrecord.Block
}

// MaxLength is the longest id, in bytes, that is recorded.
const MaxLength = 256

// Bound returns an id as it is recorded everywhere. It is a copy: ids are kept for as long
// as a session, while the caller's may be part of a large body or of a buffer that is used again.
func Bound(id string) string { return strings.Clone(cleantext.Head(id, MaxLength)) }

// FromOutside returns an id that another system sent as [Bound] does, or "" for blanks alone.
func FromOutside(id string) string {
	if strings.TrimSpace(id) == "" {
		return ""
	}
	return Bound(id)
}

// Context is a context that carries an identity in place of any other. It may be part of
// something larger, which spares its allocation; it is made by Set, and must not be copied.
type Context struct {
	context.Context //nolint:containedctx // It is one.

	entry entry
}

// Set makes c a context with an identity. It is called once.
func (c *Context) Set(parent context.Context, id Identity) {
	c.Context, c.entry.identity = parent, id
}

// Value returns the identity to those in this package, and to others what the parent does.
func (c *Context) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return &c.entry
	}
	return c.Context.Value(key)
}

// NewContext returns a context that carries id in place of any other.
func NewContext(ctx context.Context, id Identity) context.Context {
	c := &Context{}
	c.Set(ctx, id)
	return c
}

// FromContext returns the identity that the context carries, or the zero one.
func FromContext(ctx context.Context) Identity {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		return e.identity
	}
	return Identity{}
}

// logAttributes returns the attributes of a log record in this context.
func logAttributes(ctx context.Context) []attribute.KeyValue {
	id := FromContext(ctx)
	if id.CorrelationID == "" {
		// No session and no request: the correlation ID is still that of the seed
		// or of the span.
		if id.CorrelationID = Correlation(ctx); id == (Identity{}) {
			return nil
		}
	}
	return id.attributes()
}

// AddTo adds to a log record what its context knows and nobody has said, after a cleaner.
// For the second record of a session, turn or stage it makes a block for all that follow:
// ids are most of the text of a record, and always the same. Many stages have only one.
func AddTo(r *logrecord.Record, ctx context.Context, by Cleaner) { //nolint:revive // The record is what it is about.
	e, ok := ctx.Value(contextKey{}).(*entry)
	if !ok || e.identity.CorrelationID == "" {
		r.AddMissing(by.Clean(logAttributes(ctx))...)
		return
	}
	if c := e.cleaned.Load(); c != nil && c.by == by {
		r.SetContext(c.block)
		return
	}
	attrs := e.identity.attributes()
	if e.logged.CompareAndSwap(false, true) {
		r.AddMissing(by.Clean(attrs)...)
		return
	}
	c := &cleaned{by: by, block: by.Block(attrs...)}
	e.cleaned.Store(c)
	r.SetContext(c.block)
}

// Correlation returns the correlation ID of the context: the identity's, else
// that of the seed, else the trace ID of the span written as a UUID, else "".
func Correlation(ctx context.Context) string {
	id, _ := CorrelationOf(ctx)
	return id
}

// CorrelationOf returns the correlation ID of the context, as [Correlation] does, and whether
// a caller chose it.
func CorrelationOf(ctx context.Context) (id string, chosen bool) {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok && e.identity.CorrelationID != "" {
		return e.identity.CorrelationID, e.identity.Chosen
	}
	if seed := Seed(ctx); seed.IsValid() {
		return seed.Text, true
	}
	if tid := trace.SpanContextFromContext(ctx).TraceID(); tid.IsValid() {
		return Format(tid), false
	}
	return "", false
}

// RequestID returns the id that people use for the request or turn whose entry
// span is sid: "req_" and the first 8 hex digits, or "" for an invalid sid.
func RequestID(sid trace.SpanID) string {
	if !sid.IsValid() {
		return ""
	}
	return "req_" + sid.String()[:8]
}

func (id Identity) attributes() []attribute.KeyValue {
	attrs := make([]attribute.KeyValue, 0, 7)
	add := func(key attribute.Key, value string) {
		if value != "" {
			attrs = append(attrs, key.String(value))
		}
	}
	add(semconv.VoiceCorrelationIDKey, id.CorrelationID)
	add(semconv.VoiceRequestIDKey, id.RequestID)
	add(semconv.SessionIDKey, id.SessionID)
	add(semconv.VoiceTurnIDKey, id.TurnID)
	add(semconv.UserIDKey, id.UserID)
	add(semconv.VoicePipelineIDKey, id.PipelineID)
	add(semconv.VoiceStageKey, id.Stage)
	return attrs
}
