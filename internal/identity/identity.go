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

// Identity holds the ids of the work in a context. Empty fields are unknown.
type Identity struct {
	CorrelationID string
	// Chosen reports that CorrelationID came from a caller, as a header or an argument.
	Chosen     bool
	RequestID  string
	SessionID  string
	TurnID     string
	UserID     string
	PipelineID string
	Stage      string
}

type contextKey struct{}

// entry is the context's value. An identity changes a few times in a turn.
type entry struct {
	identity Identity
	groups   GroupCache
}

// MaxLength is the longest id, in bytes, that is recorded.
const MaxLength = 256

// Bound returns a copy of an id, cut to [MaxLength]. Sessions keep ids for a long time, and the
// caller's text may be part of a large body or of a buffer that is used again.
func Bound(id string) string { return strings.Clone(cleantext.Head(id, MaxLength)) }

// FromOutside returns [Bound] of an id that another system sent, or "" if the id is blank.
func FromOutside(id string) string {
	if strings.TrimSpace(id) == "" {
		return ""
	}
	return Bound(id)
}

// Context is a context with an identity. It may be a field of a larger struct, which saves an
// allocation. Set initializes it, and it must not be copied.
type Context struct {
	context.Context //nolint:containedctx // Context is a context itself.

	entry entry
}

// Set initializes c with its parent and its identity. It must be called once.
func (c *Context) Set(parent context.Context, id Identity) {
	c.Context, c.entry.identity = parent, id
}

// Value returns the identity for this package's key, and the parent's value for other keys.
func (c *Context) Value(key any) any {
	if _, ok := key.(contextKey); ok {
		return &c.entry
	}
	return c.Context.Value(key)
}

// NewContext returns a context with the identity id, which replaces the parent's.
func NewContext(ctx context.Context, id Identity) context.Context {
	c := &Context{}
	c.Set(ctx, id)
	return c
}

// FromContext returns the identity of the context, or the zero Identity.
func FromContext(ctx context.Context) Identity {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok {
		return e.identity
	}
	return Identity{}
}

// Correlation returns the correlation ID of the context: that of the identity, else that of the
// seed, else the trace ID of the span as a UUID, else "".
func Correlation(ctx context.Context) string {
	id, _ := CorrelationOf(ctx)
	return id
}

// CorrelationOf returns the correlation ID of the context, like [Correlation], and whether a
// caller chose it.
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

// RequestID returns the short id of the request or turn whose entry span is sid: "req_" and the
// first 8 hex digits, or "" for an invalid sid.
func RequestID(sid trace.SpanID) string {
	if !sid.IsValid() {
		return ""
	}
	return "req_" + sid.String()[:8]
}

// Attributes returns the ids of the context as attributes of a log record.
func Attributes(ctx context.Context) []attribute.KeyValue {
	id := FromContext(ctx)
	if id.CorrelationID == "" {
		// Outside of sessions and requests, the seed or the span has the correlation ID.
		if id.CorrelationID = Correlation(ctx); id == (Identity{}) {
			return nil
		}
	}
	return id.attributes()
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

// A GroupCache keeps the attribute group that a logger made of an identity. Ids are most of the
// text of a log record and the same for all records of a session, turn or stage. It is safe for
// concurrent use.
type GroupCache struct {
	used  atomic.Bool
	group atomic.Pointer[ownedGroup]
}

type ownedGroup struct {
	owner any
	group *logrecord.Group
}

// Groups returns the cache of the context's identity. It returns nil if the context has no
// identity with a correlation ID: then the ids depend on the current span too.
func Groups(ctx context.Context) *GroupCache {
	if e, ok := ctx.Value(contextKey{}).(*entry); ok && e.identity.CorrelationID != "" {
		return &e.groups
	}
	return nil
}

// Load returns the group that owner stored, or nil. Owners are compared with ==.
func (c *GroupCache) Load(owner any) *logrecord.Group {
	if g := c.group.Load(); g != nil && g.owner == owner {
		return g.group
	}
	return nil
}

// Store stores the group of owner in place of any other.
func (c *GroupCache) Store(owner any, group *logrecord.Group) {
	c.group.Store(&ownedGroup{owner, group})
}

// First reports whether this is its first call. Many stages log one record only, for which a
// group is not worth its cost.
func (c *GroupCache) First() bool { return c.used.CompareAndSwap(false, true) }
