// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package cartesia

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
)

// Connection returns the decoder of a WebSocket, or nil if its path is none that the decoder reads.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	path := strings.TrimSuffix(target.Path, "/")
	switch {
	case strings.HasSuffix(path, "/tts/websocket"):
		return newSpoken(target, report)
	case strings.HasSuffix(path, "/stt/websocket"), strings.HasSuffix(path, "/stt/turns/websocket"):
		return newRecogniser(target, report)
	case isAgent(path, "/agents/stream/"), isAgent(path, "/agents/websocket/"):
		return newAgent(target, report)
	}
	return nil
}

// isAgent reports whether a path is a prefix and the ID of an agent.
func isAgent(path, prefix string) bool {
	_, id, ok := strings.Cut(path, prefix)
	return ok && id != "" && !strings.Contains(id, "/")
}

// The fields of the messages of all connections. They are below those of the decoders.
const (
	messageType = iota
	messageID
	messageError
	messageTitle
	messageText
	messageCode
	messageStatus
	ownFields
)

// received returns a plan of messages that are received: the fields of a decoder and those of errors.
func received(own ...jsonscan.Field) *fields.Plan {
	return fields.NewPlan(append(own,
		jsonscan.Field{Path: "type", ID: messageType},
		jsonscan.Field{Path: "request_id", ID: messageID},
		jsonscan.Field{Path: "error", ID: messageError}, // Of versions before 2026-03-01.
		jsonscan.Field{Path: "title", ID: messageTitle},
		jsonscan.Field{Path: "message", ID: messageText},
		jsonscan.Field{Path: "error_code", ID: messageCode},
		jsonscan.Field{Path: "code", ID: messageCode}, // Of an agent.
		jsonscan.Field{Path: "status_code", ID: messageStatus},
	)...)
}

// connection is the common part of the decoders of WebSockets.
type connection struct {
	wire.Base

	sent, received *fields.Message
	id             string // Of the connection.
}

// newConnection returns the common part. On a host that is unknown, such as a proxy, the provider is
// that of the protocol, which no other provider speaks.
func newConnection(target *wire.Target, stage wire.Stage, report wire.Report) connection {
	c := connection{Base: wire.NewBase(target, stage, report)}
	if c.Request.Provider == "" {
		c.Request.Provider = "cartesia"
	}
	c.Request.Stream = stage != wire.Realtime
	return c
}

// release gives the memory of the messages to other connections.
func (c *connection) release() {
	c.sent.Release()
	c.received.Release()
}

// read reads a message in JSON, and returns its fields. It returns nil if the message is not JSON.
func (c *connection) read(m wire.Message) *fields.Message {
	if m.Binary {
		c.NotUnderstood("content")
		return nil
	}
	f := c.received
	if m.Sent {
		f = c.sent
	}
	if !f.Read(m.Data) {
		c.NotUnderstood("json")
		return nil
	}
	return f
}

// identify reports the ID of the connection, once.
func (c *connection) identify(id []byte) {
	if c.id == "" && wire.Set(&c.id, id) {
		c.Send(wire.Event{Kind: wire.Answered, ID: c.id})
	}
}

// failure returns the class and the message of an error.
func failure(f *fields.Message) (class, message string) {
	class, message = string(f.Text(messageCode)), string(f.Text(messageText))
	if class == "" {
		class = string(f.Text(messageStatus))
	}
	for _, field := range [...]int{messageError, messageTitle} {
		if message == "" {
			message = string(f.Text(field))
		}
	}
	return class, message
}

// content returns a text if the target has content.
func (c *connection) content(text []byte) []byte {
	if !c.Target.Content {
		return nil
	}
	return text
}

// Closed reads the end of the connection.
func (c *connection) Closed() {}
