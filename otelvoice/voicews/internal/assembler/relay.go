// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
)

// A relay is what a line has that recognises the caller's words and speaks the agent's text, such as
// ConversationRelay. No audio passes over its connection.
type relay struct {
	heard  *recognizer // Nil until the caller speaks.
	silent time.Time   // When the caller stopped to speak, if that is known.
	isCut  bool        // The agent was interrupted: the texts that follow are the rest of the old answer.
}

// relayed takes an event of a line that recognises and speaks.
func (l *line) relayed(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.SpeechStarted, wire.Partial, wire.Final:
		l.startUnknown()
		l.words(e, now)
	case wire.SpeechStopped:
		l.relay.silent = now
	case wire.TextSent:
		l.startUnknown()
		if !l.relay.isCut {
			l.call.says(now)
		}
	case wire.Playing:
		l.relay.isCut = false
		l.startUnknown()
		l.call.playing(l.call.audioTurn(now), now)
	case wire.Played:
		for _, t := range l.call.turns {
			t.played(now)
		}
		l.call.tick(now)
	case wire.Interrupted:
		l.interrupted(e, now)
	default:
	}
}

// words records what the caller says. A final transcript is all of what the agent is to answer.
func (l *line) words(e *wire.Event, now time.Time) {
	if l.call.isOff() {
		return
	}
	r := l.recognizer(now)
	if e.Kind == wire.SpeechStarted {
		l.relay.silent = time.Time{}
	} else if e.Characters > 0 && r.find("") == nil {
		l.call.heardOut(now)
	}
	r.event(e, now)
	u := r.find("")
	if e.Kind != wire.Final || u == nil {
		return
	}
	t := u.turn
	l.relay.isCut = false
	r.event(&wire.Event{Kind: wire.Committed}, now)
	if at := l.relay.silent; t != nil && t.observed != nil && !at.IsZero() {
		t.observed.MarkObserved(uint8(otelvoice.UserStopped), at, string(otelvoice.AnchorVAD))
	}
	l.relay.silent = time.Time{}
}

// recognizer returns the recorder of what the line recognises.
func (l *line) recognizer(now time.Time) *recognizer {
	if l.relay.heard == nil {
		request := &wire.Request{Stage: wire.STT, Provider: l.request.Provider}
		if l.of != nil {
			request.Provider = l.of.Provider
		}
		l.relay.heard = l.call.recognizer(request, now)
		l.relay.heard.opened("", now)
		l.call.open = append(l.call.open, l.relay.heard)
	}
	return l.relay.heard
}

// interrupted records that the line stopped the agent because the caller spoke.
func (l *line) interrupted(e *wire.Event, now time.Time) {
	c := l.call
	l.relay.isCut = true
	if !c.isSpeaking(now) {
		c.spoke(now)
	}
	played := e.Audio
	if played == 0 {
		played = -1
	}
	c.interrupt(c.answered(), played, now)
}

// says records a text of the agent that the line speaks. When it begins and ends to speak is not known, unless it says so.
func (c *Call) says(now time.Time) {
	t := c.audioTurn(now)
	if t == nil || t.isCut {
		return
	}
	t.isAnswering, t.isPlaying = true, true
	t.quiet, t.rest = now, pause
}

// heardOut ends the turns whose texts a line was speaking that does not say when it ends: the caller answers now.
func (c *Call) heardOut(now time.Time) {
	for _, t := range slices.Clone(c.turns) {
		if t.isPlaying && !t.isAudible() {
			t.played(now)
			if t.stages == 0 && !t.tools.isOpen() && !t.isProgram() {
				c.finish(t)
			}
		}
	}
}
