// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"net/http"
	"strconv"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

// The fields of a request for a chat completion.
const (
	askModel = iota
	askStream
	askTemperature
	askTopP
	askMaxTokens
	askMessages
)

// chatRequestPlan returns the plan of a request, whose messages are read only if they are wanted.
func chatRequestPlan(content bool) *jsonscan.Plan {
	fields := []jsonscan.Field{
		{Path: "model", ID: askModel},
		{Path: "stream", ID: askStream},
		{Path: "temperature", ID: askTemperature},
		{Path: "top_p", ID: askTopP},
		{Path: "max_tokens", ID: askMaxTokens},
		{Path: "max_completion_tokens", ID: askMaxTokens},
	}
	if content {
		fields = append(fields, jsonscan.Field{Path: "messages", ID: askMessages, Mode: jsonscan.Raw})
	}
	return jsonscan.NewPlan(fields...)
}

// The fields of a chat completion, streamed or not.
const (
	chatID = iota
	chatModel
	chatText
	chatToolID
	chatToolName
	chatFinish
	chatUsage
	chatError
	chatErrorType
	chatErrorCode
	chatErrorMessage
)

var (
	chatRequest        = chatRequestPlan(false)
	chatContentRequest = chatRequestPlan(true)
	chatResponse       = jsonscan.NewPlan(
		jsonscan.Field{Path: "id", ID: chatID},
		jsonscan.Field{Path: "model", ID: chatModel},
		jsonscan.Field{Path: "choices.*.delta.content", ID: chatText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "choices.*.delta.content.*.text", ID: chatText, Mode: jsonscan.Pieces}, // Mistral's parts.
		jsonscan.Field{Path: "choices.*.delta.refusal", ID: chatText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "choices.*.delta.audio.transcript", ID: chatText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "choices.*.message.content", ID: chatText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "choices.*.message.refusal", ID: chatText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "choices.*.delta.tool_calls.*.id", ID: chatToolID},
		jsonscan.Field{Path: "choices.*.delta.tool_calls.*.function.name", ID: chatToolName},
		jsonscan.Field{Path: "choices.*.message.tool_calls.*.id", ID: chatToolID},
		jsonscan.Field{Path: "choices.*.message.tool_calls.*.function.name", ID: chatToolName},
		jsonscan.Field{Path: "choices.*.finish_reason", ID: chatFinish},
		jsonscan.Field{Path: "usage", ID: chatUsage, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "x_groq.usage", ID: chatUsage, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "error", ID: chatError, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "error.type", ID: chatErrorType},
		jsonscan.Field{Path: "error.code", ID: chatErrorCode},
		jsonscan.Field{Path: "error.message", ID: chatErrorMessage},
	)
)

// chat decodes a chat completion.
type chat struct {
	wire.Base

	sent      *jsonscan.Scanner
	body      *body.Reader
	isStream  bool // The response is a stream.
	id, model string
	isNew     bool // The ID or the model was not reported.
	tools     wire.Names
	finishes  wire.Names

	// Of the current document.
	hasAnswer bool
	toolID                string
	failure               wire.Failure
}

func newChat(target *wire.Target, report wire.Report) *chat {
	c := &chat{Base: wire.NewBase(target, wire.LLM, report)}
	plan := chatRequest
	if target.Content {
		plan = chatContentRequest
	}
	c.sent = jsonscan.NewScanner(plan, c.asked)
	c.body = body.NewReader(chatResponse, c)
	return c
}

func (c *chat) asked(v *jsonscan.Value) {
	switch v.Field {
	case askModel:
		c.Request.Model = string(v.Text)
	case askStream:
		c.Request.Stream = v.Kind == jsonscan.True
	case askTemperature:
		c.Request.Temperature = v.Float()
	case askTopP:
		c.Request.TopP = v.Float()
	case askMaxTokens:
		c.Request.MaxTokens = v.Int()
	case askMessages:
		c.Request.Messages = append([]byte(nil), v.Text...)
	}
}

// Sent reads a piece of the request.
func (c *chat) Sent(p []byte) {
	if !c.IsAsked() {
		c.sent.Scan(p)
	}
}

// SentAll reports the request.
func (c *chat) SentAll() {
	if c.IsAsked() {
		return
	}
	c.Asked()
	if c.sent.Broken() {
		c.NotUnderstood("json")
	}
}

// Answered begins to read the response. A server may answer before it has read the request.
func (c *chat) Answered(_ int, h http.Header) {
	c.SentAll()
	c.isStream = c.body.Begin(h, body.Unknown) == body.Events
}

// Received reads a piece of the response.
func (c *chat) Received(p []byte) { c.body.Read(p) }

// ReceivedAll reads the end of the response.
func (c *chat) ReceivedAll() { c.body.End() }

// Value reads a value of the response.
func (c *chat) Value(v *jsonscan.Value) {
	switch v.Field {
	case chatID:
		c.isNew = wire.Set(&c.id, v.Text) || c.isNew
	case chatModel:
		c.isNew = wire.Set(&c.model, v.Text) || c.isNew
	case chatText:
		if v.Kind == jsonscan.String && len(v.Text) > 0 {
			c.hasAnswer = true
			if c.Target.Content {
				c.Send(wire.Event{Kind: wire.Answer, Text: v.Text})
			}
		}
	case chatToolID:
		c.toolID = string(v.Text)
	case chatToolName:
		c.toolCalled(v)
	case chatFinish:
		if v.Kind == jsonscan.String && len(v.Text) > 0 && c.finishes.Add(strconv.Itoa(v.Index[0])+string(v.Text)) {
			c.Send(wire.Event{Kind: wire.Finished, Name: string(v.Text)})
		}
	case chatUsage:
		c.used(v)
	default:
		c.failed(v)
	}
}

// toolCalled reports a call by its name. Some servers repeat the name in each part of a call, or
// give all calls the index 0, so that only the ID tells calls apart.
func (c *chat) toolCalled(v *jsonscan.Value) {
	id := c.toolID
	c.toolID = ""
	if len(v.Text) == 0 || v.Kind != jsonscan.String || id != "" && !c.tools.Add(id) {
		return
	}
	c.Send(wire.Event{Kind: wire.ToolCalled, ID: id, Name: string(v.Text)})
}

func (c *chat) used(v *jsonscan.Value) {
	if v.Kind != jsonscan.Object {
		return
	}
	if usage, ok := llmreport.OpenAI(v.Text); ok && !v.Cut {
		c.Send(wire.Event{Kind: wire.Used, Usage: usage})
	} else {
		c.NotUnderstood("usage")
	}
}

// failed reads a value of an error. Some servers send a text in place of the object.
func (c *chat) failed(v *jsonscan.Value) {
	switch v.Field {
	case chatError:
		c.failure.Is = c.failure.Is || v.Kind == jsonscan.Object || v.Kind == jsonscan.String
		if v.Kind == jsonscan.String {
			c.failure.Message = string(v.Text)
		}
	case chatErrorType:
		if c.failure.Class == "" {
			wire.Set(&c.failure.Class, v.Text)
		}
	case chatErrorCode: // It is more exact than the type, but may be null or a number.
		if v.Kind == jsonscan.String {
			wire.Set(&c.failure.Class, v.Text)
		}
	case chatErrorMessage:
		wire.Set(&c.failure.Message, v.Text)
	}
}

// Document reports what the whole document says. Most documents are chunks of a stream.
func (c *chat) Document([]byte) {
	if c.isNew {
		c.Send(wire.Event{Kind: wire.Answered, ID: c.id, Name: c.model})
	}
	if c.isStream && !c.failure.Is {
		kind := wire.Chunk
		if c.hasAnswer {
			kind = wire.Token
		}
		c.Send(wire.Event{Kind: kind})
	}
	if c.failure.Is {
		c.Send(c.failure.Event())
	}
	c.isNew, c.hasAnswer, c.toolID, c.failure = false, false, "", wire.Failure{}
}

// Done reports the end of the stream.
func (c *chat) Done() { c.Send(wire.Event{Kind: wire.Ended}) }

// Audio reports that a chat completion is no audio.
func (c *chat) Audio([]byte) { c.NotUnderstood("content") }
