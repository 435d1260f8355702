// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorserver

import "fmt"

// Ollama is the dialect of Ollama's own chat, which streams a JSON object a line.
func Ollama() Dialect {
	return Dialect{
		Plain: func(r Reply) Answer {
			return Answer{Header: header("Content-Type", "application/json; charset=utf-8"), Body: ollamaLast(r, quote(join(r.Text)), ollamaTools(r))}
		},
		Stream: func(r Reply) Answer {
			stream := ollamaText(r)
			if r.Tool != nil {
				stream = append(stream, Chunk{Data: ollamaPart(r, `""`, ollamaTools(r)) + "\n"})
			}
			return Answer{Header: header("Content-Type", "application/x-ndjson"), Stream: append(stream, Chunk{Data: ollamaLast(r, `""`, "") + "\n"})}
		},
		Broken: func(r Reply) Answer {
			return Answer{Header: header("Content-Type", "application/x-ndjson"), Stream: append(ollamaText(r),
				Chunk{Data: `{"error":"an error was encountered while running the model: unexpected EOF"}` + "\n"})}
		},
		Refused: func(status int) Answer {
			return refused(status, `{"error":"server busy, please try again.  maximum pending requests exceeded"}`)
		},
	}
}

func ollamaTools(r Reply) string {
	if r.Tool == nil {
		return ""
	}
	return fmt.Sprintf(`,"tool_calls":[{"id":%q,"function":{"index":0,"name":%q,"arguments":%s}}]`, r.Tool.ID, r.Tool.Name, join(r.Tool.Arguments))
}

func ollamaPart(r Reply, content, tools string) string {
	return fmt.Sprintf(`{"model":%q,"created_at":"2026-11-20T09:00:00.12Z","message":{"role":"assistant","content":%s%s},"done":false}`, r.Model, content, tools)
}

func ollamaLast(r Reply, content, tools string) string {
	return fmt.Sprintf(`{"model":%q,"created_at":"2026-11-20T09:00:01.42Z","message":{"role":"assistant","content":%s%s},"done":true,"done_reason":"stop",`+
		`"total_duration":1303000000,"load_duration":5020000,"prompt_eval_count":%d,"prompt_eval_duration":130000000,"eval_count":%d,"eval_duration":1160000000}`,
		r.Model, content, tools, r.Input, r.Output)
}

func ollamaText(r Reply) []Chunk {
	var stream []Chunk
	for _, piece := range r.Text {
		stream = append(stream, Chunk{Data: ollamaPart(r, quote(piece), "") + "\n", HasText: true})
	}
	return stream
}
