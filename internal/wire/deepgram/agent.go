// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"slices"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// maxCalls is how many tool calls of a message are reported.
const maxCalls = 32

// agent decodes the Voice Agent: recogniser, language model and synthesizer behind one connection.
// The model of the request is the language model, and the voice that of the synthesizer.
//
// The service names neither its answers nor their tokens. An answer begins with the first message
// that belongs to one, and ends with AgentAudioDone, or when the user starts to speak. The latencies
// of AgentStartedSpeaking and LatencyReport are not reported: those of the events are measured.
type agent struct {
	session

	input        *recognition.Input
	utterance    recognition.Utterance
	calls        []call
	open         []call                        // Those without a result.
	first        [firstEnd - firstThink][]byte // The first of several providers in a message.
	isResponding bool
	isStopped    bool // The user stopped the answer, so that audio on its way is of none.
	isSpoken     bool // There is audio that the user has not stopped. The program may play it after it was sent.
	isFormatSent bool
	isApplied    bool // Settings were sent.
}

// A call is a tool call in a message.
type call struct {
	id, name  string
	arguments []byte
}

func newAgent(target *wire.Target, report wire.Report) *agent {
	a := &agent{session: newSession(target, wire.Realtime, report)}
	a.message = fields.New(agentMessage, a.value)
	a.input = recognition.NewInput(&a.Base)
	a.Request.Output = formatOfStream("", 0)
	return a
}

// Message reads a message.
func (a *agent) Message(m wire.Message) {
	defer a.message.Release()
	switch {
	case m.Binary && m.Sent:
		a.ask()
		a.input.Read(m.Data)
	case m.Binary:
		a.audio(m.Data)
	default:
		a.calls = a.calls[:0]
		clear(a.first[:])
		a.utterance.Reset()
		if !a.read(m.Data) {
			return
		}
		if m.Sent {
			a.sent()
		} else {
			a.received()
		}
	}
}

// Closed reads the end of the connection.
func (a *agent) Closed() {
	a.ask()
	a.responded("incomplete")
}

// ask reports the request, and after it the ID of the connection.
func (a *agent) ask() {
	if !a.IsAsked() {
		a.Asked()
		if a.id != "" {
			a.Send(wire.Event{Kind: wire.Answered, ID: a.id})
		}
	}
}

func (a *agent) sent() {
	switch string(a.message.Text(msgType)) {
	case "Settings", "SettingsConfiguration": // The older name.
		a.settings()
		if a.isApplied {
			a.Send(wire.Event{Kind: wire.Reopened, Request: &a.Request})
		}
		a.isApplied = true
		a.ask()
	case "UpdatePrompt", "UpdateInstructions", "UpdateSpeak", "UpdateThink", "UpdateListen":
		a.ask()
		if a.settings() {
			a.Send(wire.Event{Kind: wire.Reopened, Request: &a.Request})
		}
	case "FunctionCallResponse":
		a.toolAnswered()
	case "InjectAgentMessage":
		a.ask()
		a.isStopped = false
		e := wire.Event{Kind: wire.TextSent, Characters: a.message.Runes(agentInjected)}
		if a.Target.Content {
			e.Text = a.message.Text(agentInjected)
		}
		a.Send(e)
	case "KeepAlive", "InjectUserMessage", "History", "ForceEndTurn":
	default:
		a.NotUnderstood("event")
	}
}

func (a *agent) received() {
	switch string(a.message.Text(msgType)) {
	case "Welcome":
		if a.identify() && a.IsAsked() {
			a.Send(wire.Event{Kind: wire.Answered, ID: a.id})
		}
	case "UserStartedSpeaking":
		a.ask()
		a.Send(wire.Event{Kind: wire.SpeechStarted})
		a.interrupted()
	case "ConversationText":
		a.ask()
		a.text()
	case "AgentThinking", "AgentStartedSpeaking", "FunctionCalling":
		a.responding()
	case "FunctionCallRequest":
		a.toolsCalled()
	case "FunctionCallResponse": // Of a function that the service calls itself.
		a.toolAnswered()
	case "FunctionCallCancelled":
		for i := range a.calls {
			id := a.calls[i].id
			a.open = slices.DeleteFunc(a.open, func(c call) bool { return c.id == id })
			a.Send(wire.Event{Kind: wire.ToolCancelled, ID: id})
		}
	case "AgentAudioDone":
		a.responded("completed")
	case "Error":
		a.ask()
		a.failed("")
	case "InjectionRefused":
		a.refused()
	case "SettingsApplied", "Warning", "History", "LatencyReport", "PromptUpdated", "InstructionsUpdated",
		"SpeakUpdated", "ThinkUpdated", "ListenUpdated", "EndOfThought":
	default:
		a.NotUnderstood("event")
	}
}

// interrupted reads that the user speaks, at which the program is to drop all audio of the answer. All of it may have been
// sent by then, as it is sent faster than it is played.
func (a *agent) interrupted() {
	if a.isResponding || a.isSpoken {
		a.isSpoken = false
		a.Send(wire.Event{Kind: wire.Interrupted})
	}
	a.isStopped = a.isStopped || a.isResponding
	a.responded("cancelled")
}

// text reports what the user said, which ends the user's turn, or what the agent says.
func (a *agent) text() {
	if !a.message.Is(agentRole, "user") {
		a.responding()
		if text := a.message.Text(agentContent); a.Target.Content && len(text) > 0 {
			a.Send(wire.Event{Kind: wire.Answer, Text: text})
		}
		return
	}
	a.isStopped = false
	a.utterance.ReportOf(&a.Base, wire.Final, "", 0)
	a.Send(wire.Event{Kind: wire.Committed})
}

func (a *agent) responding() {
	a.ask()
	a.isStopped = false
	if !a.isResponding {
		a.isResponding = true
		a.Send(wire.Event{Kind: wire.Responding})
	}
}

func (a *agent) responded(how string) {
	if a.isResponding {
		a.isResponding = false
		a.Send(wire.Event{Kind: wire.Responded, Name: how})
	}
}

func (a *agent) toolsCalled() {
	a.responding()
	if id := a.message.Text(agentCallID); len(a.calls) == 0 && id != nil { // Older messages hold one call.
		a.calls = append(a.calls, call{id: string(id), name: string(a.message.Text(agentCallName))})
	}
	for i := range a.calls {
		c := &a.calls[i]
		if len(a.open) == maxCalls {
			a.open = slices.Delete(a.open, 0, 1)
		}
		a.open = append(a.open, call{id: c.id, name: c.name})
		a.Send(wire.Event{Kind: wire.ToolCalled, ID: c.id, Name: c.name})
		if a.Target.Content && len(c.arguments) > 0 {
			a.Send(wire.Event{Kind: wire.ToolArguments, Text: c.arguments})
		}
	}
}

// toolAnswered reads a result. Those of functions that the service calls itself need no ID: they are of
// the first call of the function.
func (a *agent) toolAnswered() {
	a.ask()
	id := string(a.message.Text(agentCallID))
	if id == "" {
		id = string(a.message.Text(agentID))
	}
	i := slices.IndexFunc(a.open, func(c call) bool { return c.id == id || id == "" && a.message.Is(agentCallName, c.name) })
	if i >= 0 {
		id = a.open[i].id
		a.open = slices.Delete(a.open, i, i+1)
	}
	a.Send(wire.Event{Kind: wire.ToolAnswered, ID: id})
}

// audio reports a piece of the agent's audio.
func (a *agent) audio(p []byte) {
	if a.isStopped || len(p) == 0 {
		return
	}
	a.responding()
	a.isSpoken = true
	if !a.isFormatSent {
		a.isFormatSent = true
		a.Send(wire.Event{Kind: wire.AudioFormat, Format: a.Request.Output})
	}
	a.Send(wire.Event{Kind: wire.Audio, Data: p})
}
