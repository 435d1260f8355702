// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/tap"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

// Config is how a call is assembled.
type Config struct {
	Telemetry *otelvoice.Telemetry
	// Session is the program's, or nil if the call starts one of its own.
	Session *otelvoice.Session
	// ProgramTurns is true if the program starts the turns, so that the call starts none.
	ProgramTurns bool
	// Options are those of the session that the call starts.
	Options []otelvoice.SessionOption
	// IsPublic is true if IDs from outside do not become those of the trace.
	IsPublic bool
}

// A Call assembles the telemetry of one call. It is safe for concurrent use. Its lock is held while
// methods of handles are called; code of the program that they call, such as an observer of turns,
// may use the call's context, which takes no lock.
type Call struct {
	config  Config
	base    context.Context //nolint:containedctx // The caller's, to start the session in.
	current atomic.Pointer[present]
	// starting is the ID of the turn that the call started last.
	starting atomic.Pointer[string]

	started atomic.Pointer[otelvoice.Session] // The session, for code of the program.
	asked   atomic.Pointer[ending]            // An end that could not take the lock.

	lock lock // Of the fields below.

	session    *otelvoice.Session
	sessionCtx context.Context //nolint:containedctx // For the handles of the session.
	turns      []*turn         // The open ones, the oldest first.
	speaking   time.Time       // When the user's speech began that no words are known of yet.
	hasLine    bool
	lost       []*recognizer // Connections that broke, whose streams may go on over new ones.
	open       map[recorder]struct{}
	ended      bool
}

// present is the context that is the call's at present.
type present struct{ ctx context.Context } //nolint:containedctx // See Context.

// maxTurns is how many turns are open at once. The oldest is ended for another.
const maxTurns = 8

// New returns a call. Its session starts with the first event, unless the program has one.
func New(ctx context.Context, config Config) *Call {
	c := &Call{config: config, base: ctx, lock: newLock(), open: make(map[recorder]struct{})}
	c.current.Store(&present{config.Telemetry.Context(ctx)})
	if config.Session != nil {
		c.adopt(config.Session.Context(ctx), config.Session)
	}
	return c
}

// Session returns the call's session, or nil if it has not started.
func (c *Call) Session() *otelvoice.Session {
	return c.started.Load()
}

// Content reports whether content may be recorded.
func (c *Call) Content() bool {
	opener := vendorcall.FromContext(c.current.Load().ctx)
	return opener != nil && opener.Content()
}

// adopt makes a session the call's.
func (c *Call) adopt(ctx context.Context, session *otelvoice.Session) {
	c.session, c.sessionCtx = session, ctx
	c.started.Store(session)
	c.current.Store(&present{ctx})
	session.OnTurn(c.turnStarted)
}

// start starts the session, if there is none. The lock is held.
func (c *Call) start(opts ...otelvoice.SessionOption) {
	if c.session != nil || c.ended {
		return
	}
	ctx, session := c.config.Telemetry.StartSession(c.base, slices.Concat(c.config.Options, opts)...)
	c.adopt(ctx, session)
}

// Connect returns the recorder of a connection.
func (c *Call) Connect(_ context.Context, request *wire.Request, started time.Time) tap.Connection {
	if started.IsZero() {
		started = time.Now()
	}
	var made tap.Connection = discarded{}
	c.locked(func(time.Time) {
		if r := c.recorder(request, started); r != nil {
			c.open[r] = struct{}{}
			made = &connection{call: c, recorder: r}
		}
	})
	return made
}

// recorder returns the recorder of a connection, or nil. The lock is held.
func (c *Call) recorder(request *wire.Request, started time.Time) recorder {
	if c.ended {
		return nil
	}
	if request.Stage == wire.Line { // Its session starts when the line says which call it is.
		c.hasLine = true
		return &line{call: c, connected: started}
	}
	c.start(otelvoice.WithStartTime(started)) //nolint:contextcheck // The session's is that of the call.
	switch request.Stage {
	case wire.STT:
		return c.recognizer(request, started)
	case wire.TTS:
		return newSynthesizer(c, request, started)
	case wire.Realtime:
		return newRealtime(c, request, started)
	case wire.LLM, wire.Line:
	}
	return nil
}

// A recorder records a connection of the call. The lock is held.
type recorder interface {
	// end ends what the connection has open, with the error that closed it.
	end(err error)
	opened(id string)
	measured(m *tap.Measures)
	event(e *wire.Event, now time.Time)
	// notUnderstood counts a kind of message that the decoder could not read.
	notUnderstood(kind string)
}

// connection takes the events of a recorder's connection under the call's lock.
type connection struct {
	call     *Call
	recorder recorder
	isClosed bool
}

func (c *connection) Opened(id string) { c.do(func(time.Time) { c.recorder.opened(id) }) }

func (c *connection) Event(e *wire.Event) {
	if !c.call.lock.acquire() { // Not by do, whose closure would be allocated for each event.
		return
	}
	defer c.call.lock.release()
	defer c.call.recovered()
	if !c.isClosed && !c.call.ended {
		c.event(e, time.Now())
	}
	c.call.endIfAsked()
}

func (c *connection) event(e *wire.Event, now time.Time) {
	if e.Kind == wire.NotUnderstood {
		c.recorder.notUnderstood(e.Name)
		return
	}
	c.recorder.event(e, now)
	c.call.tick(now)
}

func (c *connection) Measured(m *tap.Measures) {
	c.do(func(time.Time) { c.recorder.measured(m) })
}

func (c *connection) Closed(err error) {
	c.do(func(time.Time) {
		c.isClosed = true
		delete(c.call.open, c.recorder)
		c.recorder.end(err)
	})
}

func (c *connection) do(f func(now time.Time)) {
	c.call.locked(func(now time.Time) {
		if !c.isClosed && !c.call.ended {
			f(now)
		}
	})
}

// discarded takes the events of a connection that is not recorded.
type discarded struct{}

func (discarded) Opened(string)          {}
func (discarded) Event(*wire.Event)      {}
func (discarded) Measured(*tap.Measures) {}
func (discarded) Closed(error)           {}

// End ends the call with its turns, its streams and the session that it started. reason is why it
// ended, or "". Later events are ignored.
func (c *Call) End(reason otelvoice.EndReason, err error) {
	c.asked.CompareAndSwap(nil, &ending{reason, err}) // For who holds the lock, if it cannot be taken.
	c.locked(func(time.Time) {})
}

// ending is how a call ends.
type ending struct {
	reason otelvoice.EndReason
	err    error
}

// finishCall ends the call. The lock is held.
func (c *Call) finishCall(reason otelvoice.EndReason, err error) {
	if c.ended {
		return
	}
	now := time.Now()
	c.ended = true // The connections end as abandoned.
	for r := range c.open {
		r.end(nil)
	}
	for _, r := range c.lost {
		r.stream.End(r.err)
	}
	for _, t := range slices.Clone(c.turns) {
		c.hangUp(t, now)
	}
	c.open, c.lost, c.turns = nil, nil, nil
	if c.session == nil || c.config.Session != nil {
		return
	}
	if reason != "" {
		c.session.SetEndReason(reason)
	}
	c.session.Fail(err)
	c.session.End()
}

// Telemetry returns the telemetry that the call is recorded with.
func (c *Call) Telemetry() *otelvoice.Telemetry { return c.config.Telemetry }
