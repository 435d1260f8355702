// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package openairealtime decodes OpenAI's Realtime API over a WebSocket: sessions with a speech-to-speech
// model and sessions that only transcribe, with the names of events of the general availability and of
// the beta, as OpenAI, Azure and others serve it.
// See https://platform.openai.com/docs/api-reference/realtime.
package openairealtime

import (
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/internal/wire/payload"
)

// rate is the sample rate of the API's PCM, in Hz.
const rate = 24000

// maxIDs is how many IDs of responses, items and calls are held, so that they are not allocated for each
// message.
const maxIDs = 16

// Connection returns the decoder of a connection, or nil if the path is none of the API.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	path := strings.TrimSuffix(target.Path, "/")
	if !strings.HasSuffix(path, "/realtime") || strings.Contains(path, "speech-to-text") {
		return nil
	}
	stage := wire.Realtime
	if target.Query.Get("intent") == "transcription" {
		stage = wire.STT
	}
	c := &connection{Base: wire.NewBase(target, stage, report)}
	c.message = fields.New(plan, nil)
	c.Request.Model = target.Query.Get("model")
	if c.Request.Model == "" {
		c.Request.Model = target.Query.Get("deployment") // Of Azure.
	}
	pcm := wire.Format{Codec: audioformat.PCM, SampleRate: rate, Channels: 1}
	c.Request.Format = pcm
	if stage == wire.Realtime {
		c.Request.Output = pcm
		c.Request.MayTranscribe = c.Request.Model == "" // The key may be that of a session that transcribes.
	}
	c.decoded = func(p []byte) { c.Send(wire.Event{Kind: wire.Audio, Of: c.speaking, Data: p}) }
	return c
}

type connection struct {
	wire.Base

	message  *fields.Message
	base64   payload.Base64
	decoded  func([]byte)
	speaking string // The response whose audio is decoded.
	ids      []string
	calls    wire.Names    // Calls of tools that were reported.
	padding  time.Duration // Before speech, that the detector adds.
	hasVoice bool          // AudioFormat was reported.
	session  string
	response string        // The open one of the conversation.
	isBegun  bool          // It has content.
	partials int           // Code points of the interim transcript.
	billed   time.Duration // The user's audio, of a session that transcribes.
	silence  silence
	isBinary struct{ input, output bool } // Audio may pass in binary messages, as of xAI.
}

// A silence is what the model answers because the user has said nothing for the session's idle timeout. It commits
// an item that has nothing but the silence.
type silence struct {
	isExpected bool
	item       string // Empty if it is not known.
}

// Message reads a message.
func (c *connection) Message(m wire.Message) {
	defer c.message.Release()
	if m.Binary {
		c.binary(m)
		return
	}
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

// binary reads a message of audio without anything around it. One that is received belongs to the open response.
func (c *connection) binary(m wire.Message) {
	switch {
	case m.Sent && c.isBinary.input:
		c.Asked()
		c.Send(wire.Event{Kind: wire.UserAudio, Audio: payload.Duration(c.Request.Format, len(m.Data))})
	case !m.Sent && c.isBinary.output:
		c.voice(c.response)
		c.decoded(m.Data)
	default:
		c.NotUnderstood("json")
	}
}

// Closed reads the end of the connection.
func (c *connection) Closed() {}

// sent reads a message of the program.
func (c *connection) sent() {
	m := c.message
	switch string(m.Text(msgType)) {
	case "input_audio_buffer.append", "input_audio.turn.append": // The second is Azure's.
		c.Asked()
		size := payload.Size(m.Text(msgAudio))
		c.Send(wire.Event{Kind: wire.UserAudio, Audio: payload.Duration(c.Request.Format, size)})
	case "session.update", "transcription_session.update":
		c.parameters()
	case "conversation.item.truncate":
		if ms, ok := m.Int(msgAudioEnd); ok && ms >= 0 {
			c.Send(wire.Event{Kind: wire.Truncated, Of: c.id(m.Text(msgItem)), Audio: time.Duration(ms) * time.Millisecond})
		}
	case "conversation.item.create":
		if m.Is(msgItemType, "function_call_output") {
			c.Send(wire.Event{Kind: wire.ToolAnswered, ID: c.id(m.Text(msgCall))})
		}
	case "response.cancel", "output_audio_buffer.clear":
		c.Send(wire.Event{Kind: wire.Cleared, Of: c.of()})
	case "input_audio_buffer.commit", "input_audio_buffer.clear", "response.create", "conversation.item.delete", "conversation.item.retrieve":
	default:
		if !isIn(silentSent[:], m.Text(msgType)) {
			c.NotUnderstood("event")
		}
	}
}

// xAI is the provider that does not report the end of a response that it gives up before its first content, because the
// user goes on.
const xAI = "x_ai"

// parameters reads those of a session.
func (c *connection) parameters() {
	m, r := c.message, &c.Request
	before := *r
	if m.Is(msgSessionType, "transcription") || strings.HasPrefix(string(m.Text(msgType)), "transcription_session.") {
		r.Stage, r.Output, r.MayTranscribe = wire.STT, wire.Format{}, false
	}
	if r.Model == "" {
		wire.Set(&r.Model, m.Text(msgModel))
	}
	if r.Stage == wire.STT {
		wire.Set(&r.Model, m.Text(msgTranscriber))
	}
	wire.Set(&r.Voice, m.Text(msgVoice))
	wire.Set(&r.Language, m.Text(msgLanguage))
	c.detector()
	c.transports()
	c.format(&r.Format, msgInput, msgInputRate)
	if r.Stage == wire.Realtime {
		c.format(&r.Output, msgOutput, msgOutputRate)
	}
	if c.IsAsked() && (before.Model != r.Model || before.Voice != r.Voice || before.Format != r.Format || before.Output != r.Output) {
		c.Send(wire.Event{Kind: wire.Reopened, Request: r})
	}
}

// detector reads the detector of speech. What is set of one is not that of another, and a program that
// commits by itself sets null.
func (c *connection) detector() {
	m := c.message
	if m.Has(msgDetectorType) || m.Kind(msgDetector) == jsonscan.Null {
		c.Request.Hangover, c.padding = 0, 0
	}
	if ms, ok := m.Int(msgSilence); ok && ms >= 0 && ms < 1e6 {
		c.Request.Hangover = time.Duration(ms) * time.Millisecond
	}
	if ms, ok := m.Int(msgPadding); ok && ms >= 0 && ms < 1e6 {
		c.padding = time.Duration(ms) * time.Millisecond
	}
}

// transports reads how audio passes: in JSON, which is the default, or in binary messages. A change counts from the
// next response on, so that binary messages stay audio.
func (c *connection) transports() {
	m, b := c.message, &c.isBinary
	b.input = b.input || m.Is(msgInputTransport, "binary")
	b.output = b.output || m.Is(msgOutputTransport, "binary")
}

// format reads a format: "audio/pcm" and "audio/pcmu" of the general availability, "pcm16" and
// "g711_ulaw" of the beta, "audio/opus" of xAI.
func (c *connection) format(to *wire.Format, name, hz int) {
	m := c.message
	switch text := m.Text(name); string(text) {
	case "":
	case "audio/pcm", "pcm16":
		*to = wire.Format{Codec: audioformat.PCM, SampleRate: rate, Channels: 1}
		if n, ok := m.Int(hz); ok && n > 0 && n <= 192000 {
			to.SampleRate = int(n)
		}
	case "audio/pcmu", "g711_ulaw":
		*to = wire.Format{Codec: audioformat.MuLaw, SampleRate: 8000, Channels: 1}
	case "audio/pcma", "g711_alaw":
		*to = wire.Format{Codec: audioformat.ALaw, SampleRate: 8000, Channels: 1}
	default:
		if *to = audioformat.OfName(string(text)); to.SampleRate == 0 {
			to.SampleRate = rate
		}
		to.Channels = max(to.Channels, 1)
	}
}

// id returns an ID as a string, the same one for the same ID.
func (c *connection) id(text []byte) string {
	if len(text) == 0 {
		return ""
	}
	for _, id := range c.ids {
		if id == string(text) {
			return id
		}
	}
	if len(c.ids) == maxIDs {
		c.ids = append(c.ids[:0], c.ids[1:]...)
	}
	id := string(text)
	c.ids = append(c.ids, id)
	return id
}

// usage returns the tokens of a response.
func (c *connection) usage() (u llmreport.Usage, ok bool) {
	count := func(field int) int {
		n, isCount := c.message.Int(field)
		if !isCount || n < 0 || n >= 1<<31 {
			return 0
		}
		ok = true
		return int(n)
	}
	counts := llmreport.OpenAICounts{
		Input: count(useInput), Output: count(useOutput), Total: count(useTotal), Cached: count(useCached),
		InputAudio: count(useInputAudio), OutputAudio: count(useOutputAudio), InputAudioRead: count(useInputAudioRead),
		Reasoning: count(useReasoning),
	}
	return counts.Usage(), ok
}
