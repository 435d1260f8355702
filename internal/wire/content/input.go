// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package content

// Input returns gen_ai.input.messages of the messages of a request: an array of messages, one
// message, or a text. It returns nil if there is no message. The JSON may be cut at any byte; then
// Input returns what was there before the cut.
func Input(messages []byte) []byte {
	v, isCut, ok := read(messages)
	if !ok {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	var all []message
	for _, element := range list {
		if m, ok := messageOf(element); ok {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return nil
	}
	if isCut {
		withoutLastSize(all[len(all)-1].Parts)
	}
	return encode(all)
}

// System returns gen_ai.system_instructions of the system instruction of a request: a text, a list
// of parts, or a message. It returns nil if there is none.
func System(instruction []byte) []byte {
	v, isCut, ok := read(instruction)
	if !ok {
		return nil
	}
	var parts []part
	if m, ok := v.(map[string]any); ok && m["parts"] != nil { // Of Gemini.
		parts = partsOf(m["parts"])
	} else {
		parts = partsOf(v)
	}
	if len(parts) == 0 {
		return nil
	}
	if isCut {
		withoutLastSize(parts)
	}
	return encode(parts)
}

// read decodes JSON that may be cut.
func read(text []byte) (v any, isCut, ok bool) {
	if v, ok = decode(text); ok {
		return v, false, true
	}
	v, ok = decode(closed(text))
	return v, true, ok
}

// withoutLastSize removes the size of the last data, of which the cut left a part.
func withoutLastSize(parts []part) {
	if len(parts) == 0 {
		return
	}
	last := &parts[len(parts)-1]
	last.Size = 0
	if inner, ok := last.Response.([]part); ok {
		withoutLastSize(inner)
	}
}

// messageOf returns a message of a provider, or an item of OpenAI's responses.
func messageOf(v any) (message, bool) {
	if text, ok := v.(string); ok {
		return message{Role: roleUser, Parts: []part{textPart(text)}}, true
	}
	m, ok := v.(map[string]any)
	if !ok {
		return message{}, false
	}
	if m["role"] == nil && m["parts"] == nil && m["content"] == nil {
		return itemOf(m)
	}
	parts := partsOf(m["parts"])                                                 // Of Gemini.
	if m["role"] == roleTool || m["role"] == roleFunction && m["parts"] == nil { // Of OpenAI and Ollama.
		response := m["content"]
		if _, isText := response.(string); !isText {
			response = partsOf(response)
		}
		parts = append(parts, toolResponse(text(m, "tool_call_id"), nameOf(m), response))
	} else {
		parts = append(parts, messageParts(m)...)
	}
	return message{Role: roleOf(text(m, "role"), parts), Parts: nonNil(parts)}, true
}

// messageParts returns the parts of a message of OpenAI, Anthropic or Ollama that is no result of a
// tool.
func messageParts(m map[string]any) (parts []part) {
	if thinking := text(m, "thinking"); thinking != "" {
		parts = append(parts, reasoningPart(thinking))
	}
	if reasoning := text(m, "reasoning_content"); reasoning != "" {
		parts = append(parts, reasoningPart(reasoning))
	}
	if m["content"] != "" { // As beside calls of tools.
		parts = append(parts, partsOf(m["content"])...)
	}
	if refusal := text(m, "refusal"); refusal != "" {
		parts = append(parts, textPart(refusal))
	}
	if audio := object(m, "audio"); audio != nil {
		parts = append(parts, part{Type: typeFile, Modality: "audio", FileID: text(audio, "id")})
	}
	for _, image := range array(m, "images") {
		if data, ok := image.(string); ok {
			parts = append(parts, blob("image", "", data))
		}
	}
	for _, v := range array(m, "tool_calls") {
		if call, ok := v.(map[string]any); ok {
			function, arguments := object(call, "function"), "arguments"
			if function == nil {
				function, arguments = object(call, "custom"), "input"
			}
			parts = append(parts, toolCall(text(call, "id"), text(function, "name"), function[arguments]))
		}
	}
	if call := object(m, "function_call"); call != nil {
		parts = append(parts, toolCall("", text(call, "name"), call["arguments"]))
	}
	return parts
}

// nameOf returns the name of the tool of a result.
func nameOf(m map[string]any) string {
	if name := text(m, "tool_name"); name != "" { // Of Ollama.
		return name
	}
	return text(m, "name")
}

// roleOf returns the role of the conventions. Anthropic and Gemini send the results of tools as the
// user's.
func roleOf(role string, parts []part) string {
	results := 0
	for i := range parts {
		if parts[i].Type == typeToolResponse {
			results++
		}
	}
	switch {
	case results > 0 && results == len(parts), role == roleFunction:
		return roleTool
	case role == "model":
		return roleAssistant
	case role == "":
		return roleUser
	}
	return role
}

func nonNil(parts []part) []part {
	if parts == nil {
		return []part{}
	}
	return parts
}

// text returns a field that is a text, or "".
func text(m map[string]any, key string) string {
	s, _ := m[key].(string)
	return s
}

// object returns a field that is an object, or nil.
func object(m map[string]any, key string) map[string]any {
	o, _ := m[key].(map[string]any)
	return o
}

// array returns a field that is an array, or nil.
func array(m map[string]any, key string) []any {
	a, _ := m[key].([]any)
	return a
}
