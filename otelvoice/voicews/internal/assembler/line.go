// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/mediastream"
	"github.com/voice-agents/telemetry/otelvoice"
)

// A line records the media stream of a telephone call.
type line struct {
	call      *Call
	request   *wire.Request // Its provider is known when the line has said it.
	of        *wire.Call    // Nil until the line says which call it is.
	format    wire.Format
	stopped   bool
	stream    stream
	reception reception
	relay     relay
	fault     fault
	heard     time.Duration // The end of the caller's audio so far.
	by        Side
	connected time.Time
	early     []string // What was not understood before the span started.
	returned  []returned
}

// A returned mark came back, and was not known to be sent.
type returned struct {
	name string
	at   time.Time
}

// maxReturned is how many returned marks are kept, the newest.
const maxReturned = 8

func (l *line) opened(string, time.Time) {}

func (l *line) measured(m *Measures) {
	l.stream.measured(m)
	if !l.stopped {
		l.by = m.ClosedBy
	}
}

func (l *line) notUnderstood(kind string) {
	if l.stream.span == nil {
		l.early = appendKind(l.early, kind)
		return
	}
	l.stream.notUnderstood(kind)
}

func (l *line) event(e *wire.Event, now time.Time) {
	switch e.Kind {
	case wire.UserAudio:
		l.fault.err = nil // The line goes on.
		l.startUnknown()
		l.userAudio(e, now)
	case wire.Audio:
		l.startUnknown()
		l.call.queued(e, l.format, now)
	default:
		l.control(e, now)
	}
}

// control takes an event that is not audio.
func (l *line) control(e *wire.Event, now time.Time) {
	c := l.call
	switch e.Kind {
	case wire.CallStarted:
		l.started(e)
	case wire.AudioFormat:
		l.format = e.Format
	case wire.MarkSent:
		if t := c.audible(); t != nil {
			t.queue.MarkSent(e.Name)
			if at, ok := l.overtaken(e.Name, t.queue.Latest()); ok {
				t.queue.MarkPlayed(e.Name, at)
			}
		}
	case wire.MarkPlayed:
		if !slices.ContainsFunc(c.turns, func(t *turn) bool { return t.queue.MarkPlayed(e.Name, now) }) { // A line plays in order.
			if len(l.returned) == maxReturned {
				l.returned = slices.Delete(l.returned, 0, 1)
			}
			l.returned = append(l.returned, returned{e.Name, now})
		}
	case wire.Cleared:
		c.interrupt(c.answered(), -1, now)
	case wire.Digit:
		l.startUnknown()
		l.relay.isCut = false // A key may interrupt, too.
		l.stream.digit(e)
	case wire.CallStopped:
		l.stopped = true
		if e.Name == mediastream.Program {
			l.by = ByAgent
		} else {
			l.by = ByPeer
		}
	case wire.Failed:
		l.failed(e)
	default:
		l.relayed(e, now)
	}
}

// failed records an error that the line sent, after which most lines go on: a message that it cannot read, audio that it
// cannot play.
func (l *line) failed(e *wire.Event) {
	l.startUnknown()
	l.fault.follow(&wire.Event{Kind: wire.Refused, Name: e.Name})
	if err := l.fault.refused(); err != nil {
		l.stream.refused(err)
	}
}

// overtaken returns when a mark that is reported as sent now has come back, if it did so already, and forgets it. The
// taps report what was written after it was written, and what was read in another goroutine. A line on the same machine
// may be faster than the report. The audio before the mark was reported before the mark was written: a mark of the same
// name that came back before that audio is another one.
func (l *line) overtaken(name string, audio time.Time) (at time.Time, ok bool) {
	i := slices.IndexFunc(l.returned, func(r returned) bool { return r.name == name && !r.at.Before(audio) })
	if i < 0 {
		return time.Time{}, false
	}
	at = l.returned[i].at
	l.returned = slices.Delete(l.returned, i, i+1)
	return at, true
}

// startUnknown starts the session and the span of a line that did not say which call it is.
func (l *line) startUnknown() {
	if l.stream.span == nil {
		l.begin(&wire.Call{})
	}
}

// userAudio records audio of the caller.
func (l *line) userAudio(e *wire.Event, now time.Time) {
	if e.Media.Outbound {
		return
	}
	length := durationOf(e, l.format)
	l.arrived(e, length, now)
	l.call.hear(l.call.answered(), now)
	for _, r := range l.call.open {
		if r, ok := r.(*recognizer); ok && r.isOpen {
			r.lineAudio(length, now)
		}
	}
}

// audible returns the newest turn whose answer is being played, or nil.
func (c *Call) audible() *turn {
	for _, t := range slices.Backward(c.turns) {
		if t.isAudible() && !t.isCut {
			return t
		}
	}
	return nil
}

// end ends the line, and with it the call. The side that closed the connection first ended the call.
func (l *line) end(err error) {
	s := l.call.session
	if s == nil {
		return
	}
	switch l.by {
	case ByPeer:
		s.SetEndReason(otelvoice.EndUserHangup)
	case ByAgent:
		s.SetEndReason(otelvoice.EndAgentHangup)
	case ByNetwork:
	}
	l.reception.end(l.stream.meter)
	err = l.fault.cause(err, l.by)
	if l.stopped {
		err = nil // The line was over.
	}
	l.stream.end(err, false)
}
