// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package ollama decodes the own API of Ollama: chats and completions, streamed or not. Its
// reference is https://docs.ollama.com/api. A stream is JSON documents that follow each other.
// Ollama streams unless the request says otherwise.
package ollama

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
)

const provider = "ollama"

// New returns the decoder of a request, or nil if the decoder does not read its path. Other servers
// have the path "/api/chat", too; New does not check the host.
func New(target *wire.Target, report wire.Report) wire.Exchange {
	isChat := strings.HasSuffix(target.Path, "/api/chat") || strings.HasSuffix(target.Path, "/api/generate")
	if target.Method != http.MethodPost || !isChat {
		return nil
	}
	return newChat(target, report)
}

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
		{Path: "options.temperature", ID: askTemperature},
		{Path: "options.top_p", ID: askTopP},
		{Path: "options.num_predict", ID: askMaxTokens},
	}
	if content {
		fields = append(fields,
			jsonscan.Field{Path: "messages", ID: askMessages, Mode: jsonscan.Raw},
			jsonscan.Field{Path: "prompt", ID: askMessages, Mode: jsonscan.Raw},
			jsonscan.Field{Path: "system", ID: askSystem, Mode: jsonscan.Raw})
	}
	return jsonscan.NewPlan(fields...)
}

// The fields of a response.
const (
	replyModel = iota
	replyBegin
	replyText
	toolBegin
	toolID
	toolName
	toolArguments
	replyDone
	doneReason
	promptCount
	answerCount
	errorBegin
	errorMessage
)

var (
	plainRequest   = requestPlan(false)
	contentRequest = requestPlan(true)

	response = jsonscan.NewPlan(
		jsonscan.Field{Path: "model", ID: replyModel},
		jsonscan.Field{Path: "message", ID: replyBegin, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "message.content", ID: replyText, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "message.tool_calls.*", ID: toolBegin, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "message.tool_calls.*.id", ID: toolID},
		jsonscan.Field{Path: "message.tool_calls.*.function.name", ID: toolName},
		jsonscan.Field{Path: "message.tool_calls.*.function.arguments", ID: toolArguments, Mode: jsonscan.Raw},
		jsonscan.Field{Path: "response", ID: replyText, Mode: jsonscan.Pieces}, // Of a completion.
		jsonscan.Field{Path: "done", ID: replyDone},
		jsonscan.Field{Path: "done_reason", ID: doneReason},
		jsonscan.Field{Path: "prompt_eval_count", ID: promptCount},
		jsonscan.Field{Path: "eval_count", ID: answerCount},
		jsonscan.Field{Path: "error", ID: errorBegin, Mode: jsonscan.Begin}, // Usually a text.
		jsonscan.Field{Path: "error.message", ID: errorMessage},
	)
)

// chat decodes a chat or a completion.
type chat struct {
	wire.Base

	sent     *jsonscan.Scanner
	body     *body.Reader
	model    string
	isNew    bool // The model was not reported.
	finishes wire.Names

	// Of the current document.
	hasReply, hasAnswer, isDone bool
	usage                       llmreport.Usage
	toolID, toolName            string
	arguments                   []byte // At most jsonscan.MaxRaw bytes, and empty without content.
	failure                     wire.Failure
}

func newChat(target *wire.Target, report wire.Report) *chat {
	c := &chat{Base: wire.NewBase(target, wire.LLM, report)}
	if c.Request.Provider == "" {
		c.Request.Provider = provider
	}
	c.Request.Stream = true
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
		c.Request.Stream = v.Kind != jsonscan.False
	case askTemperature:
		c.Request.Temperature = v.Float()
	case askTopP:
		c.Request.TopP = v.Float()
	case askMaxTokens: // It is negative for no limit.
		if n := v.Int(); n != nil && *n >= 0 {
			c.Request.MaxTokens = n
		}
	case askMessages:
		c.Request.Messages = append([]byte(nil), v.Text...)
	case askSystem:
		c.Request.System = append([]byte(nil), v.Text...)
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
	c.body.Begin(h, body.Unknown)
}

// Received reads a piece of the response.
func (c *chat) Received(p []byte) { c.body.Read(p) }

// ReceivedAll reads the end of the response.
func (c *chat) ReceivedAll() { c.body.End() }

// Value reads a value of the response.
func (c *chat) Value(v *jsonscan.Value) {
	switch v.Field {
	case replyModel:
		c.isNew = v.Kind == jsonscan.String && wire.Set(&c.model, v.Text) || c.isNew
	case replyBegin:
		c.hasReply = v.Kind == jsonscan.Object
	case replyText:
		c.hasReply = true
		if v.Kind == jsonscan.String && len(v.Text) > 0 {
			c.hasAnswer = true
			if c.Target.Content {
				c.Send(wire.Event{Kind: wire.Answer, Text: v.Text})
			}
		}
	case toolBegin:
		c.endTool()
	case toolID:
		wire.Set(&c.toolID, v.Text)
	case toolName:
		wire.Set(&c.toolName, v.Text)
	case toolArguments:
		if c.Target.Content {
			c.arguments = append(c.arguments[:0], v.Text...)
		}
	case replyDone:
		c.isDone = v.Kind == jsonscan.True
	case doneReason:
		if v.Kind == jsonscan.String && len(v.Text) > 0 && c.finishes.AddText(v.Text) {
			c.Send(wire.Event{Kind: wire.Finished, Name: string(v.Text)})
		}
	case promptCount:
		c.usage.InputTokens = count(v)
	case answerCount:
		c.usage.OutputTokens = count(v)
	default:
		c.failed(v)
	}
}

// count returns a count of tokens, or -1 if the value is none.
func count(v *jsonscan.Value) int {
	if v.Kind == jsonscan.Null {
		return 0
	}
	if n := v.Int(); n != nil {
		return *n
	}
	return -1
}

// endTool reports the call of a tool when the whole of it is known.
func (c *chat) endTool() {
	if c.toolName != "" {
		c.Send(wire.Event{Kind: wire.ToolCalled, ID: c.toolID, Name: c.toolName})
		if len(c.arguments) > 0 {
			c.Send(wire.Event{Kind: wire.ToolArguments, Text: c.arguments})
		}
	}
	c.toolID, c.toolName, c.arguments = "", "", c.arguments[:0]
}

func (c *chat) failed(v *jsonscan.Value) {
	c.failure.Is = c.failure.Is || v.Kind == jsonscan.Object || v.Kind == jsonscan.String
	if v.Kind == jsonscan.String {
		c.failure.Message = string(v.Text)
	}
}

// Document reports what the whole document says. Most documents are chunks of a stream.
func (c *chat) Document([]byte) {
	c.endTool()
	if c.isNew {
		c.Send(wire.Event{Kind: wire.Answered, Name: c.model})
	}
	if c.Request.Stream && c.hasReply {
		kind := wire.Chunk
		if c.hasAnswer {
			kind = wire.Token
		}
		c.Send(wire.Event{Kind: kind})
	}
	if c.usage != (llmreport.Usage{}) {
		c.Send(wire.Event{Kind: wire.Used, Usage: c.usage})
	}
	if c.failure.Is {
		c.Send(c.failure.Event())
	}
	if c.isDone {
		c.Send(wire.Event{Kind: wire.Ended})
	}
	c.isNew, c.hasReply, c.hasAnswer, c.isDone = false, false, false, false
	c.usage, c.failure = llmreport.Usage{}, wire.Failure{}
}

// Done reads "[DONE]", which Ollama does not send.
func (c *chat) Done() {}

// Audio reports that a chat is no audio.
func (c *chat) Audio([]byte) { c.NotUnderstood("content") }
