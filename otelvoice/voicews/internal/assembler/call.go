// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/timedlock"
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
	// Owner is what [FromContext] finds, beside the call.
	Owner any
	// IsPublic is true if IDs from outside do not become those of the trace.
	IsPublic bool
}

// A Call assembles the telemetry of one call. It is safe for concurrent use. Its lock is held while
// methods of handles are called; code of the program that they call, such as an observer of turns,
// may use the call's context, which takes no lock.
type Call struct {
	config  Config
	base    context.Context //nolint:containedctx // The caller's.
	current atomic.Pointer[present]
	// starting is the ID of the turn that the call started last.
	starting atomic.Pointer[string]

	started atomic.Pointer[otelvoice.Session] // The session, for code of the program.
	asked   atomic.Bool                       // The call is to be ended by what holds the lock.

	locks timedlock.Group // That of the call, and those of its connections.
	lock  timedlock.Lock  // Of the fields below.

	parent     context.Context //nolint:containedctx // To start the session in, if it is not base.
	session    *otelvoice.Session
	sessionCtx context.Context //nolint:containedctx // For the handles of the session.
	turns      []*turn         // The open ones, the oldest first.
	ofUser     *turn           // The newest one in which the user spoke. It may have ended.
	speaking   time.Time       // When the user's speech began that no words are known of yet.
	cutByUser  time.Time       // When the user interrupted an answer last.
	hasLine    bool
	lost       []*recognizer // Connections that broke, whose streams may go on over new ones.
	open       []recorder
	ended      bool
	broken     bool // A fault was recovered.
}

// present is the context that is the call's at present.
type present struct{ ctx context.Context } //nolint:containedctx // See Context.

// maxTurns is how many turns are open at once. The oldest is ended for another.
const maxTurns = 8

// New returns a call. Its session starts with the first event, unless the program has one.
func New(ctx context.Context, config Config) *Call {
	c := &Call{config: config, base: ctx}
	c.lock.Join(&c.locks)
	c.current.Store(&present{config.Telemetry.Context(ctx)})
	if config.Session != nil {
		c.adopt(config.Session.Context(ctx), config.Session)
	}
	return c
}

// Session returns the call's session, or nil if it has not started.
func (c *Call) Session() *otelvoice.Session { return c.started.Load() }

// Locks returns the group of the call's lock. The locks of connections that are held while the call is used join it.
func (c *Call) Locks() *timedlock.Group { return &c.locks }

// Owner returns what the call was made with.
func (c *Call) Owner() any { return c.config.Owner }

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
	if c.session != nil || c.isOff() {
		return
	}
	parent := c.base
	if c.parent != nil {
		parent = c.parent
	}
	ctx, session := c.config.Telemetry.StartSession(parent, slices.Concat(c.config.Options, opts)...)
	c.adopt(ctx, session)
}

// Connect reports that a connection is being opened, since a time; the zero time is now. The request says
// its stage, its provider and its model. Connect keeps the request, whose fields may become known later.
// It returns nil if the connection is not recorded.
func (c *Call) Connect(request *wire.Request, started time.Time) (made *Connection) {
	c.locked(func(now time.Time) {
		if started.IsZero() {
			started = now
		}
		if r := c.recorder(request, started); r != nil {
			c.open = append(c.open, r)
			made = &Connection{call: c, recorder: r}
		}
	})
	return made
}

// recorder returns the recorder of a connection, or nil. The lock is held.
func (c *Call) recorder(request *wire.Request, started time.Time) recorder {
	if c.isOff() {
		return nil
	}
	if request.Stage == wire.Line { // Its session starts when the line says which call it is.
		c.hasLine = true
		return &line{call: c, request: request, connected: started}
	}
	c.start(otelvoice.WithStartTime(started))
	switch request.Stage {
	case wire.STT:
		return c.recognizer(request, started)
	case wire.TTS:
		return newSynthesizer(c, request, started)
	case wire.Realtime:
		if request.MayTranscribe {
			return newUndecided(c, request, started)
		}
		return newRealtime(c, request, started)
	case wire.LLM, wire.Line:
	}
	return nil
}

// End ends the call with its turns, its streams and the session that it started. Later events are
// ignored.
func (c *Call) End() {
	c.asked.Store(true) // For what holds the lock, if it cannot be taken.
	c.locked(func(time.Time) {})
}

// Panicked ends the call with a panic of the program as the error of the session that the call started. That of
// [http.ErrAbortHandler] is no error.
func (c *Call) Panicked(r any) {
	if session := c.Session(); c.config.Session == nil && r != http.ErrAbortHandler { //nolint:errorlint // net/http compares the value itself, too.
		session.Fail(failure.NewPanic(r))
	}
	c.End()
}

// isOff reports whether events are ignored: after the end of the call, or after a fault. The lock is held.
func (c *Call) isOff() bool { return c.ended || c.broken }

// finishCall ends the call. The lock is held.
func (c *Call) finishCall() {
	if c.ended {
		return
	}
	c.ended = true // The connections end as abandoned.
	defer c.endSession()
	if c.broken {
		return
	}
	for _, r := range c.open {
		r.end(nil)
	}
	for _, r := range c.lost {
		r.stream.End(r.err)
	}
	now := time.Now()
	for _, t := range slices.Clone(c.turns) {
		c.hangUp(t, now)
	}
	c.open, c.lost, c.turns = nil, nil, nil
}

// endSession ends the session, unless it is the program's.
func (c *Call) endSession() {
	if c.config.Session == nil {
		c.session.End()
	}
}
