// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package vonage decodes the connections by which Vonage sends the audio of a call to a program. Text
// messages are JSON, binary messages are audio. Its reference is
// https://developer.vonage.com/en/voice/voice-api/concepts/websockets.
package vonage

import (
	"encoding/binary"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/audioformat"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/mediastream"
)

// provider is the provider, as voice.line.provider names it.
const provider = "vonage"

// The fields of text messages.
const (
	event = iota
	action
	contentType
	digit
	payload
	reason
	headers
)

var plan = fields.NewPlan(
	jsonscan.Field{Path: "event", ID: event},
	jsonscan.Field{Path: "action", ID: action},
	jsonscan.Field{Path: "content-type", ID: contentType},
	jsonscan.Field{Path: "digit", ID: digit},
	jsonscan.Field{Path: "dtmf.digit", ID: digit},
	jsonscan.Field{Path: "dtmf", ID: digit},
	jsonscan.Field{Path: "payload", ID: payload, Mode: jsonscan.Raw},
	jsonscan.Field{Path: "reason", ID: reason},
	jsonscan.Field{Path: "headers", ID: headers, Mode: jsonscan.Raw},
)

// A connection is the audio of a call.
type connection struct {
	wire.Base
	fields *fields.Message
	rate   int // Bytes a second.
}

// Connection returns the decoder of a connection. The program chooses the path, so the path says
// nothing.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	c := &connection{Base: wire.NewBase(target, wire.Line, report), fields: fields.New(plan, nil)}
	c.Request.Provider = provider
	return c
}

// Message reads a message.
func (c *connection) Message(m wire.Message) {
	defer c.fields.Release()
	switch {
	case m.Binary:
		c.audio(m)
	case !c.fields.Read(m.Data):
		c.NotUnderstood("json")
	case m.Sent:
		c.sent(c.fields)
	default:
		c.received(c.fields, m.Data)
	}
}

func (c *connection) audio(m wire.Message) {
	if len(m.Data) == 0 {
		return
	}
	e := wire.Event{Kind: wire.UserAudio}
	if m.Sent {
		e.Kind, e.Data = wire.Audio, m.Data
	}
	if c.rate > 0 {
		e.Audio = time.Duration(int64(len(m.Data)) * int64(time.Second) / int64(c.rate))
	}
	c.Send(e)
}

func (c *connection) sent(f *fields.Message) {
	switch string(f.Text(action)) {
	case "clear":
		c.Send(wire.Event{Kind: wire.Cleared})
	case "notify":
		c.Send(wire.Event{Kind: wire.MarkSent, Name: nameOf(f.Raw(payload))})
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) received(f *fields.Message, data []byte) {
	switch string(f.Text(event)) {
	case "websocket:connected":
		c.start(f, data)
	case "websocket:notify":
		c.Send(wire.Event{Kind: wire.MarkPlayed, Name: nameOf(f.Raw(payload))})
	case "websocket:dtmf":
		e := wire.Event{Kind: wire.Digit}
		if c.Target.Content {
			e.Text = f.Text(digit)
		}
		c.Send(e)
	case "websocket:disconnected", "websocket:hangup":
		c.Send(wire.Event{Kind: wire.CallStopped, Name: string(f.Text(reason))})
	case "websocket:cleared", "websocket:media:update":
	default:
		c.NotUnderstood("event")
	}
}

func (c *connection) start(f *fields.Message, data []byte) {
	format := mediastream.FormatOf(string(f.Text(contentType)), 0, 0)
	format.Channels = max(format.Channels, 1)
	c.rate = 0
	if format.Codec == audioformat.PCM {
		c.rate = 2 * format.SampleRate * format.Channels
	}
	var p mediastream.Parameters
	p.AddJSON(data, "event", "content-type", "headers") // The headers of the NCCO are beside the event.
	p.AddJSON(f.Raw(headers))
	call := wire.Call{Provider: provider, Inbound: format, Outbound: format, Parameters: p}
	// The protocol has no ID of the call. Programs give it as a header, under the names of Vonage's webhooks.
	for _, name := range []string{"call_uuid", "uuid", "call-uuid"} {
		if call.ID == "" {
			call.ID = p[name]
		}
	}
	c.Request.Format, c.Request.Output = format, format
	c.Send(wire.Event{Kind: wire.CallStarted, Call: &call})
}

// maxName is how many bytes of JSON are the name of a mark. A longer payload is named by its hash.
const maxName = 128

// nameOf returns the name of a mark: the JSON that the program gave, without white space outside of
// strings, because Vonage writes the JSON anew.
func nameOf(raw []byte) string {
	name := make([]byte, 0, min(len(raw), maxName))
	hash := fnv.New64a()
	inString, escaped := false, false
	size := 0
	for _, b := range raw {
		if !inString && (b == ' ' || b == '\n' || b == '\r' || b == '\t') {
			continue
		}
		switch {
		case escaped:
			escaped = false
		case b == '\\':
			escaped = inString
		case b == '"':
			inString = !inString
		}
		size++
		if len(name) < maxName {
			name = append(name, b)
		}
		_, _ = hash.Write([]byte{b})
	}
	if size > maxName {
		return strconv.FormatUint(binary.BigEndian.Uint64(hash.Sum(nil)), 16)
	}
	return string(name)
}

// Closed does nothing: that the connection ends says nothing of the call.
func (c *connection) Closed() {}
