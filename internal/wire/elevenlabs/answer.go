// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

// open opens an answer, if none is open. Its ID is that of its first event.
func (a *agent) open(f *fields.Message) {
	if a.answer.isOpen || a.isComplete(f) {
		return
	}
	a.answer.id, a.answer.isOpen = string(f.Text(agentEvent)), true
	a.answer.hasText, a.answer.hasAudio, a.answer.hasParts = false, false, false
	a.last, a.isStopped = a.answer.id, false
	a.Asked()
	a.Send(wire.Event{Kind: wire.Responding, Of: a.answer.id, ID: a.answer.id})
}

// respond closes the answer, if one is open.
func (a *agent) respond(how string) {
	if a.answer.isOpen {
		a.answer.isOpen = false
		a.Send(wire.Event{Kind: wire.Responded, Of: a.answer.id, ID: a.answer.id, Name: how})
	}
}

// complete reads that an answer is complete. It comes after the audio; an answer that is spoken and has
// none yet goes on.
func (a *agent) complete(f *fields.Message) {
	if a.isStale(f) || !a.answer.hasAudio && !a.isTextOnly {
		return
	}
	if id, ok := f.Int(agentEvent); ok {
		a.completed = max(a.completed, id)
	}
	a.respond("completed")
}

// isComplete reports whether a message belongs to an answer that is complete. A last piece of its audio is
// not reported: it would be taken for another answer.
func (a *agent) isComplete(f *fields.Message) bool {
	id, ok := f.Int(agentEvent)
	return ok && id <= a.completed
}

// isStale reports whether a message belongs to an answer that the user interrupted. ElevenLabs may send
// the rest of its audio, which programs do not play.
func (a *agent) isStale(f *fields.Message) bool {
	id, ok := f.Int(agentEvent)
	return ok && id <= a.interrupted
}

// receiveAudio reads a piece of the answer's audio.
func (a *agent) receiveAudio(f *fields.Message) {
	text := f.Text(agentAudio)
	if len(text) == 0 || a.isStale(f) || !a.answer.isOpen && a.isComplete(f) {
		return
	}
	a.open(f)
	a.answer.hasAudio = true
	if !a.base64.Decode(text, a.decoded) {
		a.NotUnderstood("base64")
	}
}

func (a *agent) audio(p []byte) {
	if !a.hasFormat && a.Request.Output != (wire.Format{}) {
		a.hasFormat = true
		a.Send(wire.Event{Kind: wire.AudioFormat, Format: a.Request.Output})
	}
	a.Send(wire.Event{Kind: wire.Audio, Of: a.answer.id, Data: p, Audio: payload.Duration(a.Request.Output, len(p))})
}

// receiveText reads the whole text of an answer, which is sent with its first audio. A second text
// is that of another answer, as after a tool.
func (a *agent) receiveText(f *fields.Message) {
	isSpoken := !a.answer.isOpen && a.answer.hasParts && string(f.Text(agentEvent)) == a.last // In parts, to its end.
	if isSpoken || a.isStale(f) {
		return
	}
	if a.answer.hasText {
		a.respond("completed")
	}
	a.open(f)
	a.answer.hasText = true
	if !a.answer.hasParts {
		a.sendText(f, agentResponse)
	}
}

// receivePart reads a part of the text of an answer.
func (a *agent) receivePart(f *fields.Message) {
	if a.isStale(f) {
		return
	}
	isStart := f.Is(agentPartType, "start")
	if isStart && (a.answer.hasParts || a.answer.hasText) {
		a.respond("completed")
	}
	a.open(f)
	a.answer.hasParts = true
	switch {
	case f.Runes(agentPart) > 0:
		a.Send(wire.Event{Kind: wire.Token, Of: a.answer.id})
		a.sendText(f, agentPart)
	case f.Is(agentPartType, "stop") && a.isTextOnly:
		a.respond("completed")
	}
}

func (a *agent) sendText(f *fields.Message, field int) {
	if a.Target.Content {
		a.Send(wire.Event{Kind: wire.Answer, Of: a.answer.id, Text: f.Text(field)})
	}
}

// interrupt reads that the user interrupted the answer. All its audio may have been sent by then, as it
// is sent faster than it is played. An interruption of no answer, or of one that was interrupted before, is
// not reported.
func (a *agent) interrupt(f *fields.Message) {
	if id, ok := f.Int(agentEvent); ok {
		a.interrupted = max(a.interrupted, id)
	}
	if a.isStopped {
		return
	}
	a.isStopped = true
	a.Send(wire.Event{Kind: wire.Interrupted, Of: a.last, ID: a.last})
	a.respond("cancelled")
}
