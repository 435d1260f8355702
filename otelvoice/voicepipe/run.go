// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// Run holds a whole call: it opens with the greeting and answers each turn of the
// user's until in is closed, which is the user hanging up, or ctx ends. It is the
// session of ctx; with none there it is one of its own. The events must be taken
// from the line as they happen: Run takes each at once.
//
// A turn that fails does not end the call. The error is why ctx ended, or nil.
func (p *Pipeline) Run(ctx context.Context, in <-chan Event, out Output) error {
	ctx, session, own := p.session(ctx)
	if own {
		defer session.End()
	}
	ctx, hangUp := context.WithCancelCause(ctx)
	c := &call{p: p, session: session, out: out, heard: make(chan heard), replied: make(chan struct{}, 1)}
	if c.listener = p.listenToCall(ctx, session); c.listener != nil {
		c.news = c.listener.news
	}
	var over bool // The user has hung up.
	defer func() { c.stop(over) }()
	defer hangUp(errHungUp)
	if p.cfg.Greeting != "" {
		c.greet(ctx)
	}
	for {
		select {
		case e, ok := <-in:
			if !ok {
				session.SetEndReason(otelvoice.EndUserHangup)
				over = true
				return nil
			}
			c.event(ctx, e)
		case h := <-c.heard:
			c.understood(h)
		case r := <-c.news:
			c.recognised(ctx, r)
		case <-c.due():
			c.timeIsUp(ctx)
		case <-c.replied:
			c.finishReply()
			if c.cutting != nil {
				c.interrupt(ctx) // Nobody is interrupted any more: it is an answer, however short.
			}
		case <-ctx.Done():
			session.SetEndReason(otelvoice.EndAgentHangup)
			return context.Cause(ctx)
		}
	}
}

// call is the state of a call. It belongs to the goroutine of Run.
type call struct {
	p        *Pipeline
	session  *otelvoice.Session
	out      Output
	messages []Message // The conversation so far.

	listener *listener // A recogniser that stays connected, or nil,
	news     <-chan recognition
	down     bool      // which has no connection, nor can one be had,
	last     utterance // and what it has understood last.

	turn    *hearing // The user's, while they speak or may go on.
	cutting *cutting // A user who speaks while the agent does.
	speaker *speaker // The agent's part of a turn.

	heard   chan heard
	replied chan struct{}
	timer   *time.Timer
	stream  formats // Of the user's audio.
}

func (c *call) event(ctx context.Context, e Event) {
	switch e.Kind {
	case SpeechStarted:
		c.userStarted(ctx, e.at(), false)
	case SpeechStopped:
		c.userStopped(e.at(), e.Hangover)
	case Audio:
		c.listenTo(ctx, e)
	}
}

// listenTo takes a frame to whom it belongs. Silence belongs to nobody.
func (c *call) listenTo(ctx context.Context, e Event) {
	f := e.Frame
	// A format is said once a call, and a turn may begin long after. What makes no
	// sense goes on as it is, and the turn fails with the reason.
	if filled, err := c.stream.fill(f); err == nil {
		f = filled
	}
	if c.listener != nil {
		defer c.listener.feed.add(f, e.at()) // Which a turn that begins here reads.
	}
	if c.p.cfg.EndOfTurn == BySTT && c.turn == nil && (c.listener == nil || c.fallsBack()) && audible(f) {
		c.startTurn(ctx, e.at(), false)
	}
	switch {
	case c.cutting != nil && c.listener != nil: // The feed has it.
	case c.cutting != nil:
		if c.cutting.size <= maxRecording { // One too many says that it is too long.
			c.cutting.frames = append(c.cutting.frames, f)
		}
		c.cutting.size += len(f.Data)
	case c.turn != nil && c.turn.audio != nil:
		c.turn.audio.add(f)
		if err := c.turn.audio.failed(); err != nil && c.turn.attended {
			c.failHearing(err)
		}
	}
}

// audible reports whether a frame may hold speech. Of a codec whose samples can't be
// seen, any may.
func audible(f Frame) bool {
	return len(f.Data) > 0 && (f.Duration() == 0 || f.Format.Audible(f.Data))
}

// userStarted is a user who begins to speak: a turn, more of the same turn, or, while
// the agent speaks, what may become an interruption. With told the recogniser marks the
// start on the turn itself.
func (c *call) userStarted(ctx context.Context, at time.Time, told bool) {
	switch {
	case c.cutting != nil:
	case c.turn != nil:
		if c.turn.audio == nil {
			c.turn.stopped = time.Time{}
			c.turn.turn.MarkAt(otelvoice.UserStarted, at)
			c.recognise(c.turn, at)
		}
	case c.speaker != nil:
		c.speaker.player.pause()
		c.cutting = &cutting{since: at, told: told, position: c.speaker.player.position()}
		if c.p.cfg.MinInterruption < 0 {
			c.interrupt(ctx)
		}
	default:
		c.startTurn(ctx, at, told)
	}
}

// userStopped is a user who falls silent. One who only seemed to interrupt the agent
// did not.
func (c *call) userStopped(at time.Time, hangover time.Duration) {
	if c.cutting != nil {
		c.cutting = nil
		if c.speaker != nil {
			c.speaker.turn.FalseInterruption()
			c.speaker.player.resume()
		}
		return
	}
	if h := c.turn; h != nil && h.audio != nil {
		h.turn.VADStopped(at, hangover)
		h.fallSilent(at)
		if h.attended {
			h.flush = c.listener.feed.flush()
			h.since = time.Now()
		}
	}
}

// due returns the timer that runs: for the end of a turn, or for an interruption.
func (c *call) due() <-chan time.Time {
	var at time.Time
	switch {
	case c.cutting != nil:
		at = c.cutting.since.Add(max(c.p.cfg.MinInterruption, 0))
	case c.turn != nil && c.turn.ready():
		at = c.turn.stopped.Add(c.p.cfg.Endpointing)
	case c.turn != nil && c.turn.attended:
		at = c.turn.due(c.p)
	}
	if at.IsZero() {
		return nil
	}
	if c.timer == nil {
		c.timer = time.NewTimer(time.Until(at))
	} else {
		c.timer.Reset(time.Until(at))
	}
	return c.timer.C
}

func (c *call) timeIsUp(ctx context.Context) {
	if c.cutting != nil {
		c.interrupt(ctx)
		return
	}
	if c.turn != nil && c.turn.attended {
		c.nothingCame()
		return
	}
	c.commitIfDue()
}

// stop ends what is under way when the call ends. Its context has ended.
func (c *call) stop(hungUp bool) {
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.turn != nil {
		c.endHearing(errHungUp)
	}
	c.waitForSpeaker()
	if c.listener != nil {
		c.listener.close(hungUp)
	}
}

func (c *call) tell(res Result, turn *otelvoice.Turn, err error) {
	if c.p.cfg.OnTurn == nil {
		return
	}
	if errors.Is(err, errHungUp) || errors.Is(err, otelvoice.ErrInterrupted) {
		err = nil // The outcome says so.
	}
	c.p.cfg.OnTurn(res, metricsOf(turn), err)
}
