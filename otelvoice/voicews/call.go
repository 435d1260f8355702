// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"context"
	"slices"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
)

// A Call makes the telemetry of one call from what its taps read. It is safe for concurrent use, and
// methods on a nil Call do nothing.
type Call struct {
	call *assembler.Call
	tel  *otelvoice.Telemetry
	opts []Option
}

// NewCall returns a call, and the context of its work. Pass the context to everything that belongs to
// the call: dials, HTTP requests, log calls. Its values follow the call: a log line has the IDs of the
// turn that is open when the line is written. It has the deadline and the cancellation of ctx.
//
// If ctx carries a session, that one is used, and the program ends it. Else a session starts with the
// first connection or request, and [Call.End] ends it. [Accept] makes a call for each WebSocket that
// the program accepts. NewCall is for calls that come otherwise: by AudioSocket, by SIP, from a
// microphone. With a nil Telemetry, NewCall returns ctx and nil.
func NewCall(ctx context.Context, tel *otelvoice.Telemetry, opts ...Option) (context.Context, *Call) {
	if ctx == nil {
		ctx = context.Background()
	}
	if tel == nil {
		return ctx, nil
	}
	c := newCall(ctx, tel, newConfig(tel, opts), opts)
	return c.call.Context(), c
}

func newCall(ctx context.Context, tel *otelvoice.Telemetry, cfg config, opts []Option) *Call {
	c := &Call{tel: tel, opts: opts}
	cfg.call.Session, cfg.call.Owner = otelvoice.SessionFromContext(ctx), c
	c.call = assembler.New(ctx, cfg.call)
	return c
}

// CallFromContext returns the call of a context, or nil.
func CallFromContext(ctx context.Context) *Call {
	if call := assembler.FromContext(ctx); call != nil {
		c, _ := call.Owner().(*Call) // A call that is a connection of its own has none.
		return c
	}
	return nil
}

// Context returns the context of the call's work, for code that has no other. See [NewCall].
func (c *Call) Context() context.Context {
	if c == nil {
		return context.Background()
	}
	return c.call.Context()
}

// Session returns the call's session. It is nil until the first connection or request of the call.
func (c *Call) Session() *otelvoice.Session {
	if c == nil {
		return nil
	}
	return c.call.Session()
}

// Dialer returns a dialer whose connections belong to the call, also if they are dialled without its
// context.
func (c *Call) Dialer(opts ...Option) *Dialer {
	if c == nil {
		return NewDialer(nil)
	}
	d := NewDialer(c.tel, slices.Concat(c.opts, opts)...)
	d.call = c.call
	return d
}

// End ends the call, its open turns, its streams, and the session, unless the program started it. Only
// the first End counts. What the taps read later is not recorded. A call of [Accept] ends with its
// connection. A deferred End records a panic as the session's error and panics again.
func (c *Call) End() {
	if c == nil {
		return
	}
	if r := recover(); r != nil {
		c.call.Panicked(r)
		panic(r)
	}
	c.call.End()
}
