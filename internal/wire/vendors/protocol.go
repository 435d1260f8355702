// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package vendors

import (
	"net/http"
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
)

// protocols is a set of protocols.
type protocols uint16

// The protocols, each of one decoder.
const (
	openAI protocols = 1 << iota
	anthropicMessages
	geminiContent
	ollamaAPI
	deepgramAPI
	elevenLabs
	cartesiaAPI
	assemblyAI
	azureSpeech
	googleSpeech
	pollySpeech
	cohereChat
)

// protocolOf returns the protocol that has a path, or 0. Paths that only list, count or configure
// have none.
func protocolOf(path string) protocols {
	path = strings.TrimSuffix(path, "/")
	ends := func(suffix string) bool { return strings.HasSuffix(path, suffix) }
	has := func(part string) bool { return strings.Contains(path, part) }
	switch {
	case ends("/completions"), ends("/responses"), ends("/audio/speech"), ends("/audio/transcriptions"), ends("/audio/translations"):
		return openAI
	case ends("/v1/messages"),
		ends("awPredict") && has("/publishers/anthropic/models/"),                                        // Of Vertex AI: rawPredict, streamRawPredict.
		has("/model/") && has("anthropic.") && (ends("/invoke") || ends("/invoke-with-response-stream")): // Of Bedrock.
		return anthropicMessages
	case ends(":generateContent"), ends(":streamGenerateContent"):
		return geminiContent
	case ends("/api/chat"), ends("/api/generate"):
		return ollamaAPI
	case ends("/v2/chat"): // A common path: only on hosts of the vendor.
		return cohereChat
	case ends("/v1/listen"), ends("/v1/speak"):
		return deepgramAPI
	case has("/v1/text-to-speech/"), has("/v1/text-to-dialogue"), ends("/v1/speech-to-text"):
		return elevenLabs
	case ends("/tts/bytes"), ends("/tts/sse"), ends("/stt"):
		return cartesiaAPI
	case ends("/v2/transcript"), has("/v2/transcript/"), ends("/transcribe"), ends("/transcribe/live"):
		return assemblyAI
	case ends("/cognitiveservices/v1"), ends("/speechtotext/transcriptions:transcribe"):
		return azureSpeech
	case ends("/speech:recognize"), ends(":recognize") && has("/recognizers/"), ends("/text:synthesize"):
		return googleSpeech
	case ends("/v1/speech"):
		return pollySpeech
	}
	return 0
}

// isSure reports whether a request to an unknown host, whose path is one of the protocol's, is one
// to a model.
func isSure(protocol protocols, t *wire.Target) bool {
	is := func(contentType string) bool { return isContent(t.Header, contentType) }
	const json, form = "application/json", "multipart/form-data"
	switch protocol {
	case openAI:
		return isSureOpenAI(t, is)
	case anthropicMessages:
		return (is(json) || is("")) && (has(t.Header, "Anthropic-Version") || isSigned(t.Header, "/bedrock/aws4_request"))
	case geminiContent:
		return is(json) && strings.Contains(t.Path, "/models/")
	case ollamaAPI: // Programs for the web often have a path /api/chat of their own.
		return is(json) && isOllama(t)
	case deepgramAPI:
		return (is(json) || is("audio/") || is("application/octet-stream")) &&
			(strings.HasPrefix(t.Header.Get("Authorization"), "Token ") || strings.Contains(t.Header.Get("User-Agent"), "deepgram"))
	case elevenLabs:
		// Requests that programs write by hand often have no content type.
		return (is(json) || is(form) || is("")) && has(t.Header, "Xi-Api-Key")
	case cartesiaAPI:
		return (is(json) || is(form) || is("")) && has(t.Header, "Cartesia-Version")
	case azureSpeech: // Azure's containers run on hosts of one's own.
		return is("application/ssml+xml") || is("audio/") && strings.Contains(t.Path, "/speech/recognition/") ||
			is(form) && strings.HasSuffix(t.Path, ":transcribe")
	case googleSpeech:
		return is(json)
	case pollySpeech: // The signature names the service.
		return is(json) && isSigned(t.Header, "/polly/aws4_request")
	default:
		return false
	}
}

// isSureOpenAI is isSure for OpenAI's protocol. "/chat/completions" is OpenAI's invention;
// "/responses" is a common path of surveys and forms.
func isSureOpenAI(t *wire.Target, is func(contentType string) bool) bool {
	path := strings.TrimSuffix(t.Path, "/")
	ends := func(suffix string) bool { return strings.HasSuffix(path, suffix) }
	switch {
	case ends("/chat/completions"):
		return is("application/json")
	case ends("/completions"): // Of a course, of a form.
		return is("application/json") && ends("/v1/completions") && isOpenAIClient(t.Header)
	case ends("/responses"):
		return is("application/json") && (ends("/v1/responses") || ends("/openai/responses")) && isOpenAIClient(t.Header)
	}
	isPlace := strings.Contains(path, "/v1/audio/") || strings.Contains(path, "/openai/")
	if ends("/audio/speech") {
		return isPlace && is("application/json")
	}
	return isPlace && is("multipart/form-data")
}

// isOpenAIClient reports whether the headers are those of OpenAI's SDKs.
func isOpenAIClient(h http.Header) bool {
	agent := h.Get("User-Agent")
	return strings.HasPrefix(agent, "OpenAI/") || strings.HasPrefix(agent, "AsyncOpenAI/") ||
		has(h, "Openai-Organization") || has(h, "Openai-Project") || has(h, "Openai-Beta")
}

// isOllama reports whether a request is one to a server of Ollama: by its port, by its name, or by
// the headers of Ollama's client.
func isOllama(t *wire.Target) bool {
	return t.Port == ollamaPort || strings.Contains(t.Host, providerOllama) ||
		strings.HasPrefix(t.Header.Get("User-Agent"), "ollama/") || strings.Contains(t.Header.Get("Accept"), "ndjson")
}

// isSigned reports whether a request is signed for a service of AWS.
func isSigned(h http.Header, service string) bool {
	return strings.Contains(h.Get("Authorization"), service)
}

// has reports whether a header is set. The name is in its canonical form, in which the lookup
// allocates nothing.
func has(h http.Header, name string) bool { return h.Get(name) != "" }

// isContent reports whether the content type is the given one, or begins with it if it ends with a
// slash.
func isContent(h http.Header, contentType string) bool {
	mediaType, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	mediaType = strings.TrimSpace(mediaType)
	if strings.HasSuffix(contentType, "/") {
		return len(mediaType) > len(contentType) && strings.EqualFold(mediaType[:len(contentType)], contentType)
	}
	return strings.EqualFold(mediaType, contentType)
}
