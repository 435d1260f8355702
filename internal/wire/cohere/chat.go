// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package cohere decodes version 2 of Cohere's chat API, streamed or not. Its reference is
// https://docs.cohere.com/reference/chat. The response does not name the model.
package cohere

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

const provider = "cohere"

// New returns the decoder of a request, or nil if the decoder does not read its path. Other servers
// may have the path "/v2/chat", too; New does not check the host.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	if target.Method != http.MethodPost || !strings.HasSuffix(target.Path, "/v2/chat") {
		return nil
	}
	return newChat(target, report)
}

// chat decodes a chat.
type chat struct {
	wire.Base

	sent     *jsonscan.Scanner
	body     *body.Reader
	id       string
	isNew    bool // The ID was not reported.
	isError  bool // The status is that of an error.
	finishes wire.Names

	// Of the current document.
	event     event
	hasAnswer bool
	tool      tool
	usage     usage
	failure   wire.Failure
}

// A tool is what is known of the current call.
type tool struct {
	id, name  string
	arguments []byte // At most jsonscan.MaxRaw bytes, and empty without content.
}

// A usage is the tokens of a chat. Those that are billed exclude what Cohere adds to the prompt.
type usage struct{ input, output, billedInput, billedOutput, cached int }

func (u usage) usage() llmreport.Usage {
	if u.input == 0 && u.output == 0 {
		u.input, u.output = u.billedInput, u.billedOutput
	}
	return llmreport.Usage{InputTokens: u.input, OutputTokens: u.output, CacheReadInputTokens: u.cached}
}

// An event is the type of a stream's event.
type event uint8

const (
	otherEvent event = iota // The end of a part, or a chat that is not streamed.
	chunkEvent              // It holds a part of the answer.
	endEvent                // It ends the stream.
)

func eventOf(name []byte) event {
	switch string(name) {
	case "message-start", "content-start", "content-delta", "tool-plan-delta", "tool-call-start", "tool-call-delta", "citation-start":
		return chunkEvent
	case "message-end":
		return endEvent
	}
	return otherEvent
}

func newChat(target *wire.Target, report wire.Report) *chat {
	c := &chat{Base: wire.NewBase(target, wire.LLM, report)}
	if c.Request.Provider == "" {
		c.Request.Provider = provider
	}
	plan := plainRequest
	if target.Content {
		plan = contentRequest
	}
	c.sent = jsonscan.NewScanner(plan, c.asked)
	c.body = body.NewReader(response, c)
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
func (c *chat) Answered(status int, h http.Header) {
	c.SentAll()
	c.isError = status >= http.StatusBadRequest
	c.body.Begin(h, body.Untyped(h, c.Request.Stream && !c.isError))
}

// Received reads a piece of the response.
func (c *chat) Received(p []byte) { c.body.Read(p) }

// ReceivedAll reads the end of the response.
func (c *chat) ReceivedAll() { c.body.End() }

// Value reads a value of the response.
func (c *chat) Value(v *jsonscan.Value) {
	switch v.Field {
	case eventType:
		c.event = eventOf(v.Text)
	case chatID: // That of an error is not the ID of a chat.
		c.isNew = !c.isError && v.Kind == jsonscan.String && wire.Set(&c.id, v.Text) || c.isNew
	case chatText:
		if v.Kind == jsonscan.String && len(v.Text) > 0 {
			c.hasAnswer = true
			if c.Target.Content {
				c.Send(wire.Event{Kind: wire.Answer, Text: v.Text})
			}
		}
	case toolBegin:
		c.endTool()
	case toolID:
		wire.Set(&c.tool.id, v.Text)
	case toolName:
		wire.Set(&c.tool.name, v.Text)
	case toolArguments:
		if room := jsonscan.MaxRaw - len(c.tool.arguments); c.Target.Content && v.Kind == jsonscan.String {
			c.tool.arguments = append(c.tool.arguments, v.Text[:min(len(v.Text), room)]...)
		}
	case finishReason:
		if v.Kind == jsonscan.String && len(v.Text) > 0 && c.finishes.AddText(v.Text) {
			c.Send(wire.Event{Kind: wire.Finished, Name: string(v.Text)})
		}
	case inputTokens:
		c.usage.input = count(v)
	case outputTokens:
		c.usage.output = count(v)
	case billedInputTokens:
		c.usage.billedInput = count(v)
	case billedOutputTokens:
		c.usage.billedOutput = count(v)
	case cachedTokens:
		c.usage.cached = count(v)
	case errorMessage:
		c.failed(v)
	}
}

// failed reads the text of an error, which is the message of a response with the status of an
// error, or in the last event of a stream.
func (c *chat) failed(v *jsonscan.Value) {
	if v.Kind == jsonscan.String && (c.isError || c.event == endEvent) {
		c.failure.Is = true
		wire.Set(&c.failure.Message, v.Text)
	}
}

// endTool reports a call, or the next piece of the arguments of the last one.
func (c *chat) endTool() {
	if c.tool.name != "" {
		c.Send(wire.Event{Kind: wire.ToolCalled, ID: c.tool.id, Name: c.tool.name})
	}
	if len(c.tool.arguments) > 0 {
		c.Send(wire.Event{Kind: wire.ToolArguments, Text: c.tool.arguments})
	}
	c.tool = tool{arguments: c.tool.arguments[:0]}
}

// Document reports what the whole document says. Most documents are events of a stream.
func (c *chat) Document([]byte) {
	c.endTool()
	if c.isNew {
		c.Send(wire.Event{Kind: wire.Answered, ID: c.id})
	}
	if u := c.usage.usage(); u != (llmreport.Usage{}) {
		c.Send(wire.Event{Kind: wire.Used, Usage: u})
	}
	if c.failure.Is {
		c.Send(c.failure.Event())
	}
	switch {
	case c.event == endEvent:
		c.Send(wire.Event{Kind: wire.Ended})
	case c.event == chunkEvent && c.hasAnswer:
		c.Send(wire.Event{Kind: wire.Token})
	case c.event == chunkEvent:
		c.Send(wire.Event{Kind: wire.Chunk})
	}
	c.event, c.isNew, c.hasAnswer, c.usage, c.failure = otherEvent, false, false, usage{}, wire.Failure{}
}

// Done reads "[DONE]", which follows message-end.
func (c *chat) Done() {}

// Audio reports that a chat is no audio.
func (c *chat) Audio([]byte) { c.NotUnderstood("content") }
