// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package anthropic

import (
	"net/http"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// The fields of a request.
const (
	askModel = iota
	askStream
	askTemperature
	askTopP
	askMaxTokens
	askMessages
	askSystem
)

// requestPlan returns the plan of a request, whose messages are read only if they are wanted.
func requestPlan(content bool) *jsonscan.Plan {
	fields := []jsonscan.Field{
		{Path: "model", ID: askModel},
		{Path: "stream", ID: askStream},
		{Path: "temperature", ID: askTemperature},
		{Path: "top_p", ID: askTopP},
		{Path: "max_tokens", ID: askMaxTokens},
	}
	if content {
		fields = append(fields,
			jsonscan.Field{Path: "messages", ID: askMessages, Mode: jsonscan.Raw},
			jsonscan.Field{Path: "system", ID: askSystem, Mode: jsonscan.Raw})
	}
	return jsonscan.NewPlan(fields...)
}

// The fields of a message and of the events of a stream. A part is an element of a message's
// content.
const (
	eventType = iota
	messageID
	messageModel
	messageUsage
	partBegin
	partType
	partID
	partName
	partText
	partInput
	inputPiece
	stopReason
	errorBegin
	errorClass
	errorMessage
)

var (
	plainRequest   = requestPlan(false)
	contentRequest = requestPlan(true)

	// response is a list plan because Vertex AI sends its errors in an array.
	response = jsonscan.NewListPlan(
		jsonscan.Field{Path: "type", ID: eventType},
		jsonscan.Field{Path: "id", ID: messageID},
		jsonscan.Field{Path: "model", ID: messageModel},
		jsonscan.Field{Path: "usage", ID: messageUsage, Mode: jsonscan.Raw}, // Of a message and of message_delta.
		jsonscan.Field{Path: "stop_reason", ID: stopReason},
		jsonscan.Field{Path: "content.*", ID: partBegin, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "content.*.type", ID: partType},
		jsonscan.Field{Path: "content.*.id", ID: partID},
		jsonscan.Field{Path: "content.*.name", ID: partName},
		jsonscan.Field{Path: "content.*.text", ID: partText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "content.*.input", ID: partInput, Mode: jsonscan.Raw},

		jsonscan.Field{Path: "message", ID: errorMessage, Mode: jsonscan.Begin}, // Bedrock's error is a text.
		jsonscan.Field{Path: "message.id", ID: messageID},
		jsonscan.Field{Path: "message.model", ID: messageModel},
		jsonscan.Field{Path: "message.usage", ID: messageUsage, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "content_block.type", ID: partType},
		jsonscan.Field{Path: "content_block.id", ID: partID},
		jsonscan.Field{Path: "content_block.name", ID: partName},
		jsonscan.Field{Path: "content_block.text", ID: partText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "content_block.to.model", ID: messageModel}, // It goes on after another one declined.
		jsonscan.Field{Path: "delta.text", ID: partText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "delta.partial_json", ID: inputPiece, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "delta.stop_reason", ID: stopReason},

		jsonscan.Field{Path: "error", ID: errorBegin, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "error.type", ID: errorClass},
		jsonscan.Field{Path: "error.status", ID: errorClass}, // Of Vertex AI.
		jsonscan.Field{Path: "error.message", ID: errorMessage},
	)
)

// An event is the type of a stream's event.
type event uint8

const (
	otherEvent event = iota // A ping, an error, a message that is not streamed.
	chunkEvent              // It is of the answer. SDKs return each.
	stopEvent               // It ends the stream.
)

func eventOf(name []byte) event {
	switch string(name) {
	case "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta":
		return chunkEvent
	case "message_stop":
		return stopEvent
	}
	return otherEvent
}

// messages decodes a request for a message.
type messages struct {
	wire.Base

	sent      *jsonscan.Scanner
	body      *body.Reader
	id, model string
	isNew     bool // The ID or the model was not reported.
	finishes  wire.Names
	header    string // The class of an error, by the headers.
	isError   bool   // The status is that of an error.
	inTool    bool   // The last part of the content was the call of a tool.

	// Of the current document.
	event     event
	hasAnswer bool
	part      part
	failure   wire.Failure
}

// A part is what is known of the current element of the content.
type part struct {
	isTool   bool
	id, name string
	input    []byte // At most jsonscan.MaxRaw bytes, and empty without content.
}

func newMessages(target *wire.Target, r request, report wire.Report) *messages {
	m := &messages{Base: wire.NewBase(target, wire.LLM, report)}
	if m.Request.Provider == "" {
		m.Request.Provider = r.provider
	}
	m.Request.Model, m.Request.Stream = r.model, r.isStream
	plan := plainRequest
	if target.Content {
		plan = contentRequest
	}
	m.sent = jsonscan.NewScanner(plan, m.asked)
	m.body = body.NewReader(response, m)
	return m
}

func (m *messages) asked(v *jsonscan.Value) {
	switch v.Field {
	case askModel:
		m.Request.Model = string(v.Text)
	case askStream:
		m.Request.Stream = v.Kind == jsonscan.True || m.Request.Stream
	case askTemperature:
		m.Request.Temperature = v.Float()
	case askTopP:
		m.Request.TopP = v.Float()
	case askMaxTokens:
		m.Request.MaxTokens = v.Int()
	case askMessages:
		m.Request.Messages = append([]byte(nil), v.Text...)
	case askSystem:
		m.Request.System = append([]byte(nil), v.Text...)
	}
}

// Sent reads a piece of the request.
func (m *messages) Sent(p []byte) {
	if !m.IsAsked() {
		m.sent.Scan(p)
	}
}

// SentAll reports the request.
func (m *messages) SentAll() {
	if m.IsAsked() {
		return
	}
	m.Asked()
	if m.sent.Broken() {
		m.NotUnderstood("json")
	}
}

// Answered begins to read the response. A server may answer before it has read the request.
func (m *messages) Answered(status int, h http.Header) {
	m.SentAll()
	m.isError, m.header = status >= http.StatusBadRequest, bedrockError(h)
	m.body.Begin(h, body.Untyped(h, m.Request.Stream && !m.isError))
}

// Received reads a piece of the response.
func (m *messages) Received(p []byte) { m.body.Read(p) }

// ReceivedAll reads the end of the response.
func (m *messages) ReceivedAll() { m.body.End() }

// Value reads a value of the response.
func (m *messages) Value(v *jsonscan.Value) {
	switch v.Field {
	case eventType:
		m.event = eventOf(v.Text)
	case messageID:
		m.isNew = v.Kind == jsonscan.String && wire.Set(&m.id, v.Text) || m.isNew
	case messageModel:
		m.isNew = v.Kind == jsonscan.String && wire.Set(&m.model, v.Text) || m.isNew
	case messageUsage:
		m.used(v)
	case partBegin:
		m.endPart()
	case partType: // The provider itself runs tools of other types: server_tool_use, mcp_tool_use.
		m.part.isTool = string(v.Text) == "tool_use"
		m.inTool = m.part.isTool
	case partID:
		wire.Set(&m.part.id, v.Text)
	case partName:
		wire.Set(&m.part.name, v.Text)
	case partText:
		if v.Kind == jsonscan.String && len(v.Text) > 0 {
			m.hasAnswer = true
			if m.Target.Content {
				m.Send(wire.Event{Kind: wire.Answer, Text: v.Text})
			}
		}
	case partInput:
		if m.Target.Content {
			m.part.input = append(m.part.input[:0], v.Text...)
		}
	case inputPiece:
		if m.inTool {
			m.arguments(v.Text)
		}
	case stopReason:
		if v.Kind == jsonscan.String && len(v.Text) > 0 && m.finishes.Add(string(v.Text)) {
			m.Send(wire.Event{Kind: wire.Finished, Name: string(v.Text)})
		}
	default:
		m.failed(v)
	}
}

// endPart reports the call of a tool when the whole part is known.
func (m *messages) endPart() {
	if m.part.isTool && m.part.name != "" {
		m.Send(wire.Event{Kind: wire.ToolCalled, ID: m.part.id, Name: m.part.name})
		m.arguments(m.part.input)
	}
	m.part = part{input: m.part.input[:0]}
}

func (m *messages) arguments(piece []byte) {
	if m.Target.Content && len(piece) > 0 {
		m.Send(wire.Event{Kind: wire.ToolArguments, Text: piece})
	}
}

func (m *messages) used(v *jsonscan.Value) {
	if v.Kind != jsonscan.Object {
		return
	}
	if usage, ok := llmreport.Anthropic(v.Text); ok && !v.Cut {
		m.Send(wire.Event{Kind: wire.Used, Usage: usage})
	} else {
		m.NotUnderstood("usage")
	}
}

// failed reads a value of an error.
func (m *messages) failed(v *jsonscan.Value) {
	switch v.Field {
	case errorBegin:
		m.failure.Is = m.failure.Is || v.Kind == jsonscan.Object || v.Kind == jsonscan.String
		if v.Kind == jsonscan.String {
			m.failure.Message = string(v.Text)
		}
	case errorClass:
		if v.Kind == jsonscan.String {
			wire.Set(&m.failure.Class, v.Text)
		}
	case errorMessage:
		if v.Kind == jsonscan.String {
			m.failure.Is = m.failure.Is || m.isError
			wire.Set(&m.failure.Message, v.Text)
		}
	}
}

// Document reports what the whole document says. Most documents are events of a stream.
func (m *messages) Document([]byte) {
	m.endPart()
	if m.isNew {
		m.Send(wire.Event{Kind: wire.Answered, ID: m.id, Name: m.model})
	}
	switch {
	case m.event == stopEvent:
		m.Send(wire.Event{Kind: wire.Chunk})
		m.Send(wire.Event{Kind: wire.Ended})
	case m.event == chunkEvent && m.hasAnswer:
		m.Send(wire.Event{Kind: wire.Token})
	case m.event == chunkEvent:
		m.Send(wire.Event{Kind: wire.Chunk})
	}
	if m.failure.Is {
		if m.failure.Class == "" {
			m.failure.Class = m.header
		}
		m.Send(m.failure.Event())
	}
	m.event, m.isNew, m.hasAnswer, m.failure = otherEvent, false, false, wire.Failure{}
}

// Done reads "[DONE]", which only servers of several protocols send, after message_stop.
func (m *messages) Done() {}

// Audio reports that a message is no audio.
func (m *messages) Audio([]byte) { m.NotUnderstood("content") }
