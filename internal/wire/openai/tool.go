// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// A toolCall is a call of a tool, or a part of one, as far as it was read.
type toolCall struct {
	id, name []byte
	input    []byte // At most jsonscan.MaxRaw bytes, and empty without content.
}

func (t *toolCall) addInput(piece []byte) {
	t.input = append(t.input, piece[:min(len(piece), jsonscan.MaxRaw-len(t.input))]...)
}

func (t *toolCall) reset() { t.id, t.name, t.input = t.id[:0], t.name[:0], t.input[:0] }

// toolCalls are the calls of an answer.
type toolCalls struct {
	ids     wire.Names
	last    string // The ID of the call that was reported last.
	isOther bool   // The current call is another one.
}

// report reports a call once, by its ID, and each part of its input. Some servers repeat the name in
// each part of a call, or give all calls the index 0, so that only the ID tells calls apart. Parts
// without an ID belong to the last one that was sent. An input belongs to the call that was reported
// last; that of another one is not reported.
func (t *toolCalls) report(b *wire.Base, call *toolCall) {
	switch {
	case len(call.name) > 0 && (len(call.id) == 0 || t.ids.AddText(call.id)):
		t.last, t.isOther = string(call.id), false
		b.Send(wire.Event{Kind: wire.ToolCalled, ID: t.last, Name: string(call.name)})
	case len(call.id) > 0:
		t.isOther = string(call.id) != t.last
	}
	if len(call.input) > 0 && !t.isOther {
		b.Send(wire.Event{Kind: wire.ToolArguments, Text: call.input})
	}
}
