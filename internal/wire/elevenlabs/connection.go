// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package elevenlabs

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
)

// Connection returns the decoder of a WebSocket, or nil if its path is none that the decoder reads.
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	path := strings.TrimSuffix(target.Path, "/")
	switch {
	case strings.HasSuffix(path, "/v1/convai/conversation"):
		return newAgent(target, report)
	case strings.HasSuffix(path, "/v1/speech-to-text/realtime"):
		return newScribe(target, report)
	}
	path, isMulti := strings.CutSuffix(path, "/multi-stream-input")
	if !isMulti {
		var ok bool
		if path, ok = strings.CutSuffix(path, "/stream-input"); !ok {
			return nil
		}
	}
	if strings.HasSuffix(path, "/v1/text-to-dialogue") {
		return newSpoken(target, report, "")
	}
	if _, voice, ok := strings.Cut(path, "/v1/text-to-speech/"); ok && voice != "" && !strings.Contains(voice, "/") {
		return newSpoken(target, report, voice)
	}
	return nil
}

// connection is the common part of the decoders of WebSockets.
type connection struct {
	wire.Base

	sent, received *fields.Message
}

// newConnection returns the common part. On a host that is unknown, such as a proxy, the provider is
// that of the protocol, which no other provider speaks.
func newConnection(target *wire.Target, stage wire.Stage, report wire.Report) connection {
	c := connection{Base: wire.NewBase(target, stage, report)}
	if c.Request.Provider == "" {
		c.Request.Provider = "elevenlabs"
	}
	return c
}

// release gives the memory of the messages to other connections.
func (c *connection) release() {
	c.sent.Release()
	c.received.Release()
}

// read reads a message, and returns its fields. It returns nil if the message is not JSON.
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

// Closed reads the end of the connection.
func (c *connection) Closed() {}
