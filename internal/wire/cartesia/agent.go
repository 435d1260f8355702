// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

// The fields of messages of an agent. Those of a Line agent have an event, those of a managed agent a type.
const (
	agentEvent = ownFields + iota
	agentAudio
	agentInput
	agentOutput
	agentVoice
	agentStream
	agentToolID
	agentToolName
	agentToolArguments
	agentToolFailed
	agentTurn
	agentRole
	agentText
	agentInterrupted
)

var (
	agentSent = fields.NewPlan(
		jsonscan.Field{Path: "event", ID: agentEvent},
		jsonscan.Field{Path: "type", ID: messageType},
		jsonscan.Field{Path: "media.payload", ID: agentAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "audio", ID: agentAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "audio.input_format", ID: agentInput},
		jsonscan.Field{Path: "config.input_format", ID: agentInput},
		jsonscan.Field{Path: "config.output_format", ID: agentOutput},
		jsonscan.Field{Path: "config.voice_id", ID: agentVoice},
		jsonscan.Field{Path: "tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "is_error", ID: agentToolFailed},
	)
	agentReceived = received(
		jsonscan.Field{Path: "event", ID: agentEvent},
		jsonscan.Field{Path: "media.payload", ID: agentAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "audio", ID: agentAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "audio.input_format", ID: agentInput},
		jsonscan.Field{Path: "audio.output_format", ID: agentOutput},
		jsonscan.Field{Path: "config.input_format", ID: agentInput},
		jsonscan.Field{Path: "config.output_format", ID: agentOutput},
		jsonscan.Field{Path: "stream_id", ID: agentStream},
		jsonscan.Field{Path: "call_id", ID: agentStream},
		jsonscan.Field{Path: "tool_call_id", ID: agentToolID},
		jsonscan.Field{Path: "tool_name", ID: agentToolName},
		jsonscan.Field{Path: "parameters", ID: agentToolArguments, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "turn", ID: agentTurn},
		jsonscan.Field{Path: "role", ID: agentRole},
		jsonscan.Field{Path: "text", ID: agentText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "interrupted", ID: agentInterrupted},
	)
)

// agent decodes /agents/stream/ID of Line agents and /v1/agents/websocket/ID of managed agents. A Line agent
// reports neither transcripts nor turns: an answer begins with the first audio after an interruption,
// and its end is not known.
type agent struct {
	connection

	base64      payload.Base64
	decoded     func([]byte)
	hasFormat   bool   // AudioFormat was reported.
	answer      string // The ID of the answer: the number of the turn.
	isOpen      bool   // The answer was not reported as complete.
	hasText     bool   // A part of its text was reported.
	isInterrupt bool   // Its interruption was reported, or there is no answer.
}

func newAgent(target *wire.Target, report wire.Report) *agent {
	a := &agent{connection: newConnection(target, wire.Realtime, report), isInterrupt: true}
	a.sent, a.received = fields.New(agentSent, nil), fields.New(agentReceived, nil)
	a.decoded = a.audio // Made once, because each method value is allocated.
	return a
}

// Message reads a message.
func (a *agent) Message(m wire.Message) {
	defer a.release()
	f := a.read(m)
	if f == nil {
		return
	}
	kind := f.Text(agentEvent)
	if len(kind) == 0 {
		kind = f.Text(messageType)
	}
	if m.Sent {
		a.ask(f, string(kind))
	} else {
		a.receive(f, kind)
	}
}

// ask reads a message that is sent.
func (a *agent) ask(f *fields.Message, kind string) {
	switch kind {
	case "media_input", "audio_input":
		a.Asked()
		if size := payload.Size(f.Text(agentAudio)); size > 0 {
			a.Send(wire.Event{Kind: wire.UserAudio, Audio: payload.Duration(a.Request.Format, size)})
		}
	case "start", "session_create":
		if !a.IsAsked() {
			a.formats(f)
			wire.Set(&a.Request.Voice, f.Text(agentVoice))
		}
	case "client_tool_result":
		e := wire.Event{Kind: wire.ToolAnswered, Of: a.answer, ID: string(f.Text(agentToolID))}
		if f.True(agentToolFailed) {
			e.Name = wire.ToolError
		}
		a.Send(e)
	case "dtmf", "dtmf_input", "custom":
	default:
		a.NotUnderstood("event")
	}
}

func (a *agent) formats(f *fields.Message) {
	for _, format := range [...]struct {
		field int
		to    *wire.Format
	}{{agentInput, &a.Request.Format}, {agentOutput, &a.Request.Output}} {
		if f.Has(format.field) {
			*format.to = audioformat.OfName(string(f.Text(format.field)))
			format.to.Channels = max(format.to.Channels, 1)
		}
	}
}

// receive reads a message that is received.
func (a *agent) receive(f *fields.Message, kind []byte) {
	switch string(kind) {
	case "media_output", "audio_output":
		if text := f.Text(agentAudio); len(text) > 0 {
			if a.answer == "" { // The rest of a turn that was reported as ended belongs to it.
				a.open(nil)
			}
			if !a.base64.Decode(text, a.decoded) {
				a.NotUnderstood("base64")
			}
		}
	case "ack", "session_ready":
		if !a.IsAsked() {
			a.formats(f)
			a.Asked()
		}
		a.identify(f.Text(agentStream))
	case "clear", "audio_output_clear":
		a.interrupt()
		if f.Has(agentEvent) { // A Line agent reports no end of the answer.
			a.respond("cancelled")
		}
	case "turn_started":
		if f.Is(agentRole, "user") {
			a.Send(wire.Event{Kind: wire.SpeechStarted})
		} else {
			a.respond("completed")
			a.open(f.Text(agentTurn))
		}
	case "turn_output_text_delta":
		a.open(f.Text(agentTurn))
		a.text(f)
	case "turn_ended":
		a.endTurn(f)
	case "client_tool_call":
		id := string(f.Text(agentToolID))
		a.Send(wire.Event{Kind: wire.ToolCalled, Of: a.answer, ID: id, Name: string(f.Text(agentToolName))})
		if arguments := f.Raw(agentToolArguments); a.Target.Content && len(arguments) > 0 {
			a.Send(wire.Event{Kind: wire.ToolArguments, Of: a.answer, ID: id, Text: arguments})
		}
	case "error":
		class, message := failure(f)
		a.Send(wire.Event{Kind: wire.Failed, Name: class, Text: []byte(message)})
	case "dtmf", "dtmf_output", "custom", "transfer_call":
	default:
		a.NotUnderstood("event")
	}
}

// endTurn reads the end of a turn of the user or of the agent.
func (a *agent) endTurn(f *fields.Message) {
	switch {
	case f.Is(agentRole, "user"):
		a.Send(wire.Event{Kind: wire.Final, Text: a.content(f.Text(agentText)), Characters: characters(f, agentText)})
		a.Send(wire.Event{Kind: wire.Committed})
	case f.True(agentInterrupted):
		a.interrupt()
		a.respond("cancelled")
	default:
		if a.isOpen && !a.hasText && f.Runes(agentText) > 0 {
			a.text(f)
		}
		a.respond("completed")
	}
}

func (a *agent) text(f *fields.Message) {
	a.hasText = true
	a.Send(wire.Event{Kind: wire.Token, Of: a.answer})
	if a.Target.Content {
		a.Send(wire.Event{Kind: wire.Answer, Of: a.answer, Text: f.Text(agentText)})
	}
}

// open opens an answer, if none is open. Audio may come before the turn is reported, and has no ID.
func (a *agent) open(id []byte) {
	if !a.isOpen {
		a.isOpen, a.hasText, a.isInterrupt, a.answer = true, false, false, string(id)
		a.Asked()
		a.Send(wire.Event{Kind: wire.Responding, Of: a.answer, ID: a.answer})
	}
}

// interrupt reports once that the answer was interrupted. All its audio may have been sent by then.
func (a *agent) interrupt() {
	if !a.isInterrupt {
		a.isInterrupt = true
		a.Send(wire.Event{Kind: wire.Interrupted, Of: a.answer, ID: a.answer})
	}
}

func (a *agent) respond(how string) {
	if a.isOpen {
		a.isOpen = false
		a.Send(wire.Event{Kind: wire.Responded, Of: a.answer, ID: a.answer, Name: how})
	}
}

func (a *agent) audio(p []byte) {
	if !a.hasFormat && a.Request.Output != (wire.Format{}) {
		a.hasFormat = true
		a.Send(wire.Event{Kind: wire.AudioFormat, Format: a.Request.Output})
	}
	a.Send(wire.Event{Kind: wire.Audio, Of: a.answer, Data: p, Audio: payload.Duration(a.Request.Output, len(p))})
}
