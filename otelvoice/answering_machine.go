// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// AnsweredBy is who answered a call.
type AnsweredBy string

// The results of the detection of answering machines.
const (
	AnsweredByHuman   AnsweredBy = semconv.VoiceAnsweringMachineResultHuman
	AnsweredByMachine AnsweredBy = semconv.VoiceAnsweringMachineResultMachine
	AnsweredByUnknown AnsweredBy = semconv.VoiceAnsweringMachineResultUnknown
)

// SetAnsweredBy records a result of the detection of answering machines and voicemail (AMD): the event
// voice.answering_machine.detected, a log line and the metric voice.answering_machine.count. confidence is
// from 0 to 1, or nil if it is unknown; another value is left out and counted in
// voice.measurements.dropped. The last result is on the session's span and end line. A result that is not one
// of the constants is [AnsweredByUnknown].
func (s *Session) SetAnsweredBy(by AnsweredBy, confidence *float64) {
	if s == nil {
		return
	}
	if by != AnsweredByHuman && by != AnsweredByMachine {
		by = AnsweredByUnknown
	}
	attrs := []attribute.KeyValue{semconv.VoiceAnsweringMachineResult(string(by))}
	if confidence != nil && s.tel.emit.InRange(s.ctx, semconv.VoiceAnsweringMachineConfidenceKey, *confidence, 1) {
		attrs = append(attrs, semconv.VoiceAnsweringMachineConfidence(*confidence))
	}
	if s.tell(semconv.VoiceAnsweringMachineResultKey, "a result of the detection of answering machines", func(f *sessionFacts) { f.answered = attrs }) {
		s.happened(time.Now(), semconv.EventVoiceAnsweringMachineDetected, "answering machine detection", attrs...)
		s.count(func() { s.tel.emit.Metrics.Answered(s.ctx, string(by), s.config.channel) })
	}
}
