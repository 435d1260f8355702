// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deepgram

import (
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/internal/wire/fields"
	"github.com/voice-agents/telemetry/internal/wire/jsonscan"
	"github.com/voice-agents/telemetry/internal/wire/recognition"
)

// Connection returns the decoder of a WebSocket, or nil if its path is none that the decoder reads:
// transcriptions (/v1/listen), transcriptions by turns (/v2/listen, "Flux"), speech (/v1/speak,
// /v2/speak) and the Voice Agent (/v1/agent/converse).
func Connection(target *wire.Target, report wire.Report) wire.Connection {
	switch path := strings.TrimSuffix(target.Path, "/"); {
	case strings.HasSuffix(path, "/v1/listen"):
		return newListenStream(target, report)
	case strings.HasSuffix(path, "/v2/listen"):
		return newFlux(target, report)
	case strings.HasSuffix(path, "/v1/speak"), strings.HasSuffix(path, "/v2/speak"):
		return newSpeakStream(target, report)
	case strings.HasSuffix(path, "/agent/converse"), path == "/agent" && strings.HasSuffix(target.Host, ".deepgram.com"):
		return newAgent(target, report)
	}
	return nil
}

// The fields that the messages of all connections have.
const (
	msgType = iota
	msgRequestID
	msgModel
	msgCode
	msgDescription
	msgFields // The first field of a decoder.
)

// messagePlan returns a plan of messages: the fields of a decoder and those of all connections.
func messagePlan(own ...jsonscan.Field) *fields.Plan {
	return fields.NewPlan(append([]jsonscan.Field{
		{Path: "type", ID: msgType},
		{Path: "request_id", ID: msgRequestID},
		{Path: "code", ID: msgCode},
		{Path: "err_code", ID: msgCode},
		{Path: "variant", ID: msgCode}, // Of older errors.
		{Path: "description", ID: msgDescription},
		{Path: "message", ID: msgDescription},
		{Path: "err_msg", ID: msgDescription},
	}, own...)...)
}

// session is the common part of the decoders of connections.
type session struct {
	wire.Base

	message   *fields.Message
	id, model string
}

func newSession(target *wire.Target, stage wire.Stage, report wire.Report) session {
	s := session{Base: wire.NewBase(target, stage, report)}
	if s.Request.Provider == "" {
		s.Request.Provider = "deepgram"
	}
	return s
}

// read reads a message in JSON, and reports whether it is one.
func (s *session) read(data []byte) bool {
	if !s.message.Read(data) {
		s.NotUnderstood("json")
		return false
	}
	return true
}

// identify keeps the ID of the connection and the model, and reports whether one of them is new.
func (s *session) identify() (isNew bool) {
	isNew = wire.Set(&s.id, s.message.Text(msgRequestID))
	return wire.Set(&s.model, s.message.Text(msgModel)) || isNew
}

// answered reports the ID of the connection and the model, if they are new.
func (s *session) answered() {
	if s.identify() {
		s.Send(wire.Event{Kind: wire.Answered, ID: s.id, Name: s.model})
	}
}

// failed reports an error. of is what failed on the connection, if that is known.
func (s *session) failed(of string) {
	s.Send(wire.Event{Kind: wire.Failed, Of: of, Name: s.errorClass(), Text: s.message.Text(msgDescription)})
}

// refused reports that the provider could not do what a message asked for.
func (s *session) refused() { s.Send(wire.Event{Kind: wire.Refused, Name: s.errorClass()}) }

func (s *session) errorClass() string {
	class := string(s.message.Text(msgCode))
	if class == "" {
		class = string(s.message.Text(msgType))
	}
	return class
}

// seconds returns a field that is a time in seconds, and whether it is one.
func (s *session) seconds(field int) (d time.Duration, ok bool) {
	f, ok := s.message.Float(field)
	if !ok {
		return 0, false
	}
	return recognition.DurationOf(f, time.Second)
}

// at returns the offsets of a moment in the audio.
func at(d time.Duration, ok bool) wire.Speech { return wire.Speech{Start: d, End: d, HasOffsets: ok} }
