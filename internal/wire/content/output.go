// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package content

// A ToolCall is a call that a model asked for.
type ToolCall struct {
	ID, Name string
	// Arguments is the JSON of the arguments, or "" if they are not known.
	Arguments string
}

// Output returns gen_ai.output.messages of an answer. reason is the provider's reason why the
// answer ended, or "" if it did not end. Output returns nil if the answer is empty.
func Output(answer string, calls []ToolCall, reason string) []byte {
	parts := []part{}
	if answer != "" {
		parts = append(parts, textPart(answer))
	}
	for _, c := range calls {
		var arguments any
		if c.Arguments != "" {
			arguments = c.Arguments
		}
		parts = append(parts, toolCall(c.ID, c.Name, arguments))
	}
	if len(parts) == 0 && reason == "" {
		return nil
	}
	m := message{Role: roleAssistant, Parts: parts}
	reason = FinishReason(reason)
	m.FinishReason = &reason
	return encode([]message{m})
}

// The reasons of the conventions.
const (
	reasonStop          = "stop"
	reasonLength        = "length"
	reasonContentFilter = "content_filter"
	reasonToolCall      = "tool_call"
	reasonError         = "error"
)

// FinishReason returns the conventions' reason for a provider's, or the provider's if the
// conventions have none.
func FinishReason(reason string) string {
	switch reason {
	case "completed", // OpenAI's responses.
		"end_turn", "stop_sequence", // Anthropic.
		"STOP",                      // Gemini.
		"COMPLETE", "STOP_SEQUENCE": // Cohere.
		return reasonStop
	case "max_output_tokens", // OpenAI's responses.
		"max_tokens", "model_context_window_exceeded",
		"MAX_TOKENS":
		return reasonLength
	case "refusal",
		"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT":
		return reasonContentFilter
	case "tool_calls", "function_call", // OpenAI's chat completions.
		"tool_use",
		"TOOL_CALL":
		return reasonToolCall
	case "failed", // OpenAI's responses.
		"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL",
		"ERROR", "TIMEOUT":
		return reasonError
	}
	return reason
}
