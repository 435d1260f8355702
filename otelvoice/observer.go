// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/semconv"
)

// An observer records the events of one request on its stage. Values that the program sets win: the
// stage uses what was observed where it has nothing else.
type observer struct {
	stage *stage
	// isProgram is true if the program opened the stage, and ends it.
	isProgram bool
}

// Event records an event.
func (o *observer) Event(e *wire.Event) {
	if e.Kind == wire.Requested {
		o.stage.ObserveRequest(e.Request)
	}
	switch of := o.stage.Owner.(type) {
	case *LLM:
		of.observe(e, o.isProgram)
	case *TTS:
		of.observe(e, o.isProgram)
	case *Realtime:
		of.observe(e, o.isProgram)
	case *STT:
		of.observe(e, o.isProgram)
	}
}

// SetAttributes adds attributes.
func (o *observer) SetAttributes(attrs ...attribute.KeyValue) {
	o.stage.ObserveAttributes(attrs)
}

// AddRequestID adds the id that the provider gave the request.
func (o *observer) AddRequestID(id string) {
	o.stage.ObserveRequestID(boundID(id))
}

// Hold says that the program is at work.
func (o *observer) Hold() {
	if !o.isProgram {
		o.stage.Hold()
	}
}

// Release says that the program waits for the provider.
func (o *observer) Release() {
	if !o.isProgram {
		o.stage.Release()
	}
}

// End ends the stage, or lets another request fill the program's.
func (o *observer) End(err error) {
	if !o.isProgram {
		o.stage.end(err, 0)
		return
	}
	o.stage.Unclaim()
}

func (l *LLM) observe(e *wire.Event, isProgram bool) {
	if e.Kind == wire.Used {
		counts := e.Usage.Plausible(l.stage.dropUsage)
		if !l.stage.Set(func() { l.seen.Use(counts) }) {
			l.stage.lateUsage(&l.usage, counts)
		}
		return
	}
	var now time.Time
	var first, firstToken bool
	l.stage.Set(func() {
		if l.seen.IsFirst(e.Kind) { // Read the clock twice per request, not for each chunk.
			now = time.Now()
			first, firstToken = l.seen.FirstChunk.IsZero(), e.Kind == wire.Token
		}
		l.seen.Event(e, now)
	})
	if first && !isProgram {
		emit.AddEvent(l.stage.Span, semconv.EventVoiceLLMFirstChunk, now)
	}
	if firstToken {
		if !isProgram {
			emit.AddEvent(l.stage.Span, semconv.EventVoiceLLMFirstToken, now)
		}
		l.stage.turn.MarkAt(FirstToken, now)
	}
}

// fill uses what was observed where the program set nothing.
func (l *LLM) fill(attrs []attribute.KeyValue) []attribute.KeyValue {
	if l.chunks == 0 {
		l.chunks, l.firstChunk, l.firstToken = l.seen.Chunks, l.seen.FirstChunk, l.seen.FirstToken
	}
	l.usage = l.seen.Usage().Merged(l.usage)
	l.stage.isContradictory = l.seen.IsContradictory()
	attrs = l.seen.Attributes(attrs)
	if !l.stage.turn.session.tel.content {
		return attrs
	}
	if l.reply == "" {
		l.reply = string(l.seen.Reply)
	}
	return l.seen.Content(attrs)
}

func (s *TTS) observe(e *wire.Event, isProgram bool) {
	now := time.Now()
	var isFirst bool
	var audible time.Time
	s.stage.Set(func() {
		before := s.seen.FirstByte
		wasAudible := s.seen.FirstAudible
		s.seen.Event(e, now)
		isFirst = before.IsZero() && !s.seen.FirstByte.IsZero()
		if wasAudible.IsZero() {
			audible = s.seen.FirstAudible
		}
	})
	if isFirst {
		if !isProgram {
			emit.AddEvent(s.stage.Span, semconv.EventVoiceTTSFirstByte, now)
		}
		s.stage.turn.MarkAt(FirstByte, now)
	}
	if !audible.IsZero() && !isProgram {
		emit.AddEvent(s.stage.Span, semconv.EventVoiceTTSFirstAudible, audible)
	}
}

// fill uses what was observed where the program set nothing.
func (s *TTS) fill() {
	seen := &s.seen
	if s.firstByte.IsZero() {
		s.firstByte = seen.FirstByte
	}
	if s.firstAudible.IsZero() {
		s.firstAudible = seen.FirstAudible
	}
	if s.characters == 0 {
		s.characters = seen.Characters
	}
	if s.voice == "" {
		s.voice = seen.Voice
	}
	if s.text == "" && s.stage.turn.session.tel.content {
		s.text = seen.Text
	}
	s.audio.Fill(seen.Format, seen.Size, seen.Header, seen.Duration)
}

func (s *STT) observe(e *wire.Event, isProgram bool) {
	now := time.Now()
	s.stage.Set(func() { s.seen.Event(e, now) })
	if e.Kind != wire.Final {
		return
	}
	if !isProgram {
		emit.AddEvent(s.stage.Span, semconv.EventVoiceTranscriptFinal, now)
	}
	s.stage.turn.MarkAt(FinalTranscript, now)
}

// fill uses what was observed where the program set nothing.
func (s *STT) fill() {
	seen := &s.seen
	if s.final.IsZero() {
		s.final = seen.Final
	}
	if s.partials == 0 {
		s.partials = seen.Partials
	}
	if !s.hasConfidence && seen.HasConfidence && seen.Confidence >= 0 && seen.Confidence <= 1 {
		s.confidence, s.hasConfidence = seen.Confidence, true
	}
	if s.stage.Language == "" {
		s.stage.Language = seen.Language
	}
	if s.transcript == "" && s.stage.turn.session.tel.content {
		s.transcript = seen.Transcript
	}
	s.audio.Fill(seen.Format, seen.Size, 0, seen.Duration)
}
