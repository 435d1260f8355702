// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/audio"
	"github.com/voice-agents/telemetry/otelvoice/voicepipe/internal/reply"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// Run runs a whole call. It starts with the greeting and answers each turn of the user until
// in is closed, which means that the user hung up, or ctx ends. The call belongs to the
// session in ctx, or to a session of its own if there is none. Run receives events at once,
// so they must be sent as they happen.
//
// A failed turn does not end the call. The error is the cause of ctx, or nil.
func (p *Pipeline) Run(ctx context.Context, in <-chan Event, out Output) error {
	ctx, session, own := p.session(ctx)
	if own {
		defer session.End()
	}
	ctx, hangUp := context.WithCancelCause(ctx)
	c := &call{p: p, session: session, out: playsTo(out), transcripts: make(chan turnTranscript), replied: make(chan struct{}, 1)}
	if c.conn = p.connect(ctx, session); c.conn != nil {
		c.updates = c.conn.updates
	}
	var hungUp bool
	defer func() { c.stop(hungUp) }()
	defer hangUp(reply.ErrHungUp)
	if p.cfg.Greeting != "" {
		c.greet(ctx)
	}
	for {
		select {
		case e, ok := <-in:
			if !ok {
				session.SetEndReason(otelvoice.EndUserHangup)
				hungUp = true
				return nil
			}
			c.event(ctx, e)
		case t := <-c.transcripts:
			c.transcribed(t)
		case u := <-c.updates:
			c.updated(ctx, u)
		case <-c.due():
			c.timerFired(ctx)
		case <-c.replied:
			c.finishReply()
			if c.barge != nil {
				c.interrupt(ctx) // The agent has finished, so this is an answer, however short.
			}
		case <-ctx.Done():
			session.SetEndReason(otelvoice.EndAgentHangup)
			return context.Cause(ctx)
		}
	}
}

// call is the state of a call. Only the goroutine of Run uses it.
type call struct {
	p        *Pipeline
	session  *otelvoice.Session
	out      *reply.Output
	messages []voiceprovider.Message // The conversation so far.

	conn    *connection // A streaming recognizer; nil without one.
	updates <-chan update
	down    bool          // conn is not connected and does not reconnect soon.
	last    lastUtterance // From conn.

	turn  *userTurn  // While the user speaks or may continue.
	barge *bargeIn   // While the user speaks and the agent does, too.
	agent *agentTurn // While the agent answers.

	transcripts chan turnTranscript
	replied     chan struct{}
	timer       *time.Timer
	formats     audio.Formats // Of the user's audio.
}

func (c *call) event(ctx context.Context, e Event) {
	switch e.Kind {
	case SpeechStarted:
		c.userStarted(ctx, e.at(), false)
	case SpeechStopped:
		c.userStopped(e.at(), e.Hangover)
	case Audio:
		c.addAudio(ctx, e)
	}
}

// addAudio adds a frame to the utterance that it belongs to. Other frames are dropped.
func (c *call) addAudio(ctx context.Context, e Event) {
	f := e.Frame
	// Only the first frame of a call may have the format, so fill it in for later turns. An
	// invalid frame is passed on as it is, and the turn fails with the reason.
	if filled, err := c.formats.Fill(f); err == nil {
		f = filled
	}
	if c.conn != nil {
		defer c.conn.feed.Add(f, e.at()) // Deferred, because a turn that starts here reads the feed first.
	}
	if c.p.cfg.EndOfTurn == BySTT && c.turn == nil && (c.conn == nil || c.usesFallback()) && isAudible(f) {
		c.startTurn(ctx, e.at(), false)
	}
	switch {
	case c.barge != nil && c.conn != nil: // The feed has the frame.
	case c.barge != nil:
		if c.barge.size <= audio.MaxSize { // One frame too many makes the recording fail as too long.
			c.barge.frames = append(c.barge.frames, f)
		}
		c.barge.size += len(f.Data)
	case c.turn != nil && c.turn.audio != nil:
		c.turn.audio.Add(f)
		if err := c.turn.audio.Err(); err != nil && c.turn.streaming {
			c.failStreaming(err)
		}
	}
}

// isAudible reports whether a frame may have speech. A frame of a compressed codec may.
func isAudible(f voiceprovider.Frame) bool {
	return len(f.Data) > 0 && (f.Duration() == 0 || f.Format.Audible(f.Data))
}

// userStarted handles the start of speech: it starts a turn, continues one, or, while the
// agent speaks, may become an interruption. With marked, the recognizer marks the start on
// the turn itself.
func (c *call) userStarted(ctx context.Context, at time.Time, marked bool) {
	switch {
	case c.barge != nil:
	case c.turn != nil:
		if c.turn.audio == nil {
			c.turn.stopped = time.Time{}
			c.turn.turn.MarkAt(otelvoice.UserStarted, at)
			c.recognize(c.turn, at)
		}
	case c.agent != nil:
		c.agent.Pause()
		c.barge = &bargeIn{since: at, marked: marked, position: c.agent.Position()}
		if c.p.cfg.MinInterruption < 0 {
			c.interrupt(ctx)
		}
	default:
		c.startTurn(ctx, at, marked)
	}
}

// userStopped handles the end of speech. Speech that was too short to interrupt the agent is
// a false interruption.
func (c *call) userStopped(at time.Time, hangover time.Duration) {
	if c.barge != nil {
		c.barge = nil
		if c.agent != nil {
			c.agent.Turn.FalseInterruption()
			c.agent.Resume()
		}
		return
	}
	if t := c.turn; t != nil && t.audio != nil {
		t.turn.VADStopped(at, hangover)
		t.stopSpeaking(at)
		if t.streaming {
			t.flush = c.conn.feed.Flush()
			t.since = time.Now()
		}
	}
}

// due returns the timer for the end of a turn or for an interruption; nil without one.
func (c *call) due() <-chan time.Time {
	var at time.Time
	switch {
	case c.barge != nil:
		at = c.barge.since.Add(max(c.p.cfg.MinInterruption, 0))
	case c.turn != nil && c.turn.isTranscribed():
		at = c.turn.stopped.Add(c.p.cfg.Endpointing)
	case c.turn != nil && c.turn.streaming:
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

func (c *call) timerFired(ctx context.Context) {
	if c.barge != nil {
		c.interrupt(ctx)
		return
	}
	if c.turn != nil && c.turn.streaming {
		c.streamingTimedOut()
		return
	}
	c.commitIfDue()
}

// stop ends the turns of a call whose context has ended.
func (c *call) stop(hungUp bool) {
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.turn != nil {
		c.endTurn(reply.ErrHungUp)
	}
	c.waitForAgent()
	if c.conn != nil {
		c.conn.close(hungUp)
	}
}

// report calls OnTurn.
func (c *call) report(res Result, err error) {
	if c.p.cfg.OnTurn == nil {
		return
	}
	if errors.Is(err, reply.ErrHungUp) || errors.Is(err, otelvoice.ErrInterrupted) {
		err = nil // The outcome of the turn says so.
	}
	c.p.cfg.OnTurn(res, err)
}
