// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package profile

import (
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/voice-agents/telemetry/semconv"
)

// kind is what a span of package semconv is. It is a bit, so that a rule applies to several.
type kind uint16

const (
	session kind = 1 << iota
	turn
	stt
	llm
	tts
	tool
	realtime
	sttStream
	ttsStream
	realtimeStream
	line
	operation

	call     = session | turn
	stages   = stt | llm | tts | tool | realtime
	requests = stt | llm | tts | realtime // To models of providers.
	streams  = sttStream | ttsStream | realtimeStream
	every    = call | stages | streams | line | operation
)

// source is a span and what it is.
type source struct {
	sdktrace.ReadOnlySpan

	attributes []attribute.KeyValue
	kind       kind
}

func sourceOf(s sdktrace.ReadOnlySpan) source {
	of := source{ReadOnlySpan: s, attributes: s.Attributes()}
	of.kind = of.kindOf()
	return of
}

func (s *source) kindOf() kind {
	switch s.Name() {
	case semconv.SpanVoiceSession:
		return session
	case semconv.SpanVoiceTurn:
		return turn
	case semconv.SpanVoiceLine:
		return line
	}
	operationName := s.text(semconv.GenAIOperationNameKey)
	if s.has(semconv.VoiceStreamOutcomeKey) {
		switch operationName {
		case semconv.GenAIOperationNameSpeechToText:
			return sttStream
		case semconv.GenAIOperationNameTextToSpeech:
			return ttsStream
		case semconv.GenAIOperationNameRealtimeSession:
			return realtimeStream
		}
		return 0
	}
	switch operationName {
	case semconv.GenAIOperationNameChat:
		return llm
	case semconv.GenAIOperationNameSpeechToText:
		return stt
	case semconv.GenAIOperationNameTextToSpeech:
		return tts
	case semconv.GenAIOperationNameExecuteTool:
		return tool
	case semconv.GenAIOperationNameRealtimeInference:
		return realtime
	}
	if s.has(semconv.VoiceOperationNameKey) {
		return operation
	}
	return 0
}

// get returns the value of an attribute, which has the type EMPTY if the span does not have it.
func (s *source) get(key attribute.Key) (v attribute.Value) {
	for i := range s.attributes {
		if s.attributes[i].Key == key {
			return s.attributes[i].Value
		}
	}
	return v
}

func (s *source) has(key attribute.Key) bool { return s.get(key).Type() != attribute.EMPTY }

func (s *source) text(key attribute.Key) string {
	if v := s.get(key); v.Type() == attribute.STRING {
		return v.AsString()
	}
	return ""
}

// number returns an attribute that is a float64 or an int64.
func (s *source) number(key attribute.Key) (n float64, ok bool) { return number(s.get(key)) }

func number(v attribute.Value) (n float64, ok bool) {
	switch v.Type() {
	case attribute.FLOAT64:
		return v.AsFloat64(), true
	case attribute.INT64:
		return float64(v.AsInt64()), true
	}
	return 0, false
}

// integer returns an attribute that is an int64.
func (s *source) integer(key attribute.Key) (n int64, ok bool) {
	v := s.get(key)
	return v.AsInt64(), v.Type() == attribute.INT64
}
