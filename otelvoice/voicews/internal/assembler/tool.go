// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice"
)

// maxTools is how many calls of tools a turn keeps open.
const maxTools = 32

// tools are the calls of a turn whose results are not known. A tool runs in the program, so that
// only its call and its result are seen. A run lasts from the end of the response that called the
// tool, or from the call if the result is sent before, until the result is sent. A run that is open
// when its turn ends is abandoned with it.
type tools struct {
	calls []toolCall
}

type toolCall struct {
	id, name string
	by       *stage          // The response that called the tool.
	at       time.Time       // When it did.
	run      *otelvoice.Tool // Nil until the response that called it has ended.
}

// isOpen reports whether a call has no result yet.
func (t *tools) isOpen() bool { return len(t.calls) > 0 }

// called adds a call of a response.
func (t *tools) called(by *stage, id, name string, now time.Time) {
	if len(t.calls) < maxTools {
		t.calls = append(t.calls, toolCall{id: id, name: name, by: by, at: now})
	}
}

func (c *toolCall) start(at time.Time) {
	t := c.by.turn
	_, c.run = t.handle.StartTool(t.ctx, c.name, otelvoice.WithStartTime(at))
	c.run.SetCallID(c.id)
}

// answered ends the run of a call of a speech-to-speech model whose result was sent, or with an error
// that of a call that was taken back. A program may send the result before the response has ended that
// called the tool. It reports whether the call is one of these.
func (t *tools) answered(id string, err error) bool {
	i := slices.IndexFunc(t.calls, func(c toolCall) bool { return c.id == id && c.by.kind == wire.Realtime })
	if i < 0 {
		return false
	}
	c := &t.calls[i]
	if c.run == nil {
		c.start(c.at)
	}
	c.run.End(err)
	t.calls = slices.Delete(t.calls, i, i+1)
	return true
}

// end ends the runs of the calls of a kind of model. A call whose response is still open is not run yet.
func (t *tools) end(of wire.Stage) {
	t.calls = slices.DeleteFunc(t.calls, func(c toolCall) bool {
		if c.run == nil || c.by.kind != of {
			return false
		}
		c.run.End(nil)
		return true
	})
}

// runTools starts the runs of the calls of a response that has ended. A program does not run those of a
// response that failed or was interrupted.
func (c *Call) runTools(of *stage, now time.Time) {
	t := of.turn
	if t == nil || !slices.Contains(c.turns, t) {
		return
	}
	t.tools.calls = slices.DeleteFunc(t.tools.calls, func(call toolCall) bool { return call.by == of && call.run == nil && of.isBroken })
	for i := range t.tools.calls {
		if call := &t.tools.calls[i]; call.by == of && call.run == nil {
			call.start(now)
		}
	}
}

// resulted ends the runs of the calls of a kind of model, in all turns: its next request or response has
// their results. The user may have spoken meanwhile, so that it may belong to another turn.
func (c *Call) resulted(of wire.Stage) {
	for _, t := range c.turns {
		t.tools.end(of)
	}
}

// superseded ends the runs of the calls of language models in the turns before one that is spoken an
// answer now without a request: no other answer is to come in them.
func (c *Call) superseded(by *turn) {
	for _, t := range c.turns {
		if t != by {
			t.tools.end(wire.LLM)
		}
	}
}
