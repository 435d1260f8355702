// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"encoding/hex"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/cleantext"
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice/internal/stagerecord"
)

// CorrelationHeader is the header that carries the correlation ID, in and out, unless
// [WithCorrelationHeader] names another.
const CorrelationHeader = identity.Header

// CorrelationHeader returns the header that carries the correlation ID.
func (t *Telemetry) CorrelationHeader() string {
	if t == nil {
		return CorrelationHeader
	}
	return t.correlationHeader
}

// An IDGenerator implements the ID generator of OpenTelemetry's SDK. It uses the caller's
// correlation ID as the trace ID. [NewIDGenerator] returns one.
type IDGenerator struct{ identity.Generator }

// NewIDGenerator returns the ID generator for a tracer provider of your own. voicesdk.Setup
// installs it.
//
//	sdktrace.NewTracerProvider(sdktrace.WithIDGenerator(otelvoice.NewIDGenerator()), …)
func NewIDGenerator() IDGenerator { return IDGenerator{} }

// TraceIDFor returns the trace ID for a correlation ID. A UUID is the trace ID itself. For any
// other ID it is the first 16 bytes of its SHA-256 hash. TraceIDFor reports false for an invalid
// ID: one with more than 128 characters, or with characters other than [A-Za-z0-9._:-].
func TraceIDFor(correlationID string) (trace.TraceID, bool) {
	id, ok := identity.Parse(correlationID)
	return id.TraceID, ok
}

// ContextWithCorrelationID returns a context in which the next trace has the given correlation
// ID. Use it for calls that do not arrive over HTTP, with an ID from a SIP header, a custom
// parameter or a queue. If the ID is invalid (see [TraceIDFor]), the context is returned
// unchanged and the trace gets a new ID. If the context has a span, the trace stays the same.
func ContextWithCorrelationID(ctx context.Context, correlationID string) context.Context {
	id, ok := identity.Parse(correlationID)
	if !ok {
		return ctx
	}
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() && sc.TraceID() != id.TraceID {
		return ctx
	}
	return identity.WithSeed(ctx, id)
}

// CorrelationID returns the correlation ID of a context, or "".
func CorrelationID(ctx context.Context) string { return identity.Correlation(ctx) }

// RequestID returns the id of the request or turn that a context belongs to,
// such as req_a1b2c3d4, or "".
func RequestID(ctx context.Context) string { return identity.FromContext(ctx).RequestID }

// SessionID returns the id of the session that a context belongs to, or "". In a service that
// the agent calls, it is the id from trusted baggage.
func SessionID(ctx context.Context) string { return identity.FromContext(ctx).SessionID }

// ContextWithUserID returns a context whose log lines carry user_id.
func ContextWithUserID(ctx context.Context, userID string) context.Context {
	ids := identity.FromContext(ctx)
	ids.UserID = boundID(userID)
	if ids.CorrelationID == "" {
		ids.CorrelationID, ids.Chosen = identity.CorrelationOf(ctx)
	}
	return identity.NewContext(ctx, ids)
}

// SessionFromContext returns the session that a context belongs to, or nil. The methods of a nil
// Session do nothing.
func SessionFromContext(ctx context.Context) *Session {
	s, _ := ctx.Value(sessionKey{}).(*Session)
	return s
}

// TurnFromContext returns the turn that a context belongs to, or nil. The methods of a nil Turn
// do nothing.
func TurnFromContext(ctx context.Context) *Turn {
	t, _ := ctx.Value(turnKey{}).(*Turn)
	return t
}

// AddRequestID adds the id that a provider gave a request to the stage that a context belongs
// to, if any. The transport of package voicehttp calls it with the ids in response headers.
func AddRequestID(ctx context.Context, id string) {
	if s := stagerecord.FromContext(ctx); s != nil {
		s.AddRequestID(boundID(id))
	}
}

// correlationID returns the correlation ID for work whose span was just started in ctx, and
// whether a caller chose it. If tracing is disabled, there is no trace ID and the ID is random.
func (t *Telemetry) correlationID(ctx context.Context) (id string, chosen bool) {
	if id, chosen = identity.CorrelationOf(ctx); id != "" {
		return id, chosen
	}
	return identity.Format(identity.NewTraceID()), false
}

// newID returns prefix and 12 random hex digits.
func newID(prefix string) string {
	var b [6]byte
	n := rand.Uint64()
	for i := range b {
		b[i] = byte(n >> (8 * i))
	}
	return prefix + hex.EncodeToString(b[:])
}

// boundID returns an id cut to the maximum length of ids.
func boundID(id string) string { return identity.Bound(id) }

// boundText returns a text of the caller, cut to the same length, in the place of a constant.
func boundText[S ~string](text S) S { return S(cleantext.Head(string(text), identity.MaxLength)) }

// maxContent is the maximum size of captured content, in bytes.
const maxContent = 64 << 10

func orNow(at time.Time) time.Time {
	if at.IsZero() {
		return time.Now()
	}
	return at
}
