// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// attend takes what a recogniser that stays connected understands from an instant on as
// a part of the turn. A user who goes on before the last words were understood goes on
// in the same utterance.
func (c *call) attend(h *hearing, at time.Time) {
	h.since = time.Now()
	if h.attended {
		h.audio, h.flush = h.tape, 0
		return
	}
	h.working++
	h.audio = newRecording()
	h.tape = h.audio
	for _, f := range c.listener.feed.since(at) {
		h.audio.add(f)
	}
	c.listener.feed.keep(at)
	h.said, h.pending, h.until, h.flush = understanding{}, false, 0, 0
	_, h.stt = c.listener.stream.Utterance(h.ctx, h.turn)
	h.attended = true
}

// understoodAll ends an utterance.
func (c *call) understoodAll(h *hearing) {
	h.stt.End(nil)
	c.last = utterance{until: h.until, text: h.said.text, at: time.Now()}
	h.attended = false
	h.working--
	h.tape.close()
	if h.said.text != "" {
		h.texts = append(h.texts, h.said.text)
	}
	c.forget()
}

// forget lets go of the audio of an utterance.
func (c *call) forget() {
	if c.listener != nil {
		c.listener.feed.keep(time.Time{})
	}
}

// maxNews bounds what is kept of what may become an interruption.
const maxNews = 64

// fallsBack reports whether other providers recognise what is said, because the one that
// stays connected is not.
func (c *call) fallsBack() bool { return c.down && len(c.p.cfg.STT) > 1 }

// recognised takes news from a recogniser that stays connected.
func (c *call) recognised(ctx context.Context, r recognition) {
	bySTT := c.p.cfg.EndOfTurn == BySTT
	switch {
	case r.up:
		c.down, c.last = false, utterance{}
		if h := c.turn; h != nil && h.attended {
			h.said, h.pending, h.until = understanding{}, false, 0 // It hears all of it anew.
		}
		return
	case r.down != nil:
		c.down = true
		c.fallBack(r.down)
		return
	}
	if bySTT && (c.turn == nil || !c.turn.pending) && c.last.repeats(r.Transcript) {
		return
	}
	if bySTT {
		c.startOfSpeech(ctx, r)
	}
	if c.cutting != nil {
		if r.SpeechStopped != nil && bySTT && r.Text == "" {
			c.userStopped(time.Now(), 0) // It was nothing.
			return
		}
		if len(c.cutting.news) < maxNews {
			c.cutting.news = append(c.cutting.news, r)
		}
		return
	}
	if h := c.turn; h != nil && h.attended {
		c.learn(h, r)
	}
}

// startOfSpeech begins a turn, or interrupts the agent, if the recogniser hears the user
// or understands words.
func (c *call) startOfSpeech(ctx context.Context, r recognition) {
	if r.SpeechStarted == nil && r.Text == "" {
		return
	}
	at := r.started
	if now := time.Now(); at.IsZero() || at.After(now) {
		at = now
	}
	if c.turn == nil && c.cutting == nil {
		c.userStarted(ctx, at, r.SpeechStarted != nil && !r.started.IsZero())
	}
	if c.cutting != nil && r.Text != "" {
		c.interrupt(ctx) // Words are no cough.
	}
}

// learn takes news of what the user says.
func (c *call) learn(h *hearing, r recognition) {
	if r.SpeechStarted != nil {
		h.stt.SpeechStarted(*r.SpeechStarted)
	}
	bySTT := c.p.cfg.EndOfTurn == BySTT
	stopped := r.SpeechStopped
	if n := len(r.Words); stopped == nil && r.EndOfTurn && n > 0 && r.Words[n-1].End > 0 {
		stopped = &r.Words[n-1].End
	}
	if stopped != nil {
		h.stt.SpeechStopped(*stopped)
	} else if r.EndOfTurn && bySTT {
		h.turn.UserStopped(time.Time{}, otelvoice.AnchorSTT)
	}
	h.until = max(h.until, r.until())
	if r.Text != "" || r.Final {
		h.said.add(r.Transcript)
		h.said.tell(h.stt, r.Transcript)
		h.pending = !r.Final
	}
	switch {
	case bySTT && r.EndOfTurn && h.audio != nil:
		h.fallSilent(time.Now())
		if h.pending {
			h.since = h.stopped
			return // The final transcript comes after the end.
		}
		c.understoodAll(h)
	case bySTT && r.Final && !h.stopped.IsZero():
		c.understoodAll(h)
	case h.flush > 0 && r.flushes >= h.flush && (r.Final || r.EndOfTurn):
		c.understoodAll(h)
	default:
		return
	}
	c.commitIfDue()
}

// due is when a recogniser that stays connected has said nothing for too long, or zero.
func (h *hearing) due(p *Pipeline) time.Time {
	heard := h.pending || h.said.finals > 0 || len(h.texts) > 0
	if h.stopped.IsZero() && (heard || p.cfg.EndOfTurn != BySTT) {
		return time.Time{} // The user speaks.
	}
	return h.since.Add(p.cfg.Timeouts.STT)
}

// nothingCame ends an utterance of which nothing more is understood.
func (c *call) nothingCame() {
	h := c.turn
	if h.pending || c.down {
		c.failHearing(ErrTimeout)
		return
	}
	if h.stopped.IsZero() {
		h.fallSilent(time.Now())
	}
	c.understoodAll(h)
	c.commitIfDue()
}

// fallBack has the utterance under way recognised by other providers, because the one
// that stays connected is not.
func (c *call) fallBack(err error) {
	h := c.turn
	if h == nil || !h.attended {
		return
	}
	if len(c.p.cfg.STT) == 1 {
		c.failHearing(err)
		return
	}
	h.stt.End(err)
	h.attended = false
	if h.audio == nil {
		h.tape.close()
	}
	c.transcribe(h, h.tape, c.p.cfg.STT[1:])
}

// failHearing ends the turn with an error of the recogniser.
func (c *call) failHearing(err error) {
	if h := c.turn; h.attended {
		h.stt.End(err)
		h.attended = false
		h.tape.close()
	}
	c.endHearing(stageError(stageSTT, err))
}
