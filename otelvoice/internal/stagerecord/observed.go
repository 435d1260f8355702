// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package stagerecord

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/wire"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/observed"
	"github.com/voice-agents/telemetry/semconv"
)

// Claim makes a request the one that fills the stage. It reports false if the stage has ended, or is
// filled by another request.
func (s *Record) Claim() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over.ended() || s.isFilled {
		return false
	}
	s.isFilled = true
	return true
}

// Unclaim lets another request fill the stage.
func (s *Record) Unclaim() { s.Set(func() { s.isFilled = false }) }

// ObserveAttributes adds attributes that the end uses where nothing else sets them.
func (s *Record) ObserveAttributes(attrs []attribute.KeyValue) {
	s.Set(func() { s.Seen = emit.AppendBounded(s.Seen, attrs) })
}

// ObserveRequestID adds the id that the provider gave the request, without a warning if the stage has
// ended.
func (s *Record) ObserveRequestID(id string) { s.Set(func() { s.keepRequestID(id) }) }

// ObserveRequest sets the parameters of the request. A model that was not known when the stage began
// completes the span's name.
func (s *Record) ObserveRequest(r *wire.Request) {
	var name string
	if !s.Set(func() {
		if s.Model.Provider == "" {
			s.Model.Provider = r.Provider
		}
		if s.Model.Name == "" {
			s.Model.Name, name = r.Model, r.Model
		}
		s.Seen = observed.Request(s.Seen, r)
	}) || name == "" {
		return
	}
	s.Span.SetName(spanName(s.Kind, name))
	s.Span.SetAttributes(s.Model.Attributes(nil)...)
}

// spanName returns the name of a stage's span.
func spanName(kind, model string) string {
	switch kind {
	case semconv.VoiceStageSTT:
		return semconv.SpanSpeechToText(model)
	case semconv.VoiceStageTTS:
		return semconv.SpanTextToSpeech(model)
	case semconv.VoiceStageRealtime:
		return semconv.SpanRealtimeInference(model)
	}
	return semconv.SpanChat(model)
}

// appendMissing appends the attributes that neither attrs nor own have.
func appendMissing(attrs, more, own []attribute.KeyValue) []attribute.KeyValue {
	for _, kv := range more {
		isSame := func(had attribute.KeyValue) bool { return had.Key == kv.Key }
		if !slices.ContainsFunc(attrs, isSame) && !slices.ContainsFunc(own, isSame) {
			attrs = append(attrs, kv)
		}
	}
	return attrs
}
