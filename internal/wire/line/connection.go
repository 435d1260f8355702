// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package line decodes the connections by which providers of telephony send the audio of a call to a
// program. The program chooses the host and the path of such a connection, so that only its messages say
// which provider it is.
package line

import (
	"bytes"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/plivo"
	"github.com/voice-agents/telemetry/internal/wire/telnyx"
	"github.com/voice-agents/telemetry/internal/wire/twilio"
	"github.com/voice-agents/telemetry/internal/wire/vonage"
)

// A decoder makes the decoder of a provider.
type decoder func(*wire.Target, wire.Report) wire.Connection

// The fields that tell providers apart.
const (
	event = iota
	action
	kind
	twilioID
	exotelID
	telnyxID
	plivoID
	relayID
	payload
	mark
)

var plan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "action", ID: action},
	jsonscan.Field{Path: "type", ID: kind},
	jsonscan.Field{Path: "streamSid", ID: twilioID},
	jsonscan.Field{Path: "start.streamSid", ID: twilioID},
	jsonscan.Field{Path: "start.callSid", ID: twilioID},
	jsonscan.Field{Path: "stream_sid", ID: exotelID},
	jsonscan.Field{Path: "start.stream_sid", ID: exotelID},
	jsonscan.Field{Path: "start.call_sid", ID: exotelID},
	jsonscan.Field{Path: "stream_id", ID: telnyxID},
	jsonscan.Field{Path: "start.call_control_id", ID: telnyxID},
	jsonscan.Field{Path: "streamId", ID: plivoID},
	jsonscan.Field{Path: "start.streamId", ID: plivoID},
	jsonscan.Field{Path: "start.callId", ID: plivoID},
	jsonscan.Field{Path: "callSid", ID: relayID},
	jsonscan.Field{Path: "media.payload", ID: payload},
	jsonscan.Field{Path: "mark.name", ID: mark},
)

// maxUnknown is how many messages may pass until one says the provider.
const maxUnknown = 32

// A connection finds the provider of a connection, and then passes its messages on.
type connection struct {
	wire.Base
	report  wire.Report
	of      wire.Connection // Nil until the provider is known.
	fields  *fields.Message // Nil when the provider is known or is none.
	unknown int
}

// Connection returns the decoder of a connection that a program accepts. It is never nil. Its provider
// is "" until a message says it. A connection that is not a line, as that of a browser, reports
// NotUnderstood "line", and nothing else.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	c := &connection{Base: wire.NewBase(target, wire.Line, report), report: report, fields: fields.New(plan, nil)}
	c.Request.Provider = ""
	return c
}

// Asks returns what is known of the connection.
func (c *connection) Asks() *wire.Request {
	if c.of != nil {
		return c.of.Asks()
	}
	return &c.Request
}

// Message reads a message.
func (c *connection) Message(m wire.Message) {
	switch {
	case c.of != nil:
		c.of.Message(m)
	case c.fields != nil:
		c.find(m)
	}
}

// Closed reads the end of the connection.
func (c *connection) Closed() {
	if c.of != nil {
		c.of.Closed()
	}
}

func (c *connection) find(m wire.Message) {
	decoder, isLine := c.decoderOf(m)
	c.unknown++
	switch {
	case decoder != nil:
		c.fields = nil
		c.of = decoder(c.Target, c.report)
		c.Request.Provider = c.of.Asks().Provider // Of what Asks has returned before.
		c.of.Message(m)
	case !isLine, c.unknown == maxUnknown:
		c.fields = nil
		c.NotUnderstood("line")
	}
}

// decoderOf returns the decoder of the provider that a message is of, or nil, and whether the message may
// be of a line.
func (c *connection) decoderOf(m wire.Message) (d decoder, isLine bool) {
	if m.Binary { // Vonage says what it is before it sends audio. The program may send audio at once.
		return nil, m.Sent
	}
	f := c.fields
	defer f.Release()
	if !f.Read(m.Data) {
		return nil, m.Sent
	}
	name := f.Text(event)
	switch {
	case bytes.HasPrefix(name, []byte("websocket:")):
		return vonage.Connection, true
	case f.Is(kind, "setup") && f.Has(relayID):
		return twilio.Connection, true
	case !isEvent(name):
		isVonage := m.Sent && (f.Is(action, "clear") || f.Is(action, "notify"))
		if isVonage {
			return vonage.Connection, true
		}
		return nil, m.Sent
	case f.Has(twilioID), f.Has(exotelID):
		return twilio.Connection, true
	case f.Has(telnyxID):
		return telnyx.Connection, true
	case f.Has(plivoID), isPlivo(name):
		return plivo.Connection, true
	case m.Sent && (f.Has(payload) || f.Has(mark)): // Of these, only a program's messages to Telnyx have no ID.
		return telnyx.Connection, true
	}
	// "connected" is the same of several providers.
	return nil, true
}

// isEvent reports whether a line has messages of this name.
func isEvent(name []byte) bool {
	switch string(name) {
	case "connected", "start", "media", "mark", "dtmf", "stop", "clear", "error":
		return true
	}
	return isPlivo(name)
}

func isPlivo(name []byte) bool {
	switch string(name) {
	case "playAudio", "checkpoint", "clearAudio", "playedStream", "clearedAudio":
		return true
	}
	return false
}
