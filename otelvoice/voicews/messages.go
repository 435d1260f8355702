// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicews

import (
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/vendors"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/assembler"
	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/timedlock"
)

// Messages are those of a connection that no tap sees, such as a data channel of WebRTC or the socket of a
// library that has an interface of its own. It is safe for concurrent use, and methods on a nil
// Messages do nothing.
type Messages struct {
	events  *assembler.Connection
	started time.Time
	closed  atomic.Bool

	lock    timedlock.Lock
	decoder wire.Connection // Nil after a fault.
	total   assembler.Measures
}

// Messages reports that a connection to a provider is open. The address is that of the provider's
// WebSocket, which says the protocol and its parameters: "wss://api.openai.com/v1/realtime?model=gpt-realtime"
// for a data channel to OpenAI. For an address that is not known, Messages returns nil.
func (c *Call) Messages(address string) *Messages {
	if c == nil {
		return nil
	}
	u, err := url.Parse(address)
	if err != nil {
		return nil
	}
	m := &Messages{started: time.Now()}
	m.lock.Join(c.call.Locks())
	target := &wire.Target{Method: "GET", Host: strings.ToLower(u.Hostname()), Port: u.Port(), Path: u.Path, Query: u.Query(), Content: c.call.Content()}
	m.decoder = vendors.NewConnection(target, func(e *wire.Event) { m.events.Event(e) })
	if m.decoder == nil {
		return nil
	}
	m.events = c.call.Connect(m.decoder.Asks(), m.started)
	m.events.Opened("")
	return m
}

// Sent reports a message that the program sent. It does not retain data.
func (m *Messages) Sent(isBinary bool, data []byte) { m.passed(true, isBinary, data) }

// Received reports a message that the program received. It does not retain data.
func (m *Messages) Received(isBinary bool, data []byte) { m.passed(false, isBinary, data) }

func (m *Messages) passed(isSent, isBinary bool, data []byte) {
	if m == nil || m.closed.Load() {
		return
	}
	if !m.lock.Acquire() {
		m.events.Missed(1)
		return
	}
	defer m.lock.Release()
	if m.decoder == nil {
		return
	}
	if isSent {
		m.total.MessagesSent++
		m.total.BytesSent += len(data)
	} else {
		m.total.MessagesReceived++
		m.total.BytesReceived += len(data)
		if m.total.FirstMessage == 0 {
			m.total.FirstMessage = time.Since(m.started)
		}
	}
	defer func() {
		if recover() != nil { // A fault of a decoder.
			m.decoder = nil
		}
	}()
	m.decoder.Message(wire.Message{Sent: isSent, Binary: isBinary, Data: data})
}

// Closed reports that the connection is closed, with the error that closed it, or nil.
func (m *Messages) Closed(err error) {
	if m == nil || !m.closed.CompareAndSwap(false, true) {
		return
	}
	if m.lock.Acquire() { // Else a message is being decoded that has called back.
		m.end()
		total := m.total
		m.lock.Release()
		m.events.Measured(&total)
	}
	m.events.Closed(err)
}

// end ends the decoder. A fault of it is recovered. The lock is held.
func (m *Messages) end() {
	defer func() { _ = recover() }()
	if m.decoder != nil {
		m.decoder.Closed()
	}
}
