// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorserver

import "fmt"

// OpenAIResponses is the dialect of OpenAI's responses.
func OpenAIResponses() Dialect {
	return Dialect{
		Plain: func(r Reply) Answer {
			return Answer{Header: openAIHeader("application/json"), Body: response(r, "completed", true)}
		},
		Stream: func(r Reply) Answer {
			s := responseText(r)
			if len(r.Text) > 0 {
				s.add("response.output_text.done", `"item_id":"msg_1","output_index":0,"content_index":0,"text":%s,"logprobs":[]`, quote(join(r.Text)))
				s.add("response.output_item.done", `"output_index":0,"item":%s`, responseMessage(r))
			}
			if r.Tool != nil {
				index := 0
				if len(r.Text) > 0 {
					index = 1
				}
				s.add("response.output_item.added", `"output_index":%d,"item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":"","call_id":%q,"name":%q}`,
					index, r.Tool.ID, r.Tool.Name)
				for _, piece := range r.Tool.Arguments {
					s.add("response.function_call_arguments.delta", `"item_id":"fc_1","output_index":%d,"delta":%s`, index, quote(piece))
				}
				s.add("response.function_call_arguments.done", `"item_id":"fc_1","output_index":%d,"arguments":%s`, index, quote(join(r.Tool.Arguments)))
				s.add("response.output_item.done", `"output_index":%d,"item":%s`, index, responseTool(r))
			}
			s.add("response.completed", `"response":%s`, response(r, "completed", true))
			return Answer{Header: openAIHeader("text/event-stream; charset=utf-8"), Stream: s.chunks}
		},
		Broken: func(r Reply) Answer {
			s := responseText(r)
			s.add("error", `"code":"server_error","message":"The server had an error processing your request.","param":null`)
			return Answer{Header: openAIHeader("text/event-stream; charset=utf-8"), Stream: s.chunks}
		},
		Refused: openAIRefused,
	}
}

// responseStream numbers the events of a response.
type responseStream struct{ chunks []Chunk }

func (s *responseStream) add(name, format string, args ...any) {
	s.chunks = append(s.chunks, event(name, `{"type":%q,"sequence_number":%d,%s}`, name, len(s.chunks), fmt.Sprintf(format, args...)))
}

func responseText(r Reply) *responseStream {
	s := new(responseStream)
	s.add("response.created", `"response":%s`, response(r, "in_progress", false))
	s.add("response.in_progress", `"response":%s`, response(r, "in_progress", false))
	if len(r.Text) == 0 {
		return s
	}
	s.add("response.output_item.added", `"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}`)
	s.add("response.content_part.added", `"item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}`)
	for _, piece := range r.Text {
		s.add("response.output_text.delta", `"item_id":"msg_1","output_index":0,"content_index":0,"delta":%s,"logprobs":[],"obfuscation":"x7Kq"`, quote(piece))
		s.chunks[len(s.chunks)-1].HasText = true
	}
	return s
}

func responseMessage(r Reply) string {
	return fmt.Sprintf(`{"id":"msg_1","type":"message","status":"completed","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":%s}],"role":"assistant"}`,
		quote(join(r.Text)))
}

func responseTool(r Reply) string {
	return fmt.Sprintf(`{"id":"fc_1","type":"function_call","status":"completed","arguments":%s,"call_id":%q,"name":%q}`,
		quote(join(r.Tool.Arguments)), r.Tool.ID, r.Tool.Name)
}

func response(r Reply, status string, isWhole bool) string {
	output, usage := "", "null"
	if isWhole {
		if len(r.Text) > 0 {
			output = responseMessage(r)
		}
		if r.Tool != nil {
			if output != "" {
				output += ","
			}
			output += responseTool(r)
		}
		usage = fmt.Sprintf(`{"input_tokens":%d,"input_tokens_details":{"cached_tokens":%d},"output_tokens":%d,"output_tokens_details":{"reasoning_tokens":%d},"total_tokens":%d}`,
			r.Input, r.Cached, r.Output, r.Reasoning, r.Input+r.Output)
	}
	return fmt.Sprintf(`{"id":"resp_1","object":"response","created_at":1764000000,"status":%q,"background":false,"error":null,"incomplete_details":null,`+
		`"instructions":null,"max_output_tokens":null,"model":%q,"output":[%s],"parallel_tool_calls":true,"store":true,"temperature":1.0,`+
		`"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","usage":%s,"metadata":{}}`, status, r.Model, output, usage)
}
