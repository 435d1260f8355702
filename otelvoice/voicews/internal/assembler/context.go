// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"

	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

// key is the key of the Call in a context.
type key struct{}

// FromContext returns the call of a context, or nil.
func FromContext(ctx context.Context) *Call {
	c, _ := ctx.Value(key{}).(*Call)
	return c
}

// Context returns a context of the call's work. It has the deadline and the cancellation of the context
// that the call was made with, and the values of what is current when a value is asked for: the newest
// open turn, else the session. A context that was made once therefore serves the whole call.
func (c *Call) Context() context.Context { return &callContext{c.base, c} }

type callContext struct {
	context.Context

	call *Call
}

// Value returns the call, or a value of the newest turn or of the session.
func (c *callContext) Value(of any) any {
	switch of.(type) {
	case key:
		return c.call
	case vendorcall.Key:
		return (*opener)(c.call)
	}
	return c.call.current.Load().ctx.Value(of)
}
