// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// maxTools is how many calls of tools a turn keeps open.
const maxTools = 32

// tools are the calls of a turn that the program has not answered. A tool runs in the program, so that
// only its call and its result are seen. A run lasts from the end of the response that called the
// tool, or from the call if the result is sent before, until the result is sent.
type tools struct {
	calls []toolCall
}

type toolCall struct {
	id, name string
	at       time.Time       // When the model called the tool.
	run      *otelvoice.Tool // Nil until the response that called it has ended.
}

// isOpen reports whether a call has no result yet.
func (t *tools) isOpen() bool { return len(t.calls) > 0 }

// called adds a call.
func (t *tools) called(id, name string, now time.Time) {
	if len(t.calls) < maxTools {
		t.calls = append(t.calls, toolCall{id: id, name: name, at: now})
	}
}

// start starts the runs of the calls.
func (t *tools) start(of *turn, now time.Time) {
	for i := range t.calls {
		if c := &t.calls[i]; c.run == nil {
			c.start(of, now)
		}
	}
}

func (c *toolCall) start(of *turn, at time.Time) {
	_, c.run = of.handle.StartTool(of.ctx, c.name, otelvoice.WithStartTime(at))
	c.run.SetCallID(c.id)
}

// answered ends the run of a call whose result was sent, or with an error that of a call that was taken
// back. A program may send the result before the response has ended that called the tool.
func (t *tools) answered(of *turn, id string, err error) {
	for i := range t.calls {
		if c := &t.calls[i]; c.id == id {
			if c.run == nil {
				c.start(of, c.at)
			}
			c.run.End(err)
			t.calls = append(t.calls[:i], t.calls[i+1:]...)
			return
		}
	}
}

// end ends all runs.
func (t *tools) end() {
	for _, c := range t.calls {
		c.run.End(nil)
	}
	t.calls = nil
}
