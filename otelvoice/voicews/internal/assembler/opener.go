// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"errors"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
)

// opener opens the stages of the requests that are sent with the call's context.
type opener Call

// Content reports whether content may be recorded.
func (o *opener) Content() bool { return (*Call)(o).Content() }

// OpenStage opens the stage of a request in the turn that the request belongs to.
func (o *opener) OpenStage(ctx context.Context, call *vendorcall.Call) (context.Context, vendorcall.Stage) {
	c := (*Call)(o)
	within, opened := ctx, vendorcall.Stage(vendorcall.Ignored{})
	c.locked(func(now time.Time) {
		if c.isOff() || ctx.Err() != nil { // The request will not be sent.
			return
		}
		c.start()                                    //nolint:contextcheck // The session's is that of the call.
		within, opened = c.openStage(ctx, call, now) //nolint:fatcontext // It is called once.
	})
	return within, opened
}

// openStage opens a stage: in a turn or, if the program starts the turns and none is open, outside of them.
// The lock is held.
func (c *Call) openStage(ctx context.Context, call *vendorcall.Call, now time.Time) (context.Context, *stage) {
	parent := ctx
	var t *turn
	if call.Request.Stage == wire.STT {
		var isLate bool
		if t, isLate = c.requestTurn(now); isLate {
			ctx = vendorcall.Repetition(ctx)
		}
	} else {
		t = c.answerTurn(now)
	}
	within := c.sessionCtx
	if t != nil {
		within = t.ctx
	}
	switch {
	case call.Request.Stage == wire.LLM:
		c.resulted(wire.LLM)
		c.requested(t, now)
	case call.Request.Stage == wire.TTS && t != nil && (t.isCommitted || t.isFinal):
		c.superseded(t)
	}
	ctx, s := vendorcall.FromContext(within).OpenStage(ctx, call)
	if t != nil {
		t.stages++
	}
	return ctx, &stage{Stage: s, ctx: parent, call: c, turn: t, kind: call.Request.Stage, format: call.Request.Format}
}

// requested follows a request to a language model. It commits a turn that has a final transcript.
func (c *Call) requested(t *turn, now time.Time) {
	if t == nil || !t.isFinal {
		return
	}
	c.commit(t, now)
	for _, r := range c.open {
		if r, ok := r.(*recognizer); ok {
			r.heard(t)
		}
	}
}

// requestTurn returns the turn of a request that transcribes a recording. The program has heard the
// user by then. isLate is true if a recogniser has reported the words.
func (c *Call) requestTurn(now time.Time) (t *turn, isLate bool) {
	if t, isLate = c.lateTurn(byRequest, c.speaking, c.isSpeaking(now), now); isLate {
		return t, true
	}
	t = c.openTurn(now)
	if t == nil && !c.config.ProgramTurns || t != nil && !t.isProgram() && !c.config.ProgramTurns && (t.isAudible() || t.isCut) {
		t = c.startUserTurn(now)
	}
	if t != nil {
		c.reported(t, byRequest)
	}
	return t, false
}

// A stage is one of an answer. The transport calls its methods, except when the call itself does and
// holds its lock.
type stage struct {
	vendorcall.Stage

	ctx      context.Context //nolint:containedctx // Of the request, to know that it was cancelled.
	call     *Call
	turn     *turn // Nil outside of turns.
	kind     wire.Stage
	format   wire.Format
	isText   bool // It has text to be spoken.
	isFailed bool
	isBroken bool // It failed or was interrupted, and was not merely closed.
}

// Event records an event.
func (s *stage) Event(e *wire.Event) {
	s.Stage.Event(e)
	s.isText = s.isText || e.Kind == wire.Token || e.Kind == wire.Answer
	switch e.Kind {
	case wire.Requested, wire.AudioFormat, wire.Audio, wire.ToolCalled, wire.Final:
		s.call.locked(func(now time.Time) { s.observe(e, now) })
	default: // Concerns only the stage.
	}
}

// observe follows the answer. The lock is held.
func (s *stage) observe(e *wire.Event, now time.Time) {
	if s.turn == nil {
		return
	}
	switch e.Kind {
	case wire.Requested:
		if e.Request != nil && e.Request.Format.Codec != "" {
			s.format = e.Request.Format
		}
	case wire.AudioFormat:
		s.format = e.Format
	case wire.Audio:
		if !s.turn.isCut {
			s.turn.synthesized += durationOf(e, s.format)
			s.call.arrived(e, s.format, time.Now()) // After the mark of the first byte, which ends a segment.
		}
	case wire.ToolCalled:
		s.turn.tools.called(s, e.ID, e.Name, now)
	case wire.Final:
		s.turn.isFinal = true
		s.call.commit(s.turn, now)
	default:
	}
}

// End ends the stage. A request that was cancelled while the user speaks was interrupted.
func (s *stage) End(err error) {
	s.isFailed = err != nil
	err = s.cancelled(err)
	s.isBroken = err != nil && !errors.Is(err, context.Canceled)
	s.Stage.End(err)
	s.call.locked(s.ended)
}

// cancelled returns the error of the stage: that of a cancellation if the program cancelled the request,
// whatever cause it gave.
func (s *stage) cancelled(err error) error {
	if err == nil || !errors.Is(s.ctx.Err(), context.Canceled) {
		return err
	}
	err = context.Canceled
	s.call.locked(func(now time.Time) {
		if s.call.isSpeaking(now) || s.call.isSpokenOver(s.turn) {
			s.call.interrupt(s.turn, -1, now)
		}
		if s.turn != nil && s.turn.isCut {
			err = otelvoice.ErrInterrupted
		}
	})
	return err
}

// ended follows the end of the stage. The lock is held.
func (s *stage) ended(now time.Time) {
	t, c := s.turn, s.call
	if t == nil {
		return
	}
	t.stages--
	t.quiet = now
	t.rest = unheard
	if s.kind != wire.TTS && !s.isFailed && (!s.isText || !c.hasLine) {
		t.rest = pause // Nothing is to be spoken, or no tap would hear it.
	}
	if s.kind == wire.LLM {
		c.runTools(s, now)
	}
	c.tick(now)
}

// durationOf returns how long a piece of audio plays, or 0 if its format does not say it.
func durationOf(e *wire.Event, f wire.Format) time.Duration {
	if e.Audio > 0 {
		return e.Audio
	}
	return audioFormat(f).Duration(int64(len(e.Data)))
}

func audioFormat(f wire.Format) otelvoice.AudioFormat {
	return otelvoice.AudioFormat{Codec: f.Codec, SampleRate: f.SampleRate, Channels: max(f.Channels, 1)}
}
