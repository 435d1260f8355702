// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package content

import (
	"encoding/base64"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// partsOf returns the parts of a content: a text, a list of parts, or one part.
func partsOf(v any) (parts []part) {
	switch v := v.(type) {
	case string:
		return []part{textPart(v)}
	case map[string]any:
		return appendPart(nil, v)
	case []any:
		for _, element := range v {
			switch element := element.(type) {
			case string:
				parts = append(parts, textPart(element))
			case map[string]any:
				parts = appendPart(parts, element)
			}
		}
	}
	return parts
}

func appendPart(parts []part, m map[string]any) []part {
	if m["type"] == nil {
		return appendGemini(parts, m)
	}
	switch kind := text(m, "type"); kind {
	case "":
		return parts
	case "text", "input_text", "output_text":
		return append(parts, textPart(text(m, "text")))
	case "refusal":
		return append(parts, textPart(text(m, "refusal")))
	case "thinking":
		return append(parts, reasoningPart(text(m, "thinking")))
	case "tool_use", "server_tool_use", "mcp_tool_use":
		return append(parts, toolCall(text(m, "id"), text(m, "name"), m["input"]))
	case "tool_result", "mcp_tool_result":
		response := m["content"]
		if _, isText := response.(string); !isText {
			response = nonNil(partsOf(response))
		}
		return append(parts, toolResponse(text(m, "tool_use_id"), "", response))
	case "image", "document":
		return append(parts, anthropicSource(kind, object(m, "source")))
	default:
		return append(parts, openAIMedia(kind, m))
	}
}

// openAIMedia returns a part of OpenAI that is media. Chat completions have the media in an object,
// and responses in the part itself.
func openAIMedia(kind string, m map[string]any) part {
	switch kind {
	case "image_url":
		if image := object(m, "image_url"); image != nil {
			return link("image", "", text(image, "url"))
		}
		return link("image", "", text(m, "image_url"))
	case "input_image":
		if id := text(m, "file_id"); id != "" {
			return part{Type: typeFile, Modality: "image", FileID: id}
		}
		return link("image", "", text(m, "image_url"))
	case "input_audio":
		audio := object(m, "input_audio")
		mimeType := ""
		if format := text(audio, "format"); format != "" {
			mimeType = "audio/" + format
		}
		return blob("audio", mimeType, text(audio, "data"))
	case "file", "input_file":
		file := object(m, "file")
		if file == nil {
			file = m
		}
		switch {
		case text(file, "file_id") != "":
			return part{Type: typeFile, Modality: "document", FileID: text(file, "file_id")}
		case text(file, "file_url") != "":
			return link("document", "", text(file, "file_url"))
		}
		return link("document", "", text(file, "file_data"))
	}
	return part{Type: kind}
}

// anthropicSource returns the part of an image or a document of Anthropic.
func anthropicSource(modality string, source map[string]any) part {
	switch text(source, "type") {
	case "text":
		return textPart(text(source, "data"))
	case "url":
		return link(modality, text(source, "media_type"), text(source, "url"))
	case "file":
		return part{Type: typeFile, Modality: modality, FileID: text(source, "file_id")}
	case "base64":
		return blob(modality, text(source, "media_type"), text(source, "data"))
	}
	return part{Type: modality}
}

// appendGemini appends a part of Gemini, whose type is the key that it has. Its names may have
// underscores.
func appendGemini(parts []part, m map[string]any) []part {
	either := func(camel, snake string) map[string]any {
		if o := object(m, camel); o != nil {
			return o
		}
		return object(m, snake)
	}
	if data := either("inlineData", "inline_data"); data != nil {
		mimeType := mimeTypeOf(data)
		return append(parts, blob(modalityOf(mimeType), mimeType, text(data, "data")))
	}
	if file := either("fileData", "file_data"); file != nil {
		uri := text(file, "fileUri")
		if uri == "" {
			uri = text(file, "file_uri")
		}
		mimeType := mimeTypeOf(file)
		return append(parts, link(modalityOf(mimeType), mimeType, uri))
	}
	if call := either("functionCall", "function_call"); call != nil {
		return append(parts, toolCall(text(call, "id"), text(call, "name"), call["args"]))
	}
	if response := either("functionResponse", "function_response"); response != nil {
		return append(parts, toolResponse(text(response, "id"), text(response, "name"), response["response"]))
	}
	if _, has := m["text"]; has {
		if m["thought"] == true {
			return append(parts, reasoningPart(text(m, "text")))
		}
		return append(parts, textPart(text(m, "text")))
	}
	for _, kind := range []string{"executableCode", "codeExecutionResult"} {
		if m[kind] != nil {
			return append(parts, part{Type: kind})
		}
	}
	return parts
}

func mimeTypeOf(m map[string]any) string {
	if t := text(m, "mimeType"); t != "" {
		return t
	}
	return text(m, "mime_type")
}

// modalityOf returns the modality of a type. The conventions name image, video and audio.
func modalityOf(mimeType string) string {
	switch kind, _, _ := strings.Cut(mimeType, "/"); kind {
	case "image", "video", "audio":
		return kind
	}
	return "document"
}

// blob returns a part for data in base64, without the data. Its size is not known if the data is so
// long that the decoder cut it.
func blob(modality, mimeType, data string) part {
	if len(data) >= jsonscan.MaxRawText-maxPrefix {
		return part{Type: typeBlob, Modality: modality, MIMEType: mimeType}
	}
	data = strings.TrimRight(data, "=")
	return part{Type: typeBlob, Modality: modality, MIMEType: mimeType, Size: base64.RawStdEncoding.DecodedLen(len(data))}
}

// maxPrefix is how long the start of a data URI before its data is.
const maxPrefix = 128

// maxName is how long a URI without a scheme is, such as the name of a file. A longer one is data.
const maxName = 256

// link returns a part for a URI, or for the data in it.
func link(modality, mimeType, uri string) part {
	if len(uri) > maxName && !strings.Contains(uri, ":") {
		return blob(modality, mimeType, uri)
	}
	if len(uri) < len("data:") || !strings.EqualFold(uri[:len("data:")], "data:") {
		return part{Type: typeURI, Modality: modality, MIMEType: mimeType, URI: uri}
	}
	kind, data, _ := strings.Cut(uri[len("data:"):], ",")
	kind, _, _ = strings.Cut(kind, ";")
	if kind != "" {
		mimeType = kind
	}
	return blob(modality, mimeType, data)
}
