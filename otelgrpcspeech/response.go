// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelgrpcspeech

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/voice-agents/telemetry/otelvoice/voicews"
)

// read reports what a response says. Final results come before interim ones, which begin the next utterance.
func (s *stream) read(heard recorder, m protoreflect.Message) {
	s.readEvent(heard, m)
	results, n := list(m, "results", protoreflect.MessageKind)
	type final struct {
		channel string
		isTimed bool
	}
	var finals []final
	for i := range n {
		if r := results.Get(i).Message(); boolean(r, "is_final") {
			t := s.transcript(r)
			heard.Final(&t)
			finals = append(finals, final{t.Channel, t.End > 0})
		}
	}
	for _, f := range finals {
		heard.Committed(f.channel, s.endOfSpeech(f.isTimed))
	}
	var partials []string // The channels. The results of an utterance are parts of one transcript.
	for i := range n {
		r := results.Get(i).Message()
		if boolean(r, "is_final") {
			continue
		}
		if t := s.transcript(r); t.Text != "" && !slices.Contains(partials, t.Channel) {
			t.Confidence = nil
			heard.Partial(&t)
			partials = append(partials, t.Channel)
		}
	}
	s.readMetadata(heard, m)
}

// readEvent reports the event of a response, if it has one.
func (s *stream) readEvent(heard recorder, m protoreflect.Message) {
	at, known := either(m, "speech_event_time", "speech_event_offset")
	switch enum(m, "speech_event_type") {
	case "SPEECH_ACTIVITY_BEGIN":
		s.setEndOfSpeech(0)
		if !known {
			at = -1
		}
		heard.SpeechStarted("", at)
	case "SPEECH_ACTIVITY_END":
		s.setEndOfSpeech(at)
	}
}

func (s *stream) setEndOfSpeech(at time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.speechEnd = at
}

// endOfSpeech returns the end of an utterance that a detector heard, or 0 if it is unknown or the words have it. It is
// that of one utterance.
func (s *stream) endOfSpeech(isTimed bool) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.speechEnd
	s.speechEnd = 0
	if isTimed {
		return 0
	}
	return at
}

// readMetadata reports what a response says of the stream.
func (s *stream) readMetadata(heard recorder, m protoreflect.Message) {
	if failed, ok := sub(m, "error"); ok { // Of v1.
		if code := number(failed, "code"); code > 0 && code <= math.MaxInt32 {
			err := status.Error(codes.Code(code), text(failed, "message"))
			s.mu.Lock()
			s.err = err
			s.mu.Unlock()
		}
	}
	of := m
	if metadata, ok := sub(m, "metadata"); ok { // Of v2.
		of = metadata
	}
	if billed, ok := either(of, "total_billed_time", "total_billed_duration"); ok && billed > 0 {
		heard.SetBilled(billed)
	}
	id := text(of, "request_id")
	if n := number(of, "request_id"); n != 0 { // Of v1.
		id = strconv.FormatInt(n, 10)
	}
	s.mu.Lock()
	isNew := id != "" && id != s.requestID
	if isNew {
		s.requestID = id
	}
	s.mu.Unlock()
	if isNew {
		heard.AddRequestID(id)
	}
}

// transcript returns the best transcript of a result.
func (s *stream) transcript(r protoreflect.Message) voicews.Transcript {
	t := voicews.Transcript{Channel: s.channel(r), Language: text(r, "language_code")}
	alternatives, n := list(r, "alternatives", protoreflect.MessageKind)
	if n == 0 {
		return t
	}
	best := alternatives.Get(0).Message()
	t.Text = strings.TrimSpace(text(best, "transcript"))
	if v, ok := field(best, "confidence", protoreflect.FloatKind); ok && v.Float() > 0 && v.Float() <= 1 {
		c := math.Round(v.Float()*1e6) / 1e6 // 0.9, and not the float64 that is next to the float32.
		t.Confidence = &c
	}
	if words, n := list(best, "words", protoreflect.MessageKind); n > 0 {
		start, _ := either(words.Get(0).Message(), "start_time", "start_offset") // A start at 0 may be left out.
		if end, ok := either(words.Get(n-1).Message(), "end_time", "end_offset"); ok && end > start {
			t.Start, t.End = start, end
		}
	}
	return t
}

// channel returns the name of a result's channel. It is empty unless each channel is transcribed.
func (s *stream) channel(r protoreflect.Message) string {
	tag := number(r, "channel_tag")
	s.mu.Lock()
	defer s.mu.Unlock()
	if tag > 1 || s.isMulti && tag > 0 {
		return strconv.FormatInt(tag, 10)
	}
	return ""
}
