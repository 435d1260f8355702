// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

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

	// With a recogniser that stays connected:
	attended bool           // What is being said is not understood yet.
	stt      *otelvoice.STT // Its stage,
	said     understanding  // what was understood of it,
	pending  bool           // which is not all final,
	until    time.Duration  // where it ends in the audio of the connection,
	tape     *recording     // and its audio, for other providers.
	since    time.Time      // When the recogniser was asked for it.
	flush    int            // The number of the request, once the user has fallen silent.
}

// heard is news of a recognition.
type heard struct {
	turn  *hearing
	news  Transcript // Of a partial or a final transcript.
	ended bool
	text  string // Of an end.
	err   error
}

// startTurn gives the user the word.
func (c *call) startTurn(ctx context.Context, at time.Time, told bool) {
	ctx, turn := c.session.StartTurn(ctx, otelvoice.WithStartTime(at))
	ctx, cancel := context.WithCancelCause(ctx)
	if !told {
		turn.MarkAt(otelvoice.UserStarted, at)
	}
	c.turn = &hearing{ctx: ctx, cancel: cancel, turn: turn, begun: at}
	c.recognise(c.turn, at)
}

// recognise has what the user says from an instant on recognised.
func (c *call) recognise(h *hearing, at time.Time) {
	if c.listener != nil && !c.fallsBack() {
		c.attend(h, at)
		return
	}
	audio := newRecording()
	h.audio = audio
	h.working++
	providers := c.p.cfg.STT
	if c.listener != nil {
		providers = providers[1:]
		for _, f := range c.listener.feed.since(at) {
			audio.add(f)
		}
	}
	c.transcribe(h, audio, providers)
}

// transcribe has a recording recognised as it is made.
func (c *call) transcribe(h *hearing, audio *recording, providers []Transcriber) {
	go func() {
		text, err := c.p.listen(h.ctx, providers, audio, func(t Transcript) {
			if t.EndOfTurn && c.p.cfg.EndOfTurn == BySTT {
				h.turn.UserStopped(h.lastWord(t), otelvoice.AnchorSTT) // Before the stage ends, which asks.
			}
			_ = send(h.ctx, c.heard, heard{turn: h, news: t}) // A call that has ended needs no news.
		})
		audio.close()
		_ = send(h.ctx, c.heard, heard{turn: h, ended: true, text: text, err: err})
	}()
}

func (h *hearing) fallSilent(at time.Time) {
	h.stopped = at
	if !h.attended { // Else the user may go on within it.
		h.audio.close()
	}
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
			c.endHearing(h.err)
			return
		}
		if c.p.cfg.EndOfTurn == BySTT && c.turn.audio != nil {
			// A recogniser that ends by itself has heard the end of the turn.
			c.turn.turn.UserStopped(time.Time{}, otelvoice.AnchorSTT)
			c.turn.fallSilent(time.Now())
		}
		if c.turn.audio != nil && h.text != "" {
			c.recognise(c.turn, time.Now()) // The user goes on.
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
		c.endHearing(nil)
		return
	}
	c.waitForSpeaker() // One that was interrupted is about to be silent.
	h.turn.Mark(otelvoice.TurnCommitted)
	c.turn = nil
	c.forget()
	r := c.p.reply(h.turn, c.messages, c.out)
	c.speak(h.ctx, h.cancel, r, Result{Transcript: transcript}, func(ctx context.Context) error {
		return r.answer(ctx, transcript)
	})
}

// endHearing ends a turn that gets no answer.
func (c *call) endHearing(err error) {
	h := c.turn
	c.turn = nil
	c.forget()
	h.cancel(errHungUp)
	endTurn(h.turn, err)
	c.tell(Result{}, h.turn, err)
}
