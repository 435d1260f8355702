// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs

import (
	"slices"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
)

// maxTools is how many calls of tools are known. The oldest is forgotten.
const maxTools = 32

// toolCalls are the last calls of tools. Several messages may report a call: the request, the call by
// the program, and the result.
type toolCalls []toolCall

type toolCall struct {
	id           string
	hasArguments bool
	isAnswered   bool
}

func (t *toolCalls) find(id []byte) *toolCall {
	if i := slices.IndexFunc(*t, func(c toolCall) bool { return c.id == string(id) }); i >= 0 {
		return &(*t)[i]
	}
	return nil
}

func (t *toolCalls) add(id []byte) *toolCall {
	if len(*t) == maxTools {
		*t = slices.Delete(*t, 0, 1)
	}
	*t = append(*t, toolCall{id: string(id)})
	return &(*t)[len(*t)-1]
}

// toolCalled reports a call once, and its arguments once: the request has none, and may come before the
// call by the program, which has them.
func (a *agent) toolCalled(f *fields.Message) {
	id := f.Text(agentToolID)
	if len(id) == 0 {
		return
	}
	call := a.tools.find(id)
	if call == nil {
		call = a.tools.add(id)
		a.Send(wire.Event{Kind: wire.ToolCalled, Of: a.answer.id, ID: call.id, Name: string(f.Text(agentToolName))})
	}
	if arguments := f.Raw(agentToolArguments); a.Target.Content && len(arguments) > 0 && !call.hasArguments {
		call.hasArguments = true
		a.Send(wire.Event{Kind: wire.ToolArguments, Of: a.answer.id, ID: call.id, Text: arguments})
	}
}

// toolAnswered reports the result of a call once.
func (a *agent) toolAnswered(f *fields.Message) {
	id := f.Text(agentToolID)
	if len(id) == 0 {
		return
	}
	call := a.tools.find(id)
	if call == nil {
		call = a.tools.add(id)
	}
	if !call.isAnswered {
		call.isAnswered = true
		e := wire.Event{Kind: wire.ToolAnswered, Of: a.answer.id, ID: call.id}
		if f.True(agentToolFailed) || f.Is(agentToolState, "failure") {
			e.Name = wire.ToolError
		}
		a.Send(e)
	}
}
