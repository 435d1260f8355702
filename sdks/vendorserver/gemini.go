// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendorserver

import "fmt"

// Gemini is the dialect of Gemini's generateContent and streamGenerateContent.
func Gemini() Dialect {
	return Dialect{
		Plain: func(r Reply) Answer {
			parts := ""
			if len(r.Text) > 0 {
				parts = `{"text":` + quote(join(r.Text)) + `}`
			}
			if r.Tool != nil {
				if parts != "" {
					parts += ","
				}
				parts += geminiTool(r.Tool)
			}
			return Answer{Header: geminiHeader("application/json; charset=UTF-8"), Body: geminiChunk(r, parts, true)}
		},
		Stream: func(r Reply) Answer {
			stream := geminiText(r)
			last := `{"text":""}`
			if r.Tool != nil {
				last = geminiTool(r.Tool)
			}
			return Answer{Header: geminiHeader("text/event-stream"), Stream: append(stream, geminiEvent(geminiChunk(r, last, true)))}
		},
		Broken: func(r Reply) Answer {
			return Answer{Header: geminiHeader("text/event-stream"), Stream: append(geminiText(r),
				geminiEvent(`{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}`))}
		},
		Refused: func(status int) Answer {
			name := "UNAVAILABLE"
			if status == 429 {
				name = "RESOURCE_EXHAUSTED"
			}
			return refused(status, fmt.Sprintf("{\n  \"error\": {\n    \"code\": %d,\n    \"message\": \"Resource has been exhausted (e.g. check quota).\",\n    \"status\": %q\n  }\n}\n", status, name))
		},
	}
}

func geminiHeader(contentType string) map[string][]string {
	return header("Content-Type", contentType, "Server-Timing", "gfet4t7; dur=312")
}

func geminiEvent(object string) Chunk { return Chunk{Data: "data: " + object + "\r\n\r\n"} }

func geminiTool(t *Tool) string {
	return fmt.Sprintf(`{"functionCall":{"name":%q,"args":%s}}`, t.Name, join(t.Arguments))
}

// geminiChunk writes a response or a part of one. The candidates leave the thoughts out, as
// Gemini's do.
func geminiChunk(r Reply, parts string, isLast bool) string {
	reason, counts := "", ""
	if isLast {
		reason = `"finishReason":"STOP",`
		counts = fmt.Sprintf(`"candidatesTokenCount":%d,`, r.Output-r.Reasoning)
	}
	total := r.Input + r.Output
	return fmt.Sprintf(`{"candidates":[{"content":{"parts":[%s],"role":"model"},%s"index":0}],"usageMetadata":{"promptTokenCount":%d,%s"totalTokenCount":%d,`+
		`"cachedContentTokenCount":%d,"promptTokensDetails":[{"modality":"TEXT","tokenCount":%d}],"thoughtsTokenCount":%d},"modelVersion":%q,"responseId":"abc-1"}`,
		parts, reason, r.Input, counts, total, r.Cached, r.Input, r.Reasoning, r.Model)
}

func geminiText(r Reply) []Chunk {
	var stream []Chunk
	for _, piece := range r.Text {
		stream = append(stream, withText(geminiEvent(geminiChunk(r, `{"text":`+quote(piece)+`}`, false))))
	}
	return stream
}
