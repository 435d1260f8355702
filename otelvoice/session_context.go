// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

// Context returns a context that carries the session's newest open turn or, if no turn is open, the
// session: their span and ids for log lines, clients and stages. It has the values, the deadline and
// the cancellation of ctx. Use it in code that the session's context does not reach, such as a
// callback of an SDK. A context of one of the session's turns is returned as it is. Context costs
// five allocations.
func (s *Session) Context(ctx context.Context) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if s == nil {
		return ctx
	}
	isOwn := SessionFromContext(ctx) == s
	if isOwn && TurnFromContext(ctx) != nil {
		return ctx
	}
	turn := s.newestTurn()
	if isOwn && turn == nil {
		return ctx
	}
	ids, span := s.ids, s.span
	if turn != nil {
		ids, span = turn.ids, turn.span
	}
	ctx = identity.NewContext(trace.ContextWithSpan(s.tel.Context(ctx), span), ids)
	return &sessionContext{Context: ctx, session: s, turn: turn}
}

// Telemetry returns the telemetry that started the session. It is nil for a nil Session.
func (s *Session) Telemetry() *Telemetry {
	if s == nil {
		return nil
	}
	return s.tel
}

// newestTurn returns the open turn that was started last, or nil.
func (s *Session) newestTurn() (newest *Turn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.open {
		if newest == nil || t.index > newest.index {
			newest = t
		}
	}
	return newest
}

// sessionContext is the context of a session's work outside of a turn, or of a turn for code that
// the turn's own context does not reach.
type sessionContext struct {
	context.Context

	session *Session
	turn    *Turn // May be nil.
}

// Value returns the session, the turn or the parent's value.
func (c *sessionContext) Value(key any) any {
	switch key.(type) {
	case sessionKey:
		return c.session
	case turnKey:
		if c.turn != nil {
			return c.turn
		}
	case vendorcall.Key:
		if c.turn != nil {
			return &c.turn.opener
		}
		return &c.session.opener
	case vendorcall.MeterKey:
		return (*sessionMeter)(c.session)
	case vendorcall.TurnKey:
		if c.turn != nil {
			return (*observedTurn)(c.turn)
		}
	case resend.Key:
		if c.turn != nil {
			return &c.turn.resends
		}
	}
	return c.Context.Value(key)
}
