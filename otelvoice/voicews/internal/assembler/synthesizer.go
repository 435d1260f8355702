// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"context"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/vendorcall"
	"github.com/voice-agents/telemetry/semconv"
)

// maxUtterances is how many utterances a synthesizer has open at once. The oldest is ended for another.
const maxUtterances = 32

// A synthesizer records a connection to a synthesizer. Each utterance is a TTS stage.
type synthesizer struct {
	call   *Call
	id     string // Of the connection.
	open   []utterance
	fault  fault
	closed Side
	stream stream
}

func newSynthesizer(c *Call, request *wire.Request, started time.Time) *synthesizer {
	return &synthesizer{call: c, stream: c.providerStream(
		semconv.SpanTextToSpeechStream(request.Model), semconv.GenAIOperationNameTextToSpeech, request, started)}
}

type utterance struct {
	of string
	*stage
}

func (s *synthesizer) opened(id string, at time.Time) {
	s.id = id
	s.stream.opened(at)
}

func (s *synthesizer) measured(m *Measures) {
	s.closed = m.ClosedBy
	s.stream.measured(m)
}

func (s *synthesizer) notUnderstood(kind string) { s.stream.notUnderstood(kind) }

func (s *synthesizer) event(e *wire.Event, now time.Time) {
	s.fault.follow(e)
	switch e.Kind {
	case wire.Requested:
		s.start(e, now)
		return
	case wire.Answered:
		s.id = e.ID
		return
	case wire.Refused:
		if err := s.fault.refused(); err != nil {
			s.stream.refused(err)
		}
		return
	default:
	}
	u := s.utterance(e.Of)
	if u == nil {
		return
	}
	u.Stage.Event(e)
	u.observe(e, now)
	switch e.Kind {
	case wire.Ended:
		s.finish(e.Of, nil, now)
	case wire.Cleared:
		s.call.interrupt(u.turn, -1, now)
		s.finish(e.Of, context.Canceled, now)
	case wire.Failed:
		s.finish(e.Of, &providerError{class: e.Name}, now)
	default:
	}
}

func (s *synthesizer) start(e *wire.Event, now time.Time) {
	if s.utterance(e.Of) != nil {
		s.finish(e.Of, nil, now)
	}
	if len(s.open) == maxUtterances {
		s.finish(s.open[0].of, nil, now)
	}
	_, st := s.call.openStage(s.call.sessionCtx, &vendorcall.Call{Request: e.Request}, now)
	if s.id != "" {
		st.AddRequestID(s.id)
	}
	st.Stage.Event(e)
	s.open = append(s.open, utterance{e.Of, st})
}

func (s *synthesizer) utterance(of string) *utterance {
	for i := range s.open {
		if s.open[i].of == of {
			return &s.open[i]
		}
	}
	return nil
}

func (s *synthesizer) finish(of string, err error, now time.Time) {
	for i, u := range s.open {
		if u.of == of {
			s.open = append(s.open[:i], s.open[i+1:]...)
			u.Stage.End(err)
			u.ended(now)
			return
		}
	}
}

func (s *synthesizer) end(err error) {
	err = s.fault.cause(err, s.closed)
	now := time.Now()
	for len(s.open) > 0 {
		s.finish(s.open[0].of, err, now)
	}
	s.stream.end(err, s.call.ended)
}
