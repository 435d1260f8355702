// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openairealtime

import (
	"time"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// received reads a message of the model.
func (c *connection) received() {
	m := c.message
	c.Request.MayTranscribe = false // From the first message on, which is that of the session.
	switch string(m.Text(msgType)) {
	case "response.output_audio.delta", "response.audio.delta":
		c.audio()
	case "session.created", "session.updated", "transcription_session.created", "transcription_session.updated":
		c.opened()
	case "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed":
		c.speech()
	case "input_audio_buffer.dtmf_event_received":
		c.Send(wire.Event{Kind: wire.Digit, Text: c.content(msgKey)})
	case "input_audio_buffer.timeout_triggered":
		c.silence = silence{isExpected: true, item: c.id(m.Text(msgItem))}
	case "conversation.item.input_audio_transcription.delta":
		c.partials += utf8.RuneCount(m.Text(msgDelta))
		c.Send(wire.Event{Kind: wire.Partial, Of: c.id(m.Text(msgItem)), Characters: c.partials, Text: c.content(msgDelta)})
	case "conversation.item.input_audio_transcription.updated": // Of xAI: all that is known of the item.
		c.partial()
	case "conversation.item.input_audio_transcription.completed":
		if m.Is(msgStatus, "in_progress") { // Of xAI: the user goes on, and the item is transcribed again.
			c.partial()
			return
		}
		c.transcribed()
	case "conversation.item.input_audio_transcription.failed":
		c.partials = 0
		c.Send(wire.Event{Kind: wire.Refused, Of: c.id(m.Text(msgItem)), Name: c.errorClass()})
	case "error":
		c.failed()
	case "response.created":
		c.responding()
	case "response.output_item.added":
		if m.Is(msgItemType, "function_call") && m.Has(msgName) {
			c.called()
		}
	case "response.function_call_arguments.done":
		c.called()
	case "response.output_audio_transcript.delta", "response.audio_transcript.delta", "response.output_text.delta", "response.text.delta":
		of := c.of()
		c.begun(of)
		c.Send(wire.Event{Kind: wire.Token, Of: of})
		if text := c.content(msgDelta); len(text) > 0 {
			c.Send(wire.Event{Kind: wire.Answer, Of: of, Text: text})
		}
	case "response.done":
		c.responded()
	case "output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared":
		c.played()
	default:
		if !isIn(silent[:], m.Text(msgType)) {
			c.NotUnderstood("event")
		}
	}
}

// silent are the beginnings of names of messages that report nothing of interest. Those of the second half are
// Azure's.
var silent = [...]string{
	"conversation.", "response.content_part.", "response.output_item.", "response.output_audio", "response.audio",
	"response.output_text.", "response.text.", "response.function_call_arguments.", "response.mcp_", "mcp_", "rate_limits.",
	"input_audio_buffer.", "output_audio_buffer.", "ping", "session.",

	"response.animation_", "response.video.", "response.web_search_call.", "response.file_search_call.", "response.invocation.",
	"warning", "byom_credential.", "rtc.call.sdp.",
}

// silentSent are those of messages that the program sends to Azure.
var silentSent = [...]string{
	"session.avatar.", "input_audio.", "input_text.", "mcp_approval_response", "byom_credential.", "rtc.call.sdp.",
}

func isIn(prefixes []string, name []byte) bool {
	for _, prefix := range prefixes {
		if len(name) >= len(prefix) && string(name[:len(prefix)]) == prefix {
			return true
		}
	}
	return false
}

// content returns the text of a field, or nil if no content may be reported.
func (c *connection) content(field int) []byte {
	if !c.Target.Content {
		return nil
	}
	return c.message.Text(field)
}

// opened reads the parameters of the session.
func (c *connection) opened() {
	m := c.message
	c.parameters()
	if wire.Set(&c.session, m.Text(msgSession)) {
		c.Send(wire.Event{Kind: wire.Answered, ID: c.session, Name: c.id(m.Text(msgModel))})
	}
	c.Asked()
}

// audio reads a piece of the agent's voice.
func (c *connection) audio() {
	m := c.message
	c.voice(c.of())
	if !c.base64.Decode(m.Text(msgDelta), c.decoded) {
		c.NotUnderstood("base64")
	}
}

// voice reports the format of the agent's voice before its first piece. of is the response that speaks.
func (c *connection) voice(of string) {
	if !c.hasVoice {
		c.hasVoice = true
		c.Send(wire.Event{Kind: wire.AudioFormat, Format: c.Request.Output})
	}
	c.speaking = of
	c.begun(of)
}

// begun notes that a response has content.
func (c *connection) begun(of string) { c.isBegun = c.isBegun || of == c.response }

// played reads what a model plays whose audio passes by WebRTC or SIP, and not in messages.
func (c *connection) played() {
	e := wire.Event{Kind: wire.Interrupted, Of: c.id(c.message.Text(msgResponse))}
	switch string(c.message.Text(msgType)) {
	case "output_audio_buffer.started":
		e.Kind = wire.Playing
	case "output_audio_buffer.stopped":
		e.Kind = wire.Played
	}
	if e.Kind == wire.Interrupted || !c.hasVoice {
		c.Send(e)
	}
}

// partial reads an interim transcript of all that the user has said in an item.
func (c *connection) partial() {
	m := c.message
	c.partials = utf8.RuneCount(m.Text(msgTranscript))
	c.Send(wire.Event{Kind: wire.Partial, Of: c.id(m.Text(msgItem)), Characters: c.partials, Text: c.content(msgTranscript)})
}

// speech reads what the detector hears. OpenAI documents that the start includes the padding before the
// speech, and the end the silence after it. A silence that is committed is nothing that the user said.
func (c *connection) speech() {
	m := c.message
	e := wire.Event{Of: c.id(m.Text(msgItem))}
	switch string(m.Text(msgType)) {
	case "input_audio_buffer.speech_started":
		e.Kind = wire.SpeechStarted
		if ms, ok := m.Int(msgAudioStart); ok && ms >= 0 {
			at := time.Duration(ms)*time.Millisecond + c.padding
			e.Speech = wire.Speech{Start: at, End: at, HasOffsets: true}
		}
	case "input_audio_buffer.speech_stopped":
		e.Kind = wire.SpeechStopped
		if ms, ok := m.Int(msgAudioEnd); ok && ms >= 0 {
			at := max(time.Duration(ms)*time.Millisecond-c.Request.Hangover, 0)
			e.Speech = wire.Speech{Start: at, End: at, HasOffsets: true}
		}
	default:
		if c.silence.isExpected && (c.silence.item == "" || c.silence.item == e.Of) {
			c.silence = silence{}
			return
		}
		e.Kind = wire.Committed
	}
	c.silence.isExpected = false
	c.Send(e)
}

// transcribed reads the final transcript of what the user said.
func (c *connection) transcribed() {
	m := c.message
	c.partials = 0
	e := wire.Event{
		Kind: wire.Final, Of: c.id(m.Text(msgItem)), Text: c.content(msgTranscript),
		Characters: utf8.RuneCount(m.Text(msgTranscript)),
	}
	if s, ok := m.Float(useSeconds); ok && s > 0 && s < 1e6 {
		e.Audio = time.Duration(s * float64(time.Second))
	}
	c.Send(e)
	if c.Request.Stage != wire.STT { // The tokens are those of another model than the one that answers.
		return
	}
	c.Send(wire.Event{Kind: wire.Committed, Of: e.Of})
	if usage, ok := c.usage(); ok {
		c.Send(wire.Event{Kind: wire.Used, Of: e.Of, Usage: usage})
	}
	if e.Audio > 0 {
		c.billed += e.Audio
		c.Send(wire.Event{Kind: wire.Billed, Audio: c.billed})
	}
}

// responding reads the start of a response. One that writes to no conversation is for the program.
func (c *connection) responding() {
	e := wire.Event{Kind: wire.Responding, ID: c.id(c.message.Text(msgResponse))}
	e.Of = e.ID
	c.Asked()
	if c.message.Kind(msgConversation) == jsonscan.Null {
		e.Name = wire.Aside
	} else {
		if c.response != "" && c.response != e.ID && !c.isBegun && c.Request.Provider == xAI {
			c.Send(wire.Event{Kind: wire.Responded, Of: c.response, Name: "incomplete"})
		}
		c.response, c.isBegun = e.ID, false
	}
	c.Send(e)
}

// called reads the call of a tool.
func (c *connection) called() {
	m := c.message
	if len(c.calls) == maxIDs {
		c.calls = append(c.calls[:0], c.calls[1:]...)
	}
	of := c.of()
	c.begun(of)
	if c.calls.AddText(m.Text(msgCall)) {
		c.Send(wire.Event{Kind: wire.ToolCalled, Of: of, ID: c.id(m.Text(msgCall)), Name: string(m.Text(msgName))})
	}
	if arguments := c.content(msgArguments); len(arguments) > 0 {
		c.Send(wire.Event{Kind: wire.ToolArguments, Of: of, Text: arguments})
	}
}

// responded reads the end of a response.
func (c *connection) responded() {
	m := c.message
	of := c.of()
	if usage, ok := c.usage(); ok {
		c.Send(wire.Event{Kind: wire.Used, Of: of, Usage: usage})
	}
	reason := c.id(m.Text(msgReason))
	status := c.id(m.Text(msgStatus))
	switch {
	case status == "failed":
		c.Send(wire.Event{Kind: wire.Failed, Of: of, Name: c.errorClass(), Text: m.Text(msgErrorMessage)})
	case reason == "turn_detected":
		c.Send(wire.Event{Kind: wire.Interrupted, Of: of})
	case reason != "":
		c.Send(wire.Event{Kind: wire.Finished, Of: of, Name: reason})
	case status == "completed":
		c.Send(wire.Event{Kind: wire.Finished, Of: of, Name: "stop"})
	}
	c.Send(wire.Event{Kind: wire.Responded, Of: of, Name: status})
	if c.response == of {
		c.response = ""
	}
}

// failed reads an error that belongs to no response. What the program asked for wrongly does not end the session.
func (c *connection) failed() {
	m := c.message
	e := wire.Event{Kind: wire.Failed, Name: c.errorClass(), Text: m.Text(msgErrorMessage)}
	if m.Is(msgErrorType, "invalid_request_error") && e.Name != "session_expired" {
		e.Kind, e.Text = wire.Refused, nil
	}
	c.Send(e)
}

func (c *connection) errorClass() string {
	class := c.message.Text(msgErrorCode)
	if !wire.IsClass(class) { // Of xAI, a code may be a sentence.
		class = c.message.Text(msgErrorType)
	}
	return string(class)
}

// of returns the response that a message belongs to.
func (c *connection) of() string {
	if of := c.id(c.message.Text(msgResponse)); of != "" {
		return of
	}
	return c.response
}
