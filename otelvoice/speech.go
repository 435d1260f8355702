// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
	"github.com/voice-agents/telemetry/semconv"
)

// speech is where an utterance lies in the audio of its stream. The zero speech is of
// a stage that belongs to no stream.
type speech struct {
	stream     *STTStream
	start, end speechEdge
}

// speechEdge is where speech begins or ends.
type speechEdge struct {
	known      bool
	offset     time.Duration
	connection int
}

// SpeechStarted marks [UserStarted] on the turn, where the recogniser of an
// [STTStream] says that the utterance begins: at an offset in the audio of its
// connection. It returns when that was; it is false, marks nothing and counts in
// voice.measurements.dropped if the stream cannot tell; see [STTStream.At].
func (s *STT) SpeechStarted(offset time.Duration) (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	at, ok := s.heard(semconv.VoiceSTTSpeechStartKey, offset, edgeStart)
	if ok {
		s.stage.turn.MarkAt(UserStarted, at)
	}
	return at, ok
}

// SpeechStopped marks t0, the end of the user's speech, on the turn as
// [STT.SpeechStarted] marks its beginning, with [AnchorSTT] as the anchor: most
// recognisers give it as the end of the last word of the final transcript. A t0 that a
// voice activity detector gave the turn is more exact and stands.
func (s *STT) SpeechStopped(offset time.Duration) (time.Time, bool) {
	if s == nil {
		return time.Time{}, false
	}
	at, ok := s.heard(semconv.VoiceSTTSpeechEndKey, offset, edgeEnd)
	if ok && !s.stage.turn.anchored(AnchorVAD) {
		s.stage.turn.UserStopped(at, AnchorSTT)
	}
	return at, ok
}

// anchored reports whether t0 is known in a way.
func (t *Turn) anchored(as Anchor) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	last, ok := t.marks.Last(latency.UserStopped)
	return ok && Anchor(last.Anchor) == as
}

// heard asks the stream when the audio at an offset was heard, and remembers the offset.
func (s *STT) heard(key attribute.Key, offset time.Duration, side edge) (at time.Time, ok bool) {
	tel := s.stage.turn.session.tel
	var stream *STTStream
	s.stage.set(func() { stream = s.speech.stream })
	at, connection, ok := stream.heard(offset, side)
	switch {
	case offset < 0:
		tel.dropped(s.stage.record, key, semconv.VoiceDropReasonNegative)
		return time.Time{}, false
	case !ok:
		tel.dropped(s.stage.record, key, semconv.VoiceDropReasonOutOfRange)
		return time.Time{}, false
	}
	reversed := false
	edge := speechEdge{true, offset, connection}
	s.stage.set(func() {
		if side == edgeStart {
			if end := s.speech.end; end.connection == connection && offset > end.offset {
				s.speech.end = speechEdge{} // It was that of speech before.
			}
			s.speech.start = edge
			return
		}
		start := s.speech.start
		if reversed = start.known && start.connection == connection && offset < start.offset; !reversed {
			s.speech.end = edge
		}
	})
	if reversed {
		tel.dropped(s.stage.record, key, semconv.VoiceDropReasonNegative)
		return time.Time{}, false
	}
	return at, true
}

// attributes adds the offsets.
func (s *speech) attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if s.start.known {
		attrs = append(attrs, semconv.VoiceSTTSpeechStart(s.start.offset.Seconds()))
	}
	if s.end.known {
		attrs = append(attrs, semconv.VoiceSTTSpeechEnd(s.end.offset.Seconds()))
	}
	return attrs
}

// length returns how long the utterance is, or 0. Offsets in different connections
// have nothing to do with each other.
func (s *speech) length() time.Duration {
	if !s.start.known || !s.end.known || s.start.connection != s.end.connection {
		return 0
	}
	return max(s.end.offset-s.start.offset, 0)
}
