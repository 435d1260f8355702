// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package twilio decodes the connections by which Twilio sends a call to a program: Media Streams, in
// which both sides send audio, and ConversationRelay, in which they send text. Its references are
// https://www.twilio.com/docs/voice/media-streams/websocket-messages and
// https://www.twilio.com/docs/voice/conversationrelay/websocket-messages. It also decodes Exotel's
// AgentStream, which has the messages of Media Streams with other names of fields:
// https://developer.exotel.com/docs/agentstream/websocket-protocol.
package twilio

import (
	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/mediastream"
)

// The providers, as voice.line.provider names them.
const (
	provider = "twilio"
	exotel   = "exotel"
	telnyx   = "telnyx"
)

// The fields of messages.
const (
	event = mediastream.FirstOwn + iota
	callSID
	streamSID
	exotelStream
	from
	to
	encoding
	sampleRate
	channels
	parameters
	mark
	digit
	reason

	// Of ConversationRelay.
	kind
	relayCall
	relayControl
	relaySession
	relayFrom
	relayTo
	relayParameters
	relayDigit
	prompt
	lang
	last
	played
	description
	infoName
	infoValue
	token
)

// receivedPlan has the fields of messages that Twilio and Exotel send.
var receivedPlan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "media.track", ID: mediastream.Track},
	jsonscan.Field{Path: "media.chunk", ID: mediastream.Chunk},
	jsonscan.Field{Path: "media.timestamp", ID: mediastream.Timestamp},
	jsonscan.Field{Path: "media.payload", ID: mediastream.Payload, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "streamSid", ID: streamSID},
	jsonscan.Field{Path: "stream_sid", ID: exotelStream},
	jsonscan.Field{Path: "start.streamSid", ID: streamSID},
	jsonscan.Field{Path: "start.stream_sid", ID: exotelStream},
	jsonscan.Field{Path: "start.callSid", ID: callSID},
	jsonscan.Field{Path: "start.call_sid", ID: callSID},
	jsonscan.Field{Path: "start.from", ID: from},
	jsonscan.Field{Path: "start.to", ID: to},
	jsonscan.Field{Path: "start.mediaFormat.encoding", ID: encoding},
	jsonscan.Field{Path: "start.mediaFormat.sampleRate", ID: sampleRate},
	jsonscan.Field{Path: "start.mediaFormat.channels", ID: channels},
	jsonscan.Field{Path: "start.media_format.encoding", ID: encoding},
	jsonscan.Field{Path: "start.media_format.sample_rate", ID: sampleRate},
	jsonscan.Field{Path: "start.media_format.channels", ID: channels},
	jsonscan.Field{Path: "start.customParameters", ID: parameters, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "start.custom_parameters", ID: parameters, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "mark.name", ID: mark},
	jsonscan.Field{Path: "dtmf.digit", ID: digit},
	jsonscan.Field{Path: "stop.reason", ID: reason},

	jsonscan.Field{Path: "type", ID: kind},
	jsonscan.Field{Path: "callSid", ID: relayCall},
	jsonscan.Field{Path: "callControlId", ID: relayControl}, // Of Telnyx.
	jsonscan.Field{Path: "sessionId", ID: relaySession},
	jsonscan.Field{Path: "from", ID: relayFrom},
	jsonscan.Field{Path: "to", ID: relayTo},
	jsonscan.Field{Path: "customParameters", ID: relayParameters, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "digit", ID: relayDigit},
	jsonscan.Field{Path: "voicePrompt", ID: prompt},
	jsonscan.Field{Path: "lang", ID: lang},
	jsonscan.Field{Path: "last", ID: last},
	jsonscan.Field{Path: "durationUntilInterruptMs", ID: played},
	jsonscan.Field{Path: "description", ID: description},
	jsonscan.Field{Path: "name", ID: infoName},
	jsonscan.Field{Path: "value", ID: infoValue},
)

// sentPlan has the fields of messages that a program sends.
var sentPlan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "media.payload", ID: mediastream.Payload, Mode: jsonscan.Pieces},
	jsonscan.Field{Path: "mark.name", ID: mark},
	jsonscan.Field{Path: "type", ID: kind},
	jsonscan.Field{Path: "token", ID: token},
)

// A connection is a call. Its messages say whether it is a media stream or a relay.
type connection struct{ mediastream.Stream }

// Connection returns the decoder of a connection. The program chooses the path, so the path says
// nothing.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	c := new(connection)
	// "The only supported value is audio/x-mulaw", at 8000 Hz.
	format := wire.Format{Codec: audioformat.MuLaw, SampleRate: 8000, Channels: 1}
	c.Begin(target, report, provider, receivedPlan, sentPlan, format, format)
	return c
}

// Message reads a message.
func (c *connection) Message(m wire.Message) {
	defer c.Release()
	f := c.Read(m)
	switch {
	case f == nil:
	case string(f.Text(event)) == "media":
		c.media(f, m.Sent)
	case f.Has(kind) && !f.Has(event) && m.Sent:
		c.relaySent(f)
	case f.Has(kind) && !f.Has(event):
		c.relayReceived(f)
	case m.Sent:
		c.sent(f)
	default:
		c.received(f)
	}
}

// media reads audio, which most messages are.
func (c *connection) media(f *fields.Message, isSent bool) {
	if isSent {
		c.AgentAudio()
	} else {
		c.UserAudio(f)
	}
}

func (c *connection) sent(f *fields.Message) {
	switch string(f.Text(event)) {
	case "mark":
		c.Send(wire.Event{Kind: wire.MarkSent, Name: string(f.Text(mark))})
	case "clear":
		c.Send(wire.Event{Kind: wire.Cleared})
	case "stop": // Of Exotel.
		c.Stop([]byte(mediastream.Program))
	case "dtmf", "connected": // Keys that the agent presses; a greeting that some programs send.
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) received(f *fields.Message) {
	switch string(f.Text(event)) {
	case "mark":
		c.Send(wire.Event{Kind: wire.MarkPlayed, Name: string(f.Text(mark))})
	case "start":
		c.start(f)
	case "dtmf":
		c.Key(f.Text(digit))
	case "stop":
		c.Stop(f.Text(reason))
	case "connected", "clear": // Exotel confirms a clear.
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) start(f *fields.Message) {
	call := wire.Call{
		Provider: provider, ID: string(f.Text(callSID)), Stream: string(f.Text(streamSID)),
		From: string(f.Text(from)), To: string(f.Text(to)),
	}
	rate, _ := f.Int(sampleRate)
	n, _ := f.Int(channels)
	call.Inbound = mediastream.FormatOf(string(f.Text(encoding)), int(rate), int(n))
	if f.Has(exotelStream) {
		call.Provider, call.Stream = exotel, string(f.Text(exotelStream))
		call.Inbound = exotelFormat(call.Inbound)
	}
	call.Outbound = call.Inbound // "media" has no format of its own, and is played as the stream's.
	var p mediastream.Parameters
	p.AddJSON(f.Raw(parameters))
	call.Parameters = p
	c.Start(call)
}

// exotelFormat returns the format of Exotel's audio. It is linear PCM, "raw/slin", but the encoding says
// "base64", "audio/x-raw" or something else.
func exotelFormat(f wire.Format) wire.Format {
	if f.Codec != audioformat.MuLaw && f.Codec != audioformat.ALaw {
		f.Codec = audioformat.PCM
	}
	if f.SampleRate == 0 {
		f.SampleRate = 8000
	}
	f.Channels = max(f.Channels, 1)
	return f
}
