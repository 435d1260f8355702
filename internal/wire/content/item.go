// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package content

import "strings"

// itemOf returns an item of OpenAI's responses that is no message. A reference to an item has no
// content.
func itemOf(m map[string]any) (message, bool) {
	switch kind := text(m, "type"); kind {
	case "", "item_reference":
		return message{}, false
	case "function_call", "custom_tool_call":
		return called(text(m, "name"), m), true
	case "computer_call", "local_shell_call", "shell_call", "apply_patch_call":
		return called(strings.TrimSuffix(kind, "_call"), m), true
	case "function_call_output", "custom_tool_call_output", "computer_call_output", "local_shell_call_output", "apply_patch_call_output":
		response := m["output"]
		if _, isText := response.(string); !isText && response != nil { // Texts and images.
			response = nonNil(partsOf(response))
		}
		return answered(m, response), true
	case "shell_call_output": // A list of what the commands wrote.
		return answered(m, m["output"]), true
	case "reasoning":
		parts := []part{}
		for _, summary := range array(m, "summary") {
			if s, ok := summary.(map[string]any); ok {
				parts = append(parts, reasoningPart(text(s, "text")))
			}
		}
		return message{Role: roleAssistant, Parts: parts}, len(parts) > 0
	default:
		return message{Role: roleAssistant, Parts: []part{{Type: kind}}}, true
	}
}

// called returns the call of a tool that the program runs.
func called(name string, m map[string]any) message {
	var arguments any
	for _, key := range []string{"arguments", "input", "action", "actions", "operation"} {
		if m[key] != nil {
			arguments = m[key]
			break
		}
	}
	return message{Role: roleAssistant, Parts: []part{toolCall(callID(m), name, arguments)}}
}

// answered returns the result of a tool.
func answered(m map[string]any, response any) message {
	return message{Role: roleTool, Parts: []part{toolResponse(callID(m), "", response)}}
}

// callID returns the ID of a call. The results of a local shell have no other ID.
func callID(m map[string]any) string {
	if id := text(m, "call_id"); id != "" {
		return id
	}
	return text(m, "id")
}
