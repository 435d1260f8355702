// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package llmreport

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// RawChunk is a chunk of an SDK that keeps the JSON that the provider sent.
type RawChunk interface{ RawJSON() string }

// IsAnswer reports whether a chunk holds a token of the answer. Chunks of an unknown shape
// count as answer.
func IsAnswer(chunk any) bool {
	switch chunk := chunk.(type) {
	case string:
		return chunk != ""
	case []byte:
		return len(chunk) > 0
	}
	v := reflect.ValueOf(chunk)
	if !v.IsValid() || v.IsZero() {
		return false
	}
	var data []byte
	if raw, ok := chunk.(RawChunk); ok {
		data = []byte(raw.RawJSON())
	}
	if len(data) == 0 {
		var ok bool
		if data, ok = reportJSON(chunk); !ok {
			return true
		}
	}
	var shape chunkShape
	if json.Unmarshal(data, &shape) != nil {
		return true // Not a provider's chunk.
	}
	return shape.answer(data)
}

// Of returns the usage that a chunk with a method RawJSON reports. Most chunks have no
// usage; Of does not decode them.
func Of(chunk any) (u Usage, ok bool) {
	raw, ok := chunk.(RawChunk)
	if !ok {
		return Usage{}, true
	}
	text := raw.RawJSON()
	if !reportsUsage(text) {
		return Usage{}, true
	}
	if strings.Contains(text, `"message_start"`) || strings.Contains(text, `"message_delta"`) {
		return Anthropic(text)
	}
	return OpenAI(text)
}

// reportsUsage reports whether a chunk has a usage that is not null.
func reportsUsage(text string) bool {
	const key = `"usage"`
	for {
		_, after, found := strings.Cut(text, key)
		if !found {
			return false
		}
		if value, ok := strings.CutPrefix(strings.TrimLeft(after, " \t\r\n"), ":"); ok && strings.HasPrefix(strings.TrimLeft(value, " \t\r\n"), "{") {
			return true
		}
		text = after
	}
}

// chunkShape has the fields of providers' chunks that hold the answer.
type chunkShape struct {
	Type   string          `json:"type"`   // Of OpenAI's responses and realtime, and of Anthropic.
	Delta  json.RawMessage `json:"delta"`  // A text, or Anthropic's object.
	Object string          `json:"object"` // Of chat completions and completions.
	Error  json.RawMessage `json:"error"`  // Of all, in the middle of a stream.

	Choices []struct { // Of chat completions.
		Delta struct {
			Content json.RawMessage `json:"content"` // A text, or Mistral's parts.
			Refusal string          `json:"refusal"`
			Audio   *struct {
				Data       string `json:"data"`
				Transcript string `json:"transcript"`
			} `json:"audio"`
		} `json:"delta"`
		Text string `json:"text"` // Of completions.
	} `json:"choices"`

	Candidates []struct { // Of Gemini.
		Content geminiContent `json:"content"`
	} `json:"candidates"`
	ServerContent *struct { // Of Gemini's live sessions.
		ModelTurn     geminiContent `json:"modelTurn"`
		Transcription struct {
			Text string `json:"text"`
		} `json:"outputTranscription"`
	} `json:"serverContent"`

	Done     *bool           `json:"done"`     // Of Ollama.
	Message  json.RawMessage `json:"message"`  // Of Ollama's chat.
	Response json.RawMessage `json:"response"` // Of Ollama's completions.
}

type geminiContent struct {
	Parts []struct {
		Text       string    `json:"text"`
		Thought    bool      `json:"thought"`
		InlineData *struct{} `json:"inlineData"`
	} `json:"parts"`
}

func (c geminiContent) answer() bool {
	for _, part := range c.Parts {
		if !part.Thought && (part.Text != "" || part.InlineData != nil) {
			return true
		}
	}
	return false
}

// answer reports whether the chunk holds a token of the answer. A chunk of an unknown shape
// does. data is the chunk's JSON.
func (c *chunkShape) answer(data []byte) bool {
	switch {
	case c.Choices != nil:
		return c.inChoices()
	case c.Candidates != nil:
		return c.inCandidates()
	case c.ServerContent != nil:
		return c.ServerContent.ModelTurn.answer() || c.ServerContent.Transcription.Text != ""
	case c.Type != "":
		return c.inEvent()
	case c.Done != nil && len(c.Message) > 0:
		var message struct {
			Content string `json:"content"`
		}
		unmarshal(c.Message, &message)
		return message.Content != ""
	case c.Done != nil && len(c.Response) > 0:
		return hasText(c.Response)
	case isObject(c.Error):
		return false
	case c.Object == "chat.completion.chunk" || c.Object == "text_completion":
		return false // Without choices.
	}
	return !isControl(data)
}

// isControl reports whether a chunk is a provider's chunk without an answer: it has a field
// that only providers' chunks have.
func isControl(data []byte) bool {
	var fields map[string]json.RawMessage
	unmarshal(data, &fields)
	if _, has := fields["choices"]; has { // It is null: some SDKs encode a missing field so.
		return true
	}
	return slices.ContainsFunc([]string{
		"usageMetadata", "promptFeedback", // Of Gemini.
		"setupComplete", "toolCall", "toolCallCancellation", "goAway", "sessionResumptionUpdate", // Of its live sessions.
	}, func(name string) bool { return isObject(fields[name]) })
}

func isObject(value json.RawMessage) bool { return len(value) > 0 && value[0] == '{' }

func (c *chunkShape) inChoices() bool {
	for _, choice := range c.Choices {
		d := choice.Delta
		if hasText(d.Content) || d.Refusal != "" || choice.Text != "" || d.Audio != nil && (d.Audio.Data != "" || d.Audio.Transcript != "") {
			return true
		}
	}
	return false
}

func (c *chunkShape) inCandidates() bool {
	for _, candidate := range c.Candidates {
		if candidate.Content.answer() {
			return true
		}
	}
	return false
}

// inEvent reports whether an event holds a token of the answer. Providers often add event
// types, but few of them hold the answer.
func (c *chunkShape) inEvent() bool {
	switch c.Type {
	case "response.output_text.delta", "response.refusal.delta", "response.text.delta",
		"response.output_audio.delta", "response.output_audio_transcript.delta",
		"response.audio.delta", "response.audio_transcript.delta":
		return hasText(c.Delta)
	case "content_block_delta":
		var delta struct {
			Type string `json:"type"`
			Text string `json:"text"`
		}
		unmarshal(c.Delta, &delta)
		return delta.Type == "text_delta" && delta.Text != ""
	case "ping", "error", "keepalive":
		return false
	}
	// Other event types of providers. A program's own chunk type may have a field "type", too.
	return !slices.ContainsFunc([]string{
		"response.", "content_block_", "message_",
		"session.", "transcription_session.", "conversation.", "input_audio_buffer.",
		"output_audio_buffer.", "rate_limits.", "mcp_list_tools.",
	}, func(family string) bool { return strings.HasPrefix(c.Type, family) })
}

// hasText reports whether a content is a text that is not empty, or has such a part.
func hasText(content json.RawMessage) bool {
	content = bytes.TrimSpace(content)
	if len(content) == 0 {
		return false
	}
	if content[0] == '"' {
		return len(content) > len(`""`)
	}
	var parts []struct {
		Type string `json:"type"`
		Text string `json:"text"`
	}
	unmarshal(content, &parts)
	for _, part := range parts {
		if part.Type == "text" && part.Text != "" {
			return true
		}
	}
	return false
}
