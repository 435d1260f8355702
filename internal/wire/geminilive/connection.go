// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package geminilive decodes the Live API of Google's Gemini models over a WebSocket, as the Gemini API
// and Vertex AI serve it: the messages of BidiGenerateContent. See https://ai.google.dev/api/live and
// https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/multimodal-live.
//
// The messages are JSON of Protocol Buffers, with names in camel case or with underscores. The server
// sends them in binary frames, the SDKs in text frames; both are read in both directions. Responses have
// no ID, and no event says that one begins: it begins with its first content.
//
// # The end of the user's speech
//
// With automatic activity detection, which is the default, nothing says when the user began and stopped.
// inputTranscription comes "independently of the other server messages and there is no guaranteed
// ordering" (reference of BidiGenerateContentServerContent). So the decoder reports no SpeechStopped and
// no Committed then, but that an answer is one to speech: see [wire.ToSpeech]. Where the start and
// the end are known, they are reported:
//
//   - activityStart and activityEnd, which the program sends if it detects activity by itself, are
//     SpeechStarted and Committed. When the user stopped is known as the program says it.
//   - voiceActivity and voiceActivityDetectionSignal, which the server sends to some clients, are
//     SpeechStarted, and SpeechStopped with Committed.
//   - A text that is to be answered (clientContent with turnComplete, text in realtimeInput) is
//     Committed.
package geminilive

import (
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

// The values of gen_ai.provider.name.
const (
	providerGemini = "gcp.gemini"
	providerVertex = "gcp.vertex_ai"
)

// Connection returns the decoder of a connection, or nil if the path is none of the API.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	provider := providerOf(target.Path)
	if provider == "" {
		return nil
	}
	c := &connection{Base: wire.NewBase(target, wire.Realtime, report)}
	if c.Request.Provider == "" || c.Request.Provider == providerGemini { // Also of a host that is not known.
		c.Request.Provider = provider
	}
	c.Request.Format = wire.Format{Codec: audioformat.PCM, SampleRate: inputRate, Channels: 1}
	c.Request.Output = wire.Format{Codec: audioformat.PCM, SampleRate: outputRate, Channels: 1}
	c.answer.isCounted = true // There is none.
	c.message = fields.New(plan, c.value)
	c.decoded = func(p []byte) { c.Send(wire.Event{Kind: wire.Audio, Data: p}) }
	return c
}

// providerOf returns the provider whose API has a path, or "". The paths are those of the SDKs:
// "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent", with "Constrained" behind it
// for an ephemeral token, and "/ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent".
func providerOf(path string) string {
	path = strings.TrimSuffix(path, "/")
	service, method := path, ""
	if i := strings.LastIndexByte(path, '/'); i >= 0 {
		service, method = path[:i], path[i+1:]
	}
	service = service[strings.LastIndexByte(service, '/')+1:]
	switch {
	case method == "BidiGenerateContent":
		if strings.HasPrefix(service, "google.cloud.aiplatform.") && strings.HasSuffix(service, ".LlmBidiService") {
			return providerVertex
		}
	case strings.HasPrefix(method, "google.ai.generativelanguage."):
		if strings.HasSuffix(strings.TrimSuffix(method, "Constrained"), ".GenerativeService.BidiGenerateContent") {
			return providerGemini
		}
	}
	return ""
}

// The sample rates of the API's PCM, in Hz, if a message does not say them: input "natively" has the
// first, and output "always" the second (https://ai.google.dev/gemini-api/docs/live-guide).
const (
	inputRate  = 16000
	outputRate = 24000
)

type connection struct {
	wire.Base

	message *fields.Message
	base64  payload.Base64
	decoded func([]byte)

	// Of the current message. See message.go.
	lists lists

	isManual   bool // The program detects activity.
	isSpoken   bool // The words of an answer come as outputTranscription.
	isResumed  bool // The setup names a session that goes on.
	isHistory  bool // What is sent as content was said before. The model does not answer it.
	session    string
	inputType  mediaType
	outputType mediaType
	voice      wire.Format // As AudioFormat has reported it.
	heard      transcript
	spoken     []byte // What the agent says in a response that has not begun. Empty without content.
	hasSpoken  bool
	input      input
	answer     answer
	late       llmreport.Usage // That was reported before the answer it belongs to.
}

// An input is what the program sent since the newest answer began.
type input struct {
	hasAudio bool // The user's.
	hasText  bool // A text that is to be answered.
	hasTool  bool // The result of a tool.
}

// An answer is the response that is open, or the newest one.
type answer struct {
	isOpen        bool
	isInterrupted bool
	isCounted     bool // Its tokens are known.
	isFinished    bool
	isWaiting     bool // For the results of its calls.
	calls         int  // That have no result.
}

// Message reads a message.
func (c *connection) Message(m wire.Message) {
	defer c.message.Release()
	c.lists.reset()
	if !c.message.Read(m.Data) {
		c.NotUnderstood("json")
		return
	}
	if m.Sent {
		c.sent()
		return
	}
	c.received()
}

// Closed reads the end of the connection.
func (c *connection) Closed() {}

// usage returns the tokens of a message. Those of thoughts are beside those of the response: reports have
// more of them, and totals without them.
func (c *connection) usage() llmreport.Usage {
	counts := c.lists.usage.Counts()
	counts.Total = 0
	return counts.Usage()
}

// A mediaType is the newest value of a mimeType, so that the same one is not parsed for each frame.
type mediaType struct {
	name   string
	format wire.Format
}

// of returns the format of a mimeType: "audio/pcm;rate=16000". Without a rate it has that of the API. It
// reports false if the type is not that of audio.
func (t *mediaType) of(name []byte, rate int) (f wire.Format, isAudio bool) {
	if len(name) == 0 {
		name = defaultType
	}
	if t.name != string(name) {
		t.name = string(name)
		t.format = wire.Format{}
		if strings.HasPrefix(strings.ToLower(t.name), "audio/") {
			t.format = audioformat.OfContentType(t.name)
		}
		if t.format.Codec == audioformat.PCM {
			if t.format.SampleRate == 0 {
				t.format.SampleRate = rate
			}
			t.format.Channels = max(t.format.Channels, 1)
		}
	}
	return t.format, t.format.Codec != ""
}

var defaultType = []byte("audio/pcm")

// milliseconds returns a duration that the program may set.
func (c *connection) milliseconds(field int) time.Duration {
	if ms, ok := c.message.Int(field); ok && ms >= 0 && ms < 1e6 {
		return time.Duration(ms) * time.Millisecond
	}
	return 0
}
