// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package content

import (
	"bytes"
	"encoding/json"
)

// A message is one of the conventions.
type message struct {
	Role         string  `json:"role"`
	Parts        []part  `json:"parts"`
	FinishReason *string `json:"finish_reason,omitempty"` // Of output messages.
}

// A part is one of a message of the conventions. Its fields depend on its type.
type part struct {
	Type string `json:"type"`

	Content *string `json:"content,omitempty"` // Of text and reasoning.

	// Of tool_call and tool_call_response.
	ID        string `json:"id,omitempty"`
	Name      string `json:"name,omitempty"`
	Arguments any    `json:"arguments,omitempty"`
	Response  any    `json:"response,omitempty"`

	// Of blob, uri and file.
	Modality string `json:"modality,omitempty"`
	MIMEType string `json:"mime_type,omitempty"`
	URI      string `json:"uri,omitempty"`
	FileID   string `json:"file_id,omitempty"`
	Size     int    `json:"size,omitempty"` // In bytes. The conventions have the data in its place.
}

// The types of parts.
const (
	typeText         = "text"
	typeReasoning    = "reasoning"
	typeToolCall     = "tool_call"
	typeToolResponse = "tool_call_response"
	typeBlob         = "blob"
	typeURI          = "uri"
	typeFile         = "file"
)

// The roles of messages.
const (
	roleUser      = "user"
	roleAssistant = "assistant"
	roleTool      = "tool"
	roleFunction  = "function" // Of OpenAI in former times, and of Gemini.
)

func textPart(text string) part      { return part{Type: typeText, Content: &text} }
func reasoningPart(text string) part { return part{Type: typeReasoning, Content: &text} }

// toolCall returns the part of a call. Some providers send the arguments as a text of JSON.
func toolCall(id, name string, arguments any) part {
	if text, ok := arguments.(string); ok {
		if v, ok := decode([]byte(text)); ok {
			arguments = v
		}
	}
	return part{Type: typeToolCall, ID: id, Name: name, Arguments: arguments}
}

func toolResponse(id, name string, response any) part {
	if response == nil {
		response = ""
	}
	return part{Type: typeToolResponse, ID: id, Name: name, Response: response}
}

// encode returns the JSON of messages or parts.
func encode(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return nil
	}
	return bytes.TrimSpace(b.Bytes())
}

// decode returns the value of a text of JSON. Numbers keep their digits.
func decode(text []byte) (v any, ok bool) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if d.Decode(&v) != nil || d.More() {
		return nil, false
	}
	return v, true
}
