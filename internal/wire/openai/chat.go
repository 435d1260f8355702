// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/body"
	"github.com/voice-agents/telemetry/internal/wire/errorbody"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// The fields of a request for a completion.
const (
	askModel = iota
	askStream
	askTemperature
	askTopP
	askMaxTokens
	askMessages
	askSystem
)

// requestPlan returns the plan of a request to a language model, whose messages are read only if
// they are wanted.
func requestPlan(content bool, messages ...jsonscan.Field) *jsonscan.Plan {
	fields := []jsonscan.Field{
		{Path: "model", ID: askModel},
		{Path: "stream", ID: askStream},
		{Path: "temperature", ID: askTemperature},
		{Path: "top_p", ID: askTopP},
		{Path: "max_tokens", ID: askMaxTokens},
		{Path: "max_completion_tokens", ID: askMaxTokens}, // Of chat completions.
		{Path: "max_output_tokens", ID: askMaxTokens},     // Of responses.
	}
	if content {
		fields = append(fields, messages...)
	}
	return jsonscan.NewPlan(fields...)
}

// The fields of a completion, streamed or not.
const (
	chatID = iota
	chatGroqID
	chatModel
	chatChoice
	chatIndex
	chatText
	chatDelta
	chatMessage
	chatAudio
	chatTool
	chatToolID
	chatToolName
	chatToolInput
	chatFunction
	chatFinish
)

var (
	chatMessages = []jsonscan.Field{
		{Path: "messages", ID: askMessages, Mode: jsonscan.Raw},
		{Path: "prompt", ID: askMessages, Mode: jsonscan.Raw}, // Of completions.
	}
	chatRequest        = requestPlan(false)
	chatContentRequest = requestPlan(true, chatMessages...)
	chatResponse       = chatPlan(false)
	chatContent        = chatPlan(true)
)

// chatPlan returns the plan of a completion. The inputs of tools are read only if they are wanted.
func chatPlan(content bool) *jsonscan.Plan {
	fields := append(
		usageFields("usage", "choices.*.usage", "x_groq.usage"), // In a choice of Moonshot.
		jsonscan.Field{Path: "id", ID: chatID},
		jsonscan.Field{Path: "model", ID: chatModel},
		jsonscan.Field{Path: "choices.*", ID: chatChoice, Mode: jsonscan.Begin},
		jsonscan.Field{Path: "choices.*.index", ID: chatIndex},
		jsonscan.Field{Path: "choices.*.text", ID: chatText, Mode: jsonscan.Pieces},                  // Of completions.
		jsonscan.Field{Path: "choices.*.delta.content.*.text", ID: chatDelta, Mode: jsonscan.Pieces}, // Of Mistral.
		jsonscan.Field{Path: "choices.*.delta.audio.data", ID: chatAudio, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "choices.*.message.content.*.text", ID: chatMessage, Mode: jsonscan.Pieces},
		jsonscan.Field{Path: "choices.*.finish_reason", ID: chatFinish},
		jsonscan.Field{Path: "choices.*.error", ID: errorbody.Begin, Mode: jsonscan.Begin}, // Of OpenRouter.
		jsonscan.Field{Path: "choices.*.error.code", ID: errorbody.Code},
		jsonscan.Field{Path: "choices.*.error.message", ID: errorbody.Message},
		jsonscan.Field{Path: "x_groq.id", ID: chatGroqID},
		jsonscan.Field{Path: "x_groq.error", ID: errorbody.Begin, Mode: jsonscan.Begin},
	)
	for _, in := range []jsonscan.Field{{Path: "choices.*.delta.", ID: chatDelta}, {Path: "choices.*.message.", ID: chatMessage}} {
		path, text := in.Path, in.ID
		fields = append(
			fields,
			jsonscan.Field{Path: path + "content", ID: text, Mode: jsonscan.Pieces},
			jsonscan.Field{Path: path + "refusal", ID: text, Mode: jsonscan.Pieces},
			jsonscan.Field{Path: path + "audio.transcript", ID: text, Mode: jsonscan.Pieces},
			jsonscan.Field{Path: path + "tool_calls.*", ID: chatTool, Mode: jsonscan.Begin},
			jsonscan.Field{Path: path + "tool_calls.*.id", ID: chatToolID},
			jsonscan.Field{Path: path + "tool_calls.*.function.name", ID: chatToolName},
			jsonscan.Field{Path: path + "tool_calls.*.custom.name", ID: chatToolName},
			jsonscan.Field{Path: path + "function_call.name", ID: chatFunction},
		)
		if content {
			fields = append(
				fields,
				jsonscan.Field{Path: path + "tool_calls.*.function.arguments", ID: chatToolInput, Mode: jsonscan.Pieces},
				jsonscan.Field{Path: path + "tool_calls.*.custom.input", ID: chatToolInput, Mode: jsonscan.Pieces},
				jsonscan.Field{Path: path + "function_call.arguments", ID: chatToolInput, Mode: jsonscan.Pieces},
			)
		}
	}
	return errorbody.Plan(fields...)
}

// chat decodes a chat completion or a completion.
type chat struct {
	exchange

	isChat    bool // It is a chat completion.
	id, model string
	groqID    string
	isNew     bool // The ID or the model was not reported.
	tools     toolCalls
	finishes  wire.Names
	usage     usageReader

	// Of the current document.
	hasChoices, hasAnswer bool
	// Of the current choice.
	index  int
	finish []byte
	tool   toolCall
}

func newChat(target *wire.Target, report wire.Report) *chat {
	c := &chat{exchange: newExchange(target, wire.LLM, report), isChat: strings.Contains(target.Path, "/chat/")}
	asked, response := chatRequest, chatResponse
	if target.Content {
		asked, response = chatContentRequest, chatContent
	}
	c.sent = jsonscan.NewScanner(asked, c.asked)
	c.body = body.NewReader(response, c)
	return c
}

// asked reads a value of a request to a language model.
func (x *exchange) asked(v *jsonscan.Value) {
	switch v.Field {
	case askModel:
		x.Request.Model = string(v.Text)
	case askStream:
		x.Request.Stream = v.Kind == jsonscan.True
	case askTemperature:
		x.Request.Temperature = v.Float()
	case askTopP:
		x.Request.TopP = v.Float()
	case askMaxTokens:
		if n := v.Int(); n != nil {
			x.Request.MaxTokens = n
		}
	case askMessages:
		x.Request.Messages = append([]byte(nil), v.Text...)
	case askSystem:
		x.Request.System = append([]byte(nil), v.Text...)
	}
}

// Value reads a value of the response.
func (c *chat) Value(v *jsonscan.Value) {
	switch v.Field {
	case chatID:
		c.isNew = set(&c.id, v.Text) || c.isNew
	case chatGroqID:
		set(&c.groqID, v.Text)
	case chatModel:
		c.isNew = set(&c.model, v.Text) || c.isNew
	case chatChoice:
		c.endChoice()
		if c.id != "" && c.model != "" {
			c.answered()
		}
		c.hasChoices, c.index = true, v.Index[0]
	case chatIndex:
		if n, err := strconv.Atoi(string(v.Text)); err == nil { // v.Int allocates.
			c.index = n
		}
	case chatText:
		if !c.isChat { // Together repeats the delta there.
			c.text(v)
		}
	case chatDelta:
		c.text(v)
	case chatMessage:
		if !c.isEvent { // Perplexity repeats the answer so far in each chunk.
			c.text(v)
		}
	case chatAudio:
		c.hasAnswer = c.hasAnswer || len(v.Text) > 0
	case chatTool:
		c.endTool()
	case chatToolID, chatToolName, chatFunction, chatToolInput:
		c.inTool(v)
	case chatFinish:
		if v.Kind == jsonscan.String {
			c.finish = append(c.finish[:0], v.Text...)
		}
	default:
		if !c.usage.read(v) {
			c.failure.Read(v, c.status)
		}
	}
}

func (c *chat) text(v *jsonscan.Value) {
	if v.Kind != jsonscan.String || len(v.Text) == 0 {
		return
	}
	c.hasAnswer = true
	if c.Target.Content {
		c.Send(wire.Event{Kind: wire.Answer, Text: v.Text})
	}
}

// inTool reads a part of a call. Most servers send the ID before the name, and Google sends it behind.
func (c *chat) inTool(v *jsonscan.Value) {
	switch {
	case v.Kind != jsonscan.String:
	case v.Field == chatToolID:
		c.tool.id = append(c.tool.id[:0], v.Text...)
	case v.Field == chatToolInput:
		c.tool.addInput(v.Text)
	default:
		c.tool.name = append(c.tool.name[:0], v.Text...)
	}
}

// endTool reports a call or a part of one.
func (c *chat) endTool() {
	c.tools.report(&c.Base, &c.tool)
	c.tool.reset()
}

// endChoice reports what is known of a choice when the next begins or the document ends.
func (c *chat) endChoice() {
	c.endTool()
	if len(c.finish) > 0 && c.finishes.Add(strconv.Itoa(c.index)+" "+string(c.finish)) {
		c.Send(wire.Event{Kind: wire.Finished, Name: string(c.finish)})
	}
	c.finish = c.finish[:0]
}

func (c *chat) answered() {
	if c.isNew {
		c.isNew = false
		c.Send(wire.Event{Kind: wire.Answered, ID: c.id, Name: c.model})
	}
}

// Document reports what the whole document says. Most documents are chunks of a stream.
func (c *chat) Document([]byte) {
	if c.id == "" && c.groqID != "" {
		c.id, c.isNew = c.groqID, true
	}
	c.answered()
	if c.isEvent && (c.hasChoices || !c.failure.Is(c.status)) { // The last chunk, of the usage, has no choices.
		kind := wire.Chunk
		if c.hasAnswer {
			kind = wire.Token
		}
		c.Send(wire.Event{Kind: kind})
	}
	c.endChoice()
	c.usage.end(&c.Base)
	c.fail()
	c.hasChoices, c.hasAnswer = false, false
}
