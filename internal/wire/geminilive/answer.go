// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package geminilive

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// respond reports that a response begins, with its first content. It is one to the user's speech if the
// program has sent nothing else that is to be answered since the newest response began: the model answers
// only what it is sent. Content after an interruption is that of another response.
func (c *connection) respond() {
	a := &c.answer
	if a.isOpen && a.isInterrupted {
		c.responded(a.status())
	}
	a.isWaiting, a.isFinished = false, false
	if a.isOpen {
		return
	}
	e := wire.Event{Kind: wire.Responding}
	switch {
	case c.input.hasText, c.input.hasTool:
		e.Name = wire.ToInput
	case c.input.hasAudio:
		e.Name = wire.ToSpeech
	}
	calls := a.calls
	c.input, c.answer = input{}, answer{isOpen: true, calls: calls}
	c.Asked()
	c.Send(e)
	if c.hasSpoken {
		c.hasSpoken = false
		c.token(c.spoken)
	}
	if c.late != (llmreport.Usage{}) {
		u := c.late
		c.late = llmreport.Usage{}
		c.used(u)
	}
}

// interrupted reads that the model gave its response up. A client's message does that: the user's
// speech, or a text. The model can have made all of the response before. There is no generationComplete then
// (reference of BidiGenerateContentServerContent).
func (c *connection) interrupted() {
	a := &c.answer
	if a.isInterrupted {
		return
	}
	a.isInterrupted, c.hasSpoken = true, false
	c.said() // What follows are the words that interrupt.
	kind := wire.Interrupted
	if c.input.hasText {
		kind = wire.Cleared
	}
	c.Send(wire.Event{Kind: kind})
}

// finished reports why the model makes no more of a response. turnComplete can follow long after it:
// there is a delay "caused by model waiting for playback to finish".
func (c *connection) finished(reason string) {
	if a := &c.answer; a.isOpen && !a.isFinished && !a.isInterrupted {
		a.isFinished = true
		c.Send(wire.Event{Kind: wire.Finished, Name: reason})
	}
}

// completed reads the end of a turn. The reasons are those why the model does not answer, or not to the end: a call that is
// malformed, content that is prohibited. NEED_MORE_INPUT is an ordinary end.
func (c *connection) completed() {
	if !c.answer.isInterrupted {
		c.said()
	}
	c.hasSpoken = false
	reason := string(c.message.Text(turnReason))
	isStopped := reason != "" && reason != "TURN_COMPLETE_REASON_UNSPECIFIED" && reason != "NEED_MORE_INPUT"
	switch {
	case !c.answer.isOpen && isStopped: // The model does not answer.
		c.Send(wire.Event{Kind: wire.Refused, Name: reason})
		return
	case !c.answer.isOpen:
		return
	case isStopped, reason == "NEED_MORE_INPUT":
		c.Send(wire.Event{Kind: wire.Finished, Name: reason})
	default:
		c.finished("stop")
	}
	status := c.answer.status()
	if isStopped && status == "completed" {
		status = "incomplete"
	}
	c.responded(status)
}

// status returns how a response ended. One that was interrupted when all of it was made is complete.
func (a *answer) status() string {
	if a.isInterrupted && !a.isFinished {
		return "cancelled"
	}
	return "completed"
}

// responded reports the end of a response.
func (c *connection) responded(status string) {
	if c.answer.isOpen {
		c.answer.isOpen, c.answer.isWaiting = false, false
		c.Send(wire.Event{Kind: wire.Responded, Name: status})
	}
}

// used reports the tokens of a response. A usage is that of one response, whose input is all of the
// session's context: in sessions of several turns promptTokenCount grows by what was said, and responseTokenCount
// does not (measured by the authors of pydantic-ai, and by users who compared the sum of all turns with their
// bill: https://discuss.ai.google.dev/t/173248). It comes with turnComplete or soon after it.
func (c *connection) used(u llmreport.Usage) {
	a := &c.answer
	if !a.isOpen && a.isCounted {
		c.late = u
		return
	}
	a.isCounted = true
	c.Send(wire.Event{Kind: wire.Used, Usage: u})
}
