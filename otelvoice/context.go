// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"github.com/voice-agents/telemetry/internal/identity"
	"github.com/voice-agents/telemetry/otelvoice/internal/resend"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

type (
	sessionKey struct{}
	turnKey    struct{}
)

// turnContext is the context of a turn's work. It is a field of the turn, which saves the three
// allocations of context.WithValue: contexts are most of the allocations of a call.
type turnContext struct {
	identity.Context

	turn *Turn
}

// Value returns the turn or the parent's value.
func (c *turnContext) Value(key any) any {
	switch key.(type) {
	case turnKey:
		return c.turn
	case vendorcall.Key:
		return &c.turn.opener
	case vendorcall.TurnKey:
		return (*observedTurn)(c.turn)
	case vendorcall.ObservedKey:
		return nil // The program starts the turns within a turn's context.
	case resend.Key:
		return &c.turn.resends
	}
	return c.Context.Value(key)
}
