// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cohere

import "github.com/voice-agents/telemetry/internal/wire/jsonscan"

// The fields of a request.
const (
	askModel = iota
	askStream
	askTemperature
	askTopP
	askMaxTokens
	askMessages
)

var (
	plainRequest   = requestPlan(false)
	contentRequest = requestPlan(true)
)

// requestPlan returns the plan of a request, whose messages are read only if they are wanted.
func requestPlan(content bool) *jsonscan.Plan {
	fields := []jsonscan.Field{
		{Path: "model", ID: askModel},
		{Path: "stream", ID: askStream},
		{Path: "temperature", ID: askTemperature},
		{Path: "p", ID: askTopP},
		{Path: "max_tokens", ID: askMaxTokens},
	}
	if content {
		fields = append(fields, jsonscan.Field{Path: "messages", ID: askMessages, Mode: jsonscan.Raw})
	}
	return jsonscan.NewPlan(fields...)
}

// The fields of a chat and of the events of a stream.
const (
	eventType = iota
	chatID
	chatText
	toolBegin
	toolID
	toolName
	toolArguments
	finishReason
	inputTokens
	outputTokens
	billedInputTokens
	billedOutputTokens
	cachedTokens
	errorMessage
)

var response = jsonscan.NewPlan(append(
	append(replyFields("", ".*"), replyFields("delta.", "")...),
	jsonscan.Field{Path: "type", ID: eventType},
	jsonscan.Field{Path: "id", ID: chatID},
	jsonscan.Field{Path: "message", ID: errorMessage, Mode: jsonscan.Begin}, // A text in an error.
	jsonscan.Field{Path: "delta.error", ID: errorMessage},
)...)

// replyFields returns the fields of a reply. Its parts and calls are elements of arrays, or in a
// stream single objects.
func replyFields(prefix, element string) []jsonscan.Field {
	content, call := prefix+"message.content"+element, prefix+"message.tool_calls"+element
	return []jsonscan.Field{
		{Path: content + ".text", ID: chatText, Mode: jsonscan.Pieces},
		{Path: call, ID: toolBegin, Mode: jsonscan.Begin},
		{Path: call + ".id", ID: toolID},
		{Path: call + ".function.name", ID: toolName},
		{Path: call + ".function.arguments", ID: toolArguments, Mode: jsonscan.Pieces},
		{Path: prefix + "finish_reason", ID: finishReason},
		{Path: prefix + "usage.tokens.input_tokens", ID: inputTokens},
		{Path: prefix + "usage.tokens.output_tokens", ID: outputTokens},
		{Path: prefix + "usage.billed_units.input_tokens", ID: billedInputTokens},
		{Path: prefix + "usage.billed_units.output_tokens", ID: billedOutputTokens},
		{Path: prefix + "usage.cached_tokens", ID: cachedTokens},
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
