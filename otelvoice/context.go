// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"github.com/voice-agents/telemetry/internal/identity"
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
	if _, ok := key.(turnKey); ok {
		return c.turn
	}
	return c.Context.Value(key)
}
