// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// rawChunk is a chunk of an SDK that keeps what the provider sent.
type rawChunk interface{ RawJSON() string }

// isAnswer reports whether a chunk holds a token of the answer, as far as its shape tells.
func isAnswer(chunk any) bool {
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
	if raw, ok := chunk.(rawChunk); ok {
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
		return true // No provider's.
	}
	return shape.answer()
}

// usageOf returns the usage that a chunk reports, of a provider's SDK that keeps what was
// sent. Most chunks have none, and are not decoded for it.
func usageOf(chunk any) Usage {
	raw, ok := chunk.(rawChunk)
	if !ok {
		return Usage{}
	}
	text := raw.RawJSON()
	if !reportsUsage(text) {
		return Usage{}
	}
	if strings.Contains(text, `"message_start"`) || strings.Contains(text, `"message_delta"`) {
		return UsageAnthropic(text)
	}
	return UsageOpenAI(text)
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

// chunkShape is what tells the answer in the chunks of providers.
type chunkShape struct {
	Type  string          `json:"type"`  // Of OpenAI's responses and realtime, and of Anthropic.
	Delta json.RawMessage `json:"delta"` // A text, or Anthropic's object.

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
		Content struct {
			Parts []struct {
				Text       string    `json:"text"`
				Thought    bool      `json:"thought"`
				InlineData *struct{} `json:"inlineData"`
			} `json:"parts"`
		} `json:"content"`
	} `json:"candidates"`

	Done    *bool           `json:"done"`    // Of Ollama.
	Message json.RawMessage `json:"message"` // Of Ollama.

	UsageMetadata json.RawMessage `json:"usageMetadata"`
}

// answer reports whether the chunk holds a token of the answer. Every chunk does that is in
// no shape that is known.
func (c *chunkShape) answer() bool {
	switch {
	case c.Choices != nil:
		return c.inChoices()
	case c.Candidates != nil:
		return c.inCandidates()
	case c.Type != "":
		return c.inEvent()
	case c.Done != nil && len(c.Message) > 0:
		var message struct {
			Content string `json:"content"`
		}
		unmarshal(c.Message, &message)
		return message.Content != ""
	}
	return len(c.UsageMetadata) == 0
}

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
		for _, part := range candidate.Content.Parts {
			if !part.Thought && (part.Text != "" || part.InlineData != nil) {
				return true
			}
		}
	}
	return false
}

// inEvent reports whether an event is one of the answer. Those that are are few; providers
// add others all the time.
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
	}
	// Types of others: a chunk of one's own may have a field of that name.
	known := strings.HasPrefix(c.Type, "response.") || strings.HasPrefix(c.Type, "content_block_") ||
		strings.HasPrefix(c.Type, "message_") || c.Type == "ping" || c.Type == "error"
	return !known
}

// hasText reports whether a content is a text that is not empty, or has a part that is.
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
