// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package mediastream holds what the decoders of telephone lines that speak JSON have in common:
// Twilio, Telnyx, Plivo and lines that imitate them. A message has an event name, and audio in base64
// with the number and the time of the frame.
package mediastream

import (
	"bytes"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
)

// The fields that a [Stream] reads. A plan gives them the paths that they have on a line. Fields from
// FirstOwn are those of a decoder.
const (
	Track = iota
	Chunk
	Timestamp
	FirstOwn
)

// Payload is the field of the audio, in mode [jsonscan.Pieces]. A message does not hold it.
const Payload = fields.MaxField

// Program is the reason of a CallStopped whose message the program sent.
const Program = "program"

// A Stream is the common part of decoders. A decoder embeds it, and calls [Stream.Begin] first.
type Stream struct {
	wire.Base

	received, sent    *fields.Message
	heard, spoken     payload // The audio of the caller and of the agent.
	inbound, outbound clock
	origin            int64 // The time of the first frame, if the line counts from 1970.
}

// Begin begins a connection: of a provider, with the plans of messages that are received and sent, and
// the formats that hold until the line says others.
func (s *Stream) Begin(target *wire.Target, report wire.Report, provider string, received, sent *fields.Plan, inbound, outbound wire.Format) {
	s.Base = wire.NewBase(target, wire.Line, report)
	s.Request.Provider = provider
	s.spoken.isDecoded = true
	s.received = fields.New(received, s.heard.value)
	s.sent = fields.New(sent, s.spoken.value)
	s.setFormats(inbound, outbound)
}

func (s *Stream) setFormats(inbound, outbound wire.Format) {
	s.inbound.set(inbound)
	s.outbound.set(outbound)
	s.Request.Format, s.Request.Output = inbound, outbound
}

// Read reads a message. It returns nil for a message that is not JSON, and reports that. The decoder calls Release
// after it.
func (s *Stream) Read(m wire.Message) *fields.Message {
	if m.Binary {
		s.NotUnderstood("content")
		return nil
	}
	f, p := s.received, &s.heard
	if m.Sent {
		f, p = s.sent, &s.spoken
	}
	p.reset()
	if !f.Read(m.Data) {
		s.NotUnderstood("json")
		return nil
	}
	return f
}

// Release gives the memory of the message to other connections.
func (s *Stream) Release() {
	s.received.Release()
	s.sent.Release()
}

// Start reports that a call is connected.
func (s *Stream) Start(call wire.Call) {
	s.Request.Provider = call.Provider
	s.setFormats(call.Inbound, call.Outbound)
	s.origin = 0
	s.Send(wire.Event{Kind: wire.CallStarted, Call: &call})
}

// Stop reports that the call is over, and why.
func (s *Stream) Stop(reason []byte) {
	s.Send(wire.Event{Kind: wire.CallStopped, Name: string(reason)})
}

// Key reports a key that the caller pressed.
func (s *Stream) Key(key []byte) {
	if !s.Target.Content {
		key = nil
	}
	s.Send(wire.Event{Kind: wire.Digit, Text: key})
}

// UserAudio reports the audio of a message that was received.
func (s *Stream) UserAudio(f *fields.Message) {
	size, _, ok := s.heard.end()
	if !ok {
		s.NotUnderstood("base64")
		return
	}
	if size == 0 {
		return
	}
	s.SendAudio(wire.UserAudio, nil, s.inbound.duration(size), s.media(f))
}

// epoch is the least timestamp in milliseconds that counts from 1970, as those of Plivo do. It is 3
// years long, and thus no offset in a call.
const epoch = 100_000_000_000

func (s *Stream) media(f *fields.Message) (m wire.Media) {
	if n, ok := number(f.Text(Chunk)); ok {
		m.Sequence = uint64(n) // #nosec G115 -- a number is not negative.
	}
	if n, ok := number(f.Text(Timestamp)); ok {
		if n >= epoch {
			if s.origin == 0 {
				s.origin = n
			}
			n -= s.origin
		}
		if n >= 0 && n < epoch {
			m.Timestamp, m.HasTimestamp = time.Duration(n)*time.Millisecond, true
		}
	}
	m.Outbound = bytes.HasPrefix(f.Text(Track), []byte("outbound"))
	return m
}

// number reads a whole number of at most 15 digits that is not negative.
func number(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 15 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return n, true
}

// AgentAudio reports the audio of a message that was sent.
func (s *Stream) AgentAudio() {
	size, data, ok := s.spoken.end()
	if !ok {
		s.NotUnderstood("base64")
		return
	}
	if size == 0 {
		return
	}
	if bytes.HasPrefix(data, []byte("ID3")) { // Telnyx plays whole MP3 files. No codec of telephony begins so.
		s.SetOutput(wire.Format{Codec: "mp3"})
	}
	s.SendAudio(wire.Audio, data, s.outbound.duration(size), wire.Media{})
}

// SetOutput sets the format of the agent's audio. It reports a format that changes.
func (s *Stream) SetOutput(f wire.Format) {
	if f != s.outbound.format {
		s.outbound.set(f)
		s.Request.Output = f
		s.Send(wire.Event{Kind: wire.AudioFormat, Format: f})
	}
}

// Closed does nothing: that the connection ends says nothing of the call.
func (s *Stream) Closed() {}
