// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
	"github.com/voice-agents/telemetry/semconv"
)

// maxOpenFacts is how many transfers and holds of a session may be open at a time.
const maxOpenFacts = 64

// sessionFacts is what the application told about a call, beside its turns. The zero value is empty.
type sessionFacts struct {
	mu     sync.Mutex
	closed bool
	// open are the functions that end the transfers and holds that are open, by their handles.
	open map[any]func(now time.Time)

	outcome   string
	transfers int
	address   string
	holds     holds
	answered  []attribute.KeyValue
	prompts   int
	presses   int
	keys      []byte
}

// tell changes the facts of a session that is open, and reports whether it was. A later change is counted
// as dropped and logged.
func (s *Session) tell(key attribute.Key, what string, change func(*sessionFacts)) (inTime bool) {
	s.facts.mu.Lock()
	closed := s.facts.closed
	if !closed {
		change(&s.facts)
	}
	s.facts.mu.Unlock()
	if closed {
		s.refuse(key, semconv.VoiceDropReasonLate, what+" came after the session had ended and is not recorded")
	}
	return !closed
}

// refuse counts a value as dropped and logs a warning, once for each place in the agent's code.
func (s *Session) refuse(key attribute.Key, reason, message string) {
	s.tel.emit.Dropped(s.ctx, key, reason)
	s.tel.emit.Log.DoubtfulSession(s.ctx, message)
}

// happened records an event of the session, and writes a line.
func (s *Session) happened(at time.Time, event, message string, attrs ...attribute.KeyValue) {
	emit.AddEvent(s.span, event, at, attrs...)
	s.tel.emit.Log.Session(s.ctx, calllog.Info, message, nil, attrs...)
}

// begin opens a transfer or a hold, which the session ends unless it is ended before. It reports whether it
// did: not after the session's end, and not while too many are open.
func (s *Session) begin(key attribute.Key, what string, handle any, end func(now time.Time), change func(*sessionFacts)) (begun bool) {
	isOpen := s.tell(key, what, func(f *sessionFacts) {
		if begun = len(f.open) < maxOpenFacts; !begun {
			return
		}
		if f.open == nil {
			f.open = make(map[any]func(time.Time))
		}
		f.open[handle] = end
		change(f)
	})
	if isOpen && !begun {
		s.refuse(key, semconv.VoiceDropReasonOutOfRange, what+" is not recorded, because 64 of the session are open")
	}
	return begun
}

// closeFacts ends what is open and returns the attributes of the session.
func (s *Session) closeFacts(now time.Time) (attrs []attribute.KeyValue) {
	s.facts.mu.Lock()
	s.facts.closed = true
	open := s.facts.open
	s.facts.open = nil
	s.facts.mu.Unlock()
	for _, end := range open {
		end(now)
	}
	s.facts.mu.Lock()
	defer s.facts.mu.Unlock()
	f := &s.facts
	if f.outcome != "" {
		attrs = append(attrs, semconv.VoiceSessionOutcome(f.outcome))
	}
	if f.transfers > 0 {
		attrs = append(attrs, semconv.VoiceTransferCount(f.transfers))
	}
	if f.address != "" {
		attrs = append(attrs, semconv.VoiceTransferAddress(f.address))
	}
	attrs = f.holds.attributes(now, attrs)
	attrs = append(attrs, f.answered...)
	if f.prompts > 0 {
		attrs = append(attrs, semconv.VoiceIdlePromptCount(f.prompts))
	}
	if f.presses > 0 {
		attrs = append(attrs, semconv.VoiceDtmfCount(f.presses))
	}
	if len(f.keys) > 0 {
		attrs = append(attrs, semconv.VoiceDtmfDigits(string(f.keys)))
	}
	return s.recording.Load().attributes(attrs)
}

// count counts with an instrument. A panic of the meter provider is recovered.
func (s *Session) count(with func()) {
	defer s.tel.emit.Guard.Recovered(guard.Instruments)
	with()
}
