// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"bytes"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/internal/audioclock"
)

// A user is what is known of the user of a speech-to-speech model. Some models have a detector that says when
// the user begins and stops. Of others only words and interruptions are known, or nothing but that
// they answer.
type user struct {
	turn       *turn         // Of what the user says now, or has said.
	isAnswered bool          // A response to it has begun.
	hasSignals bool          // The model or the program says when the user speaks.
	started    time.Time     // When the speech began that has not ended.
	spoken     time.Duration // The user's audio that no response has answered.
	committed  time.Time     // When what the user said was complete, if no response has answered it.
	words      *wire.Event   // A final transcript that came before the response.
}

// says makes a turn that of what the user says now.
func (u *user) says(t *turn) { u.turn, u.isAnswered, u.words = t, false, nil }

// isNew reports whether what the user says now has no turn.
func (u *user) isNew() bool { return u.turn == nil || u.isAnswered }

// userEvent follows the user's speech as the model hears it.
func (r *realtime) userEvent(e *wire.Event, now time.Time) {
	c, u := r.call, &r.user
	switch e.Kind {
	case wire.SpeechStarted:
		u.hasSignals = true
		u.started = r.at(e.Speech.Start, e.Speech.HasOffsets, audioclock.Start, now)
		c.spoke(u.started)
		u.says(nil)
	case wire.SpeechStopped:
		u.hasSignals = true
		stopped := r.stopped(e, now)
		u.says(c.userTurn(u.ended(stopped, now), now))
		if t := u.turn; t != nil && t.observed != nil {
			t.observed.MarkObserved(uint8(otelvoice.UserStopped), stopped, string(otelvoice.AnchorVAD))
		}
	case wire.Committed:
		if u.isNew() { // The program decides when the turn is complete.
			begun := c.begun(now)
			if !u.started.IsZero() {
				begun = u.ended(now, now)
			}
			u.says(c.userTurn(begun, now))
			u.turn.stopped(now)
		}
		c.commit(u.turn, now)
		u.started, u.committed = time.Time{}, now
	case wire.Partial:
		r.words(e, now)
	case wire.Final:
		r.transcribed(e)
	default:
	}
}

// ended adds the speech that stopped at a time, and returns when it began. That is now if it is not known.
func (u *user) ended(stopped, now time.Time) (began time.Time) {
	began = u.started
	if began.IsZero() {
		began = now
	}
	u.spoken += max(stopped.Sub(began), 0)
	u.started = time.Time{}
	return began
}

// words starts a turn with the user's words, if nothing else says that the user speaks. Words that come
// while a response is open are late ones of the speech that it answers.
func (r *realtime) words(e *wire.Event, now time.Time) {
	u := &r.user
	if e.Characters == 0 || u.hasSignals || !u.isNew() {
		return
	}
	if s := r.find(""); s == nil || s.turn != nil && s.turn.isCut {
		u.says(r.call.userTurn(r.call.begun(now), now))
	}
}

// transcribed records what the user said on the response to it. It comes at any time, and the model does not
// wait for it.
func (r *realtime) transcribed(e *wire.Event) {
	u := &r.user
	switch of := r.answerTo(u.turn); {
	case of != nil:
		of.Stage.Event(e)
	case len(r.open) == 0 && !u.isNew() && (u.words == nil || e.Of != "" && e.Of == u.words.Of): // An item may be transcribed again, as by xAI.
		words := *e
		words.Text = bytes.Clone(e.Text)
		u.words = &words
	}
}

// bargedIn records that the model stopped because the user speaks. If nothing else says so, the user's
// speech began then.
func (r *realtime) bargedIn(now time.Time) {
	if !r.user.hasSignals && !r.call.isSpeaking(now) {
		r.call.spoke(now)
	}
}

// asked returns when a response began that is seen now for the first time, by what it answers. It is not known of
// speech whose end nothing has said: then the response is recorded from its first content on.
func (r *realtime) asked(what string, now time.Time) (at time.Time, isKnown bool) {
	u := &r.user
	switch what {
	case wire.Aside:
		return now, true
	case wire.ToSpeech:
		r.answersSpeech(now)
		at, isKnown = u.committed, !u.committed.IsZero()
	case wire.ToInput:
		if at, isKnown = u.committed, true; r.resulted.After(at) {
			at = r.resulted
		}
	default:
		at, isKnown = now, true
	}
	u.committed, r.resulted = time.Time{}, time.Time{}
	if at.IsZero() {
		at = now
	} else if at.Before(r.ended) {
		at = r.ended
	}
	return at, isKnown
}

// answersSpeech makes the turn of speech of which nothing is known but that it is answered now. When it
// ended is not known, so that the turn has no response latency.
func (r *realtime) answersSpeech(now time.Time) {
	if u := &r.user; !u.hasSignals && u.isNew() {
		u.says(r.call.unheardTurn(now))
	}
}

// answered records that a response has begun.
func (r *realtime) answered(s *stage) {
	u := &r.user
	if u.spoken > 0 {
		s.Stage.Event(&wire.Event{Kind: wire.UserAudio, Audio: u.spoken})
		u.spoken = 0
	}
	if u.turn == nil || u.turn != s.turn {
		return
	}
	u.isAnswered = true
	if u.words != nil {
		s.Stage.Event(u.words)
		u.words = nil
	}
}

// stopped returns when the user stopped. If the user's audio is not seen, as over WebRTC, the model says it after the
// silence that it waits for.
func (r *realtime) stopped(e *wire.Event, now time.Time) time.Time {
	if e.Speech.HasOffsets {
		if at, ok := r.input.At(e.Speech.End, audioclock.End); ok {
			return at
		}
	}
	at := now
	if !r.hasInput {
		at = now.Add(-r.request.Hangover)
	}
	if at.Before(r.user.started) {
		return r.user.started
	}
	return at
}

// at returns when the audio at an offset was sent, or now.
func (r *realtime) at(offset time.Duration, known bool, edge audioclock.Edge, now time.Time) time.Time {
	if known {
		if at, ok := r.input.At(offset, edge); ok {
			return at
		}
	}
	return now
}
