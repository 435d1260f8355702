// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package telnyx decodes the connections by which Telnyx sends the media of a call to a program. Its
// reference is https://developers.telnyx.com/api-reference/websockets/stream-call-media-over-websocket.
package telnyx

import (
	"encoding/base64"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/mediastream"
)

// provider is the provider, as voice.line.provider names it.
const provider = "telnyx"

// The fields of messages.
const (
	event = mediastream.FirstOwn + iota
	callID
	streamID
	from
	to
	encoding
	sampleRate
	channels
	clientState
	parameters
	mark
	digit
	reason
	failCode
	failTitle
	failDetail
)

// receivedPlan has the fields of messages that Telnyx sends. Errors are in "payload"; older
// descriptions of the API have them in "error".
var receivedPlan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "media.track", ID: mediastream.Track},
	jsonscan.Field{Path: "media.chunk", ID: mediastream.Chunk},
	jsonscan.Field{Path: "media.timestamp", ID: mediastream.Timestamp},
	jsonscan.Field{Path: "media.payload", ID: mediastream.Payload, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "stream_id", ID: streamID},
	jsonscan.Field{Path: "start.call_control_id", ID: callID},
	jsonscan.Field{Path: "start.from", ID: from},
	jsonscan.Field{Path: "start.to", ID: to},
	jsonscan.Field{Path: "start.media_format.encoding", ID: encoding},
	jsonscan.Field{Path: "start.media_format.sample_rate", ID: sampleRate},
	jsonscan.Field{Path: "start.media_format.channels", ID: channels},
	jsonscan.Field{Path: "start.client_state", ID: clientState},
	jsonscan.Field{Path: "start.custom_parameters", ID: parameters, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "mark.name", ID: mark},
	jsonscan.Field{Path: "dtmf.digit", ID: digit},
	jsonscan.Field{Path: "stop.reason", ID: reason},
	jsonscan.Field{Path: "payload.code", ID: failCode},
	jsonscan.Field{Path: "payload.title", ID: failTitle},
	jsonscan.Field{Path: "payload.detail", ID: failDetail},
	jsonscan.Field{Path: "error.code", ID: failCode},
	jsonscan.Field{Path: "error.title", ID: failTitle},
	jsonscan.Field{Path: "error.detail", ID: failDetail},
)

// sentPlan has the fields of messages that a program sends.
var sentPlan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "media.payload", ID: mediastream.Payload, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "mark.name", ID: mark},
)

// A connection is the media of a call.
type connection struct{ mediastream.Stream }

// Connection returns the decoder of a connection. The program chooses the path, so the path says
// nothing.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	c := new(connection)
	c.Begin(target, report, provider, receivedPlan, sentPlan, wire.Format{}, wire.Format{})
	return c
}

// Message reads a message.
func (c *connection) Message(m wire.Message) {
	defer c.Release()
	f := c.Read(m)
	switch {
	case f == nil:
	case m.Sent:
		c.sent(f)
	default:
		c.received(f)
	}
}

func (c *connection) sent(f *fields.Message) {
	switch string(f.Text(event)) {
	case "media":
		c.AgentAudio()
	case "mark":
		c.Send(wire.Event{Kind: wire.MarkSent, Name: string(f.Text(mark))})
	case "clear":
		c.Send(wire.Event{Kind: wire.Cleared})
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) received(f *fields.Message) {
	switch string(f.Text(event)) {
	case "media":
		c.UserAudio(f)
	case "mark":
		c.Send(wire.Event{Kind: wire.MarkPlayed, Name: string(f.Text(mark))})
	case "start":
		c.start(f)
	case "dtmf":
		c.Key(f.Text(digit))
	case "stop":
		c.Stop(f.Text(reason))
	case "error":
		class := f.Text(failTitle)
		if !wire.IsClass(class) {
			class = f.Text(failCode)
		}
		c.Send(wire.Event{Kind: wire.Failed, Name: string(class), Text: f.Text(failDetail)})
	case "connected":
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) start(f *fields.Message) {
	rate, _ := f.Int(sampleRate)
	n, _ := f.Int(channels)
	format := mediastream.FormatOf(string(f.Text(encoding)), int(rate), int(n))
	call := wire.Call{
		Provider: provider, ID: string(f.Text(callID)), Stream: string(f.Text(streamID)),
		From: string(f.Text(from)), To: string(f.Text(to)), Inbound: format, Outbound: outputOf(format),
	}
	var p mediastream.Parameters
	p.AddJSON(f.Raw(parameters))
	if state := f.Text(clientState); len(state) > 0 {
		p.Add("client_state", string(state))
		if text, err := base64.StdEncoding.DecodeString(string(state)); err == nil {
			p.AddJSON(text) // Of a program that gives several values to the call.
		}
	}
	call.Parameters = p
	c.Start(call)
}

// outputOf returns the format of the agent's audio. "start" does not say it: it is the
// stream_bidirectional_codec of the command that began the stream. Programs set that to the codec of the
// caller's audio where it is one of those that need no encoder. With others, which may also be the codec
// that the call happens to have, the output is unknown.
func outputOf(inbound wire.Format) wire.Format {
	switch inbound.Codec {
	case audioformat.MuLaw, audioformat.ALaw, audioformat.PCM:
		return inbound
	}
	return wire.Format{}
}
