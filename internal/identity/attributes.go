// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package identity

import (
	"context"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
	"github.com/voice-agents/telemetry/semconv"
)

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
