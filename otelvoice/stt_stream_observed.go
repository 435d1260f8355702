// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/internal/wire/llmreport"
	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/semconv"
)

// observedStream records what a tap reads of a stream: a [vendorcall.Stream].
type observedStream STTStream

// ModelObserved sets the model, unless it is known.
func (o *observedStream) ModelObserved(name string) {
	s := (*STTStream)(o)
	known := s.model.Load()
	if name == "" || known.Name != "" || !s.model.CompareAndSwap(known, &Model{Provider: known.Provider, Name: name}) {
		return
	}
	s.span.SetName(semconv.SpanSpeechToTextStream(name))
	s.span.SetAttributes(semconv.GenAIRequestModel(name))
}

// ConnectedObserved records that a connection was open at a time.
func (o *observedStream) ConnectedObserved(at time.Time) { (*STTStream)(o).connectedAt(at) }

// UsedObserved adds the tokens of an utterance. They are charged with the stream.
func (o *observedStream) UsedObserved(usage llmreport.Usage) {
	s := (*STTStream)(o)
	usage = usage.Plausible(func(key attribute.Key, reason string) { s.session.tel.emit.Dropped(s.record, key, reason) })
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usage = s.usage.Plus(usage)
	s.recharge()
}

// RefusedObserved records that the provider could not do what a message asked for.
func (o *observedStream) RefusedObserved(err error) {
	s := (*STTStream)(o)
	emit.AddEvent(s.span, semconv.EventVoiceStreamRefused, time.Now(), semconv.ErrorType(failure.Type(err)))
	s.line(calllog.Warn, "goes on after an error", err)
}
