// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package plivo decodes the connections by which Plivo sends the audio of a call to a program. Its
// reference is https://www.plivo.com/docs/voice/xml/the-stream-element. Vobiz has the same messages.
package plivo

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/mediastream"
)

// provider is the provider, as voice.line.provider names it.
const provider = "plivo"

// The fields of messages.
const (
	event = mediastream.FirstOwn + iota
	callID
	streamID
	encoding
	sampleRate
	channels
	headers
	name
	digit
	reason
	message
	contentType
	outputRate
)

// receivedPlan has the fields of messages that Plivo sends.
var receivedPlan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "media.track", ID: mediastream.Track},
	jsonscan.Field{Path: "media.chunk", ID: mediastream.Chunk},
	jsonscan.Field{Path: "media.timestamp", ID: mediastream.Timestamp},
	jsonscan.Field{Path: "media.payload", ID: mediastream.Payload, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "streamId", ID: streamID},
	jsonscan.Field{Path: "start.streamId", ID: streamID},
	jsonscan.Field{Path: "start.callId", ID: callID},
	jsonscan.Field{Path: "start.mediaFormat.encoding", ID: encoding},
	jsonscan.Field{Path: "start.mediaFormat.sampleRate", ID: sampleRate},
	jsonscan.Field{Path: "start.mediaFormat.channels", ID: channels},
	jsonscan.Field{Path: "extra_headers", ID: headers, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "start.extra_headers", ID: headers, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "name", ID: name},
	jsonscan.Field{Path: "dtmf.digit", ID: digit},
	jsonscan.Field{Path: "stop.reason", ID: reason},
	jsonscan.Field{Path: "message", ID: message},
)

// sentPlan has the fields of messages that a program sends.
var sentPlan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "media.contentType", ID: contentType},
	jsonscan.Field{Path: "media.sampleRate", ID: outputRate},
	jsonscan.Field{Path: "media.payload", ID: mediastream.Payload, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "name", ID: name},
)

// A connection is the audio of a call.
type connection struct {
	mediastream.Stream
	contentType, rate string // Of the last audio that was sent.
}

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
	case "playAudio":
		c.play(f)
	case "checkpoint":
		c.Send(wire.Event{Kind: wire.MarkSent, Name: string(f.Text(name))})
	case "clearAudio":
		c.Send(wire.Event{Kind: wire.Cleared})
	case "stop": // Of Vobiz.
		c.Stop([]byte(mediastream.Program))
	case "sendDTMF", "sendDtmf": // Keys that the agent presses.
	default:
		c.NotUnderstood("event")
	}
}

// play reads the agent's audio. Each message says its format, which need not be that of the caller's.
func (c *connection) play(f *fields.Message) {
	isNew := wire.Set(&c.contentType, f.Text(contentType))
	if wire.Set(&c.rate, f.Text(outputRate)) || isNew {
		rate, _ := f.Int(outputRate)
		c.SetOutput(mediastream.FormatOf(c.contentType, int(rate), 0))
	}
	c.AgentAudio()
}

func (c *connection) received(f *fields.Message) {
	switch string(f.Text(event)) {
	case "media":
		c.UserAudio(f)
	case "playedStream":
		c.Send(wire.Event{Kind: wire.MarkPlayed, Name: string(f.Text(name))})
	case "start":
		c.start(f)
	case "dtmf":
		c.Key(f.Text(digit))
	case "stop":
		c.Stop(f.Text(reason))
	case "error":
		c.Send(wire.Event{Kind: wire.Failed, Name: "error", Text: f.Text(message)})
	case "clearedAudio":
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) start(f *fields.Message) {
	rate, _ := f.Int(sampleRate)
	n, _ := f.Int(channels)
	call := wire.Call{
		Provider: provider, ID: string(f.Text(callID)), Stream: string(f.Text(streamID)),
		Inbound: mediastream.FormatOf(string(f.Text(encoding)), int(rate), int(n)),
	}
	var p mediastream.Parameters
	p.AddJSON(f.Raw(headers))
	call.Parameters = p
	c.contentType, c.rate = "", ""
	c.Start(call)
}
