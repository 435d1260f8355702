// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorserver

import "fmt"

// Anthropic is the dialect of Anthropic's messages.
func Anthropic() Dialect {
	return Dialect{
		Plain: func(r Reply) Answer {
			content := ""
			if len(r.Text) > 0 {
				content = `{"type":"text","text":` + quote(join(r.Text)) + `}`
			}
			if r.Tool != nil {
				if content != "" {
					content += ","
				}
				content += fmt.Sprintf(`{"type":"tool_use","id":%q,"name":%q,"input":%s}`, r.Tool.ID, r.Tool.Name, join(r.Tool.Arguments))
			}
			return Answer{Header: anthropicHeader("application/json"), Body: fmt.Sprintf(
				`{"id":"msg_1","type":"message","role":"assistant","model":%q,"content":[%s],"stop_reason":%q,"stop_sequence":null,"usage":%s}`,
				r.Model, content, anthropicReason(r), anthropicUsage(r, r.Output))}
		},
		Stream: func(r Reply) Answer {
			stream := anthropicText(r)
			index := 0
			if len(r.Text) > 0 {
				stream = append(stream, event("content_block_stop", `{"type":"content_block_stop","index":0}`))
				index = 1
			}
			if r.Tool != nil {
				stream = append(stream, event("content_block_start",
					`{"type":"content_block_start","index":%d,"content_block":{"type":"tool_use","id":%q,"name":%q,"input":{}}}`, index, r.Tool.ID, r.Tool.Name))
				for _, piece := range r.Tool.Arguments {
					stream = append(stream, event("content_block_delta",
						`{"type":"content_block_delta","index":%d,"delta":{"type":"input_json_delta","partial_json":%s}}`, index, quote(piece)))
				}
				stream = append(stream, event("content_block_stop", `{"type":"content_block_stop","index":%d}`, index))
			}
			stream = append(stream,
				event("message_delta", `{"type":"message_delta","delta":{"stop_reason":%q,"stop_sequence":null},"usage":{"output_tokens":%d}}`, anthropicReason(r), r.Output),
				event("message_stop", `{"type":"message_stop"}`))
			return Answer{Header: anthropicHeader("text/event-stream; charset=utf-8"), Stream: stream}
		},
		Broken: func(r Reply) Answer {
			return Answer{Header: anthropicHeader("text/event-stream; charset=utf-8"), Stream: append(anthropicText(r),
				event("error", `{"type":"error","error":{"details":null,"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}`))}
		},
		Refused: func(status int) Answer {
			kind := "api_error"
			switch status {
			case 429:
				kind = "rate_limit_error"
			case 529:
				kind = "overloaded_error"
			}
			return refused(status, fmt.Sprintf(`{"type":"error","error":{"type":%q,"message":"Overloaded"},"request_id":"req_0"}`, kind), "Request-Id", "req_0")
		},
	}
}

func anthropicHeader(contentType string) map[string][]string {
	return header("Content-Type", contentType, "Request-Id", "req_1",
		"Anthropic-Ratelimit-Requests-Remaining", "59", "Anthropic-Ratelimit-Tokens-Remaining", "149984")
}

func anthropicReason(r Reply) string {
	if r.Tool != nil {
		return "tool_use"
	}
	return "end_turn"
}

// anthropicUsage leaves the cached tokens out of the input, as Anthropic does.
func anthropicUsage(r Reply, output int) string {
	return fmt.Sprintf(`{"input_tokens":%d,"cache_creation_input_tokens":0,"cache_read_input_tokens":%d,`+
		`"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"output_tokens":%d,"service_tier":"standard"}`,
		r.Input-r.Cached, r.Cached, output)
}

func anthropicText(r Reply) []Chunk {
	stream := []Chunk{
		event("message_start", `{"type":"message_start","message":{"model":%q,"id":"msg_1","type":"message","role":"assistant","content":[],"stop_reason":null,"stop_sequence":null,"usage":%s}}`,
			r.Model, anthropicUsage(r, 1)),
	}
	if len(r.Text) > 0 {
		stream = append(stream, event("content_block_start", `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`))
	}
	stream = append(stream, event("ping", `{"type": "ping"}`))
	for _, piece := range r.Text {
		stream = append(stream, withText(event("content_block_delta",
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":%s}}`, quote(piece))))
	}
	return stream
}
