// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorserver

import "fmt"

// OpenAIChat is the dialect of OpenAI's chat completions.
func OpenAIChat() Dialect {
	return Dialect{
		Plain: chatPlain,
		Stream: func(r Reply) Answer {
			stream := chatText(r)
			if r.Tool != nil {
				stream = append(stream, chatDelta(r, fmt.Sprintf(
					`{"tool_calls":[{"index":0,"id":%q,"type":"function","function":{"name":%q,"arguments":""}}]}`, r.Tool.ID, r.Tool.Name), "null"))
				for _, piece := range r.Tool.Arguments {
					stream = append(stream, chatDelta(r, fmt.Sprintf(`{"tool_calls":[{"index":0,"function":{"arguments":%s}}]}`, quote(piece)), "null"))
				}
			}
			stream = append(stream, chatDelta(r, `{}`, quote(chatReason(r))),
				data(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":%q,"service_tier":"default","choices":[],"usage":%s}`, r.Model, chatUsage(r)),
				data("[DONE]"))
			return Answer{Header: openAIHeader("text/event-stream; charset=utf-8"), Stream: stream}
		},
		Broken: func(r Reply) Answer {
			return Answer{Header: openAIHeader("text/event-stream; charset=utf-8"), Stream: append(chatText(r),
				data(`{"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}`))}
		},
		Refused: openAIRefused,
	}
}

func openAIHeader(contentType string) map[string][]string {
	return header("Content-Type", contentType, "X-Request-Id", "req_1", "Openai-Processing-Ms", "210",
		"X-Ratelimit-Remaining-Requests", "59", "X-Ratelimit-Remaining-Tokens", "149984")
}

func openAIRefused(status int) Answer {
	kind, code := "server_error", "null"
	if status == 429 {
		kind, code = "requests", `"rate_limit_exceeded"`
	}
	return refused(status, fmt.Sprintf(`{"error":{"message":"Rate limit reached","type":%q,"param":null,"code":%s}}`, kind, code),
		"X-Request-Id", "req_0")
}

func chatReason(r Reply) string {
	if r.Tool != nil {
		return "tool_calls"
	}
	return "stop"
}

func chatUsage(r Reply) string {
	return fmt.Sprintf(`{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d,"prompt_tokens_details":{"cached_tokens":%d,"audio_tokens":0},`+
		`"completion_tokens_details":{"reasoning_tokens":%d,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}`,
		r.Input, r.Output, r.Input+r.Output, r.Cached, r.Reasoning)
}

func chatPlain(r Reply) Answer {
	content, tools := quote(join(r.Text)), ""
	if r.Tool != nil {
		content = "null"
		tools = fmt.Sprintf(`,"tool_calls":[{"id":%q,"type":"function","function":{"name":%q,"arguments":%s}}]`,
			r.Tool.ID, r.Tool.Name, quote(join(r.Tool.Arguments)))
	}
	return Answer{Header: openAIHeader("application/json"), Body: fmt.Sprintf(
		`{"id":"chatcmpl-1","object":"chat.completion","created":1764000000,"model":%q,"choices":[{"index":0,"message":`+
			`{"role":"assistant","content":%s%s,"refusal":null,"annotations":[]},"logprobs":null,"finish_reason":%q}],"usage":%s,"service_tier":"default"}`,
		r.Model, content, tools, chatReason(r), chatUsage(r))}
}

func chatDelta(r Reply, delta, reason string) Chunk {
	return data(`{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1764000000,"model":%q,"service_tier":"default",`+
		`"choices":[{"index":0,"delta":%s,"logprobs":null,"finish_reason":%s}],"usage":null,"obfuscation":"x7Kq"}`, r.Model, delta, reason)
}

func chatText(r Reply) []Chunk {
	stream := []Chunk{chatDelta(r, `{"role":"assistant","content":"","refusal":null}`, "null")}
	for _, piece := range r.Text {
		stream = append(stream, withText(chatDelta(r, `{"content":`+quote(piece)+`}`, "null")))
	}
	return stream
}
