// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"errors"
	"strings"
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
	defer c.stop()
	defer hangUp(errHungUp)
	if p.cfg.Greeting != "" {
		c.greet(ctx)
	}
	for {
		select {
		case e, ok := <-in:
			if !ok {
				session.SetEndReason(otelvoice.EndUserHangup)
				return nil
			}
			c.event(ctx, e)
		case h := <-c.heard:
			c.understood(h)
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

	turn    *hearing // The user's, while they speak or may go on.
	cutting *cutting // A user who speaks while the agent does.
	speaker *speaker // The agent's part of a turn.

	heard   chan heard
	replied chan struct{}
	timer   *time.Timer
}

// hearing is a turn whose user has the word.
type hearing struct {
	ctx     context.Context //nolint:containedctx // The turn's, for as long as it lasts.
	cancel  context.CancelCauseFunc
	turn    *otelvoice.Turn
	begun   time.Time
	audio   *recording // Nil while the user is silent.
	working int        // How many recognitions are under way.
	texts   []string
	stopped time.Time // When the silence was reported; zero while the user speaks.
}

// heard is news of a recognition.
type heard struct {
	turn  *hearing
	news  Transcript // Of a partial or a final transcript.
	ended bool
	text  string // Of an end.
	err   error
}

// cutting is what may become an interruption.
type cutting struct {
	since    time.Time
	position time.Duration // What the user had heard then.
	frames   []Frame
	size     int
}

// speaker is a reply under way.
type speaker struct {
	*reply

	res    Result
	cancel context.CancelCauseFunc
	done   chan struct{}
	err    error // Once done.
}

func (c *call) event(ctx context.Context, e Event) {
	switch e.Kind {
	case SpeechStarted:
		c.userStarted(ctx, e.at())
	case SpeechStopped:
		c.userStopped(e.at(), e.Hangover)
	case Audio:
		c.listenTo(ctx, e)
	}
}

// listenTo takes a frame to whom it belongs. Silence belongs to nobody.
func (c *call) listenTo(ctx context.Context, e Event) {
	if c.p.cfg.EndOfTurn == BySTT && c.turn == nil && (e.Frame.Format.Codec == "" || e.Frame.Format.Audible(e.Frame.Data)) {
		c.startTurn(ctx, e.at())
	}
	switch {
	case c.cutting != nil:
		if c.cutting.size += len(e.Frame.Data); c.cutting.size <= maxRecording {
			c.cutting.frames = append(c.cutting.frames, e.Frame)
		}
	case c.turn != nil && c.turn.audio != nil:
		c.turn.audio.add(e.Frame)
	}
}

// userStarted is a user who begins to speak: a turn, more of the same turn, or, while
// the agent speaks, what may become an interruption.
func (c *call) userStarted(ctx context.Context, at time.Time) {
	switch {
	case c.cutting != nil:
	case c.turn != nil:
		if c.turn.audio == nil {
			c.turn.stopped = time.Time{}
			c.turn.turn.MarkAt(otelvoice.UserStarted, at)
			c.recognise(c.turn)
		}
	case c.speaker != nil:
		c.speaker.player.pause()
		c.cutting = &cutting{since: at, position: c.speaker.player.position()}
		if c.p.cfg.MinInterruption < 0 {
			c.interrupt(ctx)
		}
	default:
		c.startTurn(ctx, at)
	}
}

// startTurn gives the user the word.
func (c *call) startTurn(ctx context.Context, at time.Time) {
	ctx, turn := c.session.StartTurn(ctx, otelvoice.WithStartTime(at))
	ctx, cancel := context.WithCancelCause(ctx)
	turn.MarkAt(otelvoice.UserStarted, at)
	c.turn = &hearing{ctx: ctx, cancel: cancel, turn: turn, begun: at}
	c.recognise(c.turn)
}

// recognise has what the user says from now on recognised.
func (c *call) recognise(h *hearing) {
	audio := newRecording()
	h.audio = audio
	h.working++
	go func() {
		text, err := c.p.listen(h.ctx, audio, func(t Transcript) {
			if t.EndOfTurn && c.p.cfg.EndOfTurn == BySTT {
				h.turn.UserStopped(h.lastWord(t), otelvoice.AnchorSTT) // Before the stage ends, which asks.
			}
			_ = send(h.ctx, c.heard, heard{turn: h, news: t}) // A call that has ended needs no news.
		})
		audio.close()
		_ = send(h.ctx, c.heard, heard{turn: h, ended: true, text: text, err: err})
	}()
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
	}
}

func (h *hearing) fallSilent(at time.Time) {
	h.stopped = at
	h.audio.close()
	h.audio = nil
}

// understood is news of what the user says.
func (c *call) understood(h heard) {
	if h.turn != c.turn {
		return // Of a turn that is over.
	}
	if h.ended {
		c.turn.working--
		if h.text != "" {
			c.turn.texts = append(c.turn.texts, h.text)
		}
		if h.err != nil {
			c.endHearing(Result{}, h.err)
			return
		}
		if c.p.cfg.EndOfTurn == BySTT && c.turn.audio != nil {
			// A recogniser that ends by itself has heard the end of the turn.
			c.turn.turn.UserStopped(time.Time{}, otelvoice.AnchorSTT)
			c.turn.fallSilent(time.Now())
		}
		if c.turn.audio != nil && h.text != "" {
			c.recognise(c.turn) // The user goes on.
		}
		c.commitIfDue()
		return
	}
	if c.p.cfg.EndOfTurn != BySTT {
		return
	}
	if c.speaker != nil && h.news.Text != "" {
		c.speaker.turn.Interrupt(otelvoice.UserTurn, otelvoice.PlayedFor(c.speaker.player.position()))
		c.speaker.cancel(otelvoice.ErrInterrupted)
	}
	if h.news.EndOfTurn && c.turn.audio != nil {
		c.turn.fallSilent(time.Now())
	}
}

// lastWord returns when the last word of a transcript ended, if it tells, else now.
func (h *hearing) lastWord(t Transcript) time.Time {
	now := time.Now()
	if n := len(t.Words); n > 0 && t.Words[n-1].End > 0 {
		if end := h.begun.Add(t.Words[n-1].End); end.Before(now) {
			return end
		}
	}
	return now
}

// due returns the timer that runs: for the end of a turn, or for an interruption.
func (c *call) due() <-chan time.Time {
	var at time.Time
	switch {
	case c.cutting != nil:
		at = c.cutting.since.Add(max(c.p.cfg.MinInterruption, 0))
	case c.turn != nil && c.turn.ready():
		at = c.turn.stopped.Add(c.p.cfg.Endpointing)
	default:
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
	c.commitIfDue()
}

// interrupt is a user who has cut the agent short: theirs is the next turn.
func (c *call) interrupt(ctx context.Context) {
	cut := c.cutting
	c.cutting = nil
	if c.speaker != nil {
		c.speaker.turn.Interrupt(otelvoice.AudioActivity, otelvoice.PlayedFor(cut.position), otelvoice.InterruptedAt(cut.since))
		c.speaker.cancel(otelvoice.ErrInterrupted)
	}
	c.startTurn(ctx, cut.since)
	for _, f := range cut.frames {
		c.turn.audio.add(f)
	}
}

// ready reports whether all is understood that the user has said.
func (h *hearing) ready() bool { return !h.stopped.IsZero() && h.working == 0 }

// commitIfDue answers the user if they are done.
func (c *call) commitIfDue() {
	h := c.turn
	if h == nil || !h.ready() || time.Until(h.stopped.Add(c.p.cfg.Endpointing)) > 0 {
		return
	}
	transcript := strings.Join(h.texts, " ")
	if transcript == "" {
		h.turn.SetOutcome(otelvoice.Abandoned) // Nobody spoke.
		c.endHearing(Result{}, nil)
		return
	}
	c.waitForSpeaker() // One that was interrupted is about to be silent.
	h.turn.Mark(otelvoice.TurnCommitted)
	c.turn = nil
	r := c.p.reply(h.turn, c.messages, c.out)
	c.speak(h.ctx, h.cancel, r, Result{Transcript: transcript}, func(ctx context.Context) error {
		return r.answer(ctx, transcript)
	})
}

// endHearing ends a turn that gets no answer.
func (c *call) endHearing(res Result, err error) {
	h := c.turn
	c.turn = nil
	h.cancel(errHungUp)
	endTurn(h.turn, err)
	c.tell(res, h.turn, err)
}

// greet opens the call.
func (c *call) greet(ctx context.Context) {
	ctx, turn := c.session.StartTurn(ctx, otelvoice.AgentInitiated())
	ctx, cancel := context.WithCancelCause(ctx)
	r := c.p.reply(turn, c.messages, c.out)
	c.speak(ctx, cancel, r, Result{}, func(ctx context.Context) error {
		return r.run(ctx, say(c.p.cfg.Greeting))
	})
}

// speak runs a reply to its end, which is that of its turn.
func (c *call) speak(ctx context.Context, cancel context.CancelCauseFunc, r *reply, res Result, work func(context.Context) error) {
	s := &speaker{reply: r, res: res, cancel: cancel, done: make(chan struct{})}
	c.speaker = s
	go func() {
		defer close(s.done)
		s.err = work(ctx)
		s.end(ctx, s.err)
		c.replied <- struct{}{} // Has room: one speaks at a time.
	}()
}

// finishReply takes what was said into the conversation.
func (c *call) finishReply() {
	s := c.speaker
	if s == nil {
		return
	}
	<-s.done
	c.speaker = nil
	s.cancel(nil)
	s.tell(&s.res)
	c.messages = append(c.messages, s.res.Messages...)
	c.tell(s.res, s.turn, s.err)
}

// waitForSpeaker waits for a reply that was cancelled.
func (c *call) waitForSpeaker() {
	if c.speaker != nil {
		<-c.replied
		c.finishReply()
	}
}

// stop ends what is under way when the call ends. Its context has ended.
func (c *call) stop() {
	if c.timer != nil {
		c.timer.Stop()
	}
	if c.turn != nil {
		c.endHearing(Result{}, errHungUp)
	}
	c.waitForSpeaker()
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
