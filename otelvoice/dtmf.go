// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"time"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/otelvoice/internal/calllog"
	"github.com/voice-agents/telemetry/otelvoice/internal/emit"
	"github.com/voice-agents/telemetry/semconv"
)

// maxKeys is how many keys of a session are kept, if content is captured.
const maxKeys = 256

// maxKeyEvents is how many events one call of [Session.Digits] adds.
const maxKeyEvents = 64

// Digits records keys that the user pressed (DTMF), in order: an event voice.dtmf for each of the first 64, a
// debug line, voice.dtmf.count on the session, and the metric of the same name. The keys may be a PIN:
// voice.dtmf.digits on the session has them with [WithContentCapture] only, up to 256. A program whose
// telephony is tapped by package voicews does not call Digits, because the tap records the keys.
func (s *Session) Digits(keys string) {
	if s == nil || keys == "" {
		return
	}
	s.pressed(utf8.RuneCountInString(keys), keys)
}

func (s *Session) pressed(count int, keys string) {
	if !s.tell(semconv.VoiceDtmfCountKey, "a key", func(f *sessionFacts) {
		f.presses += count
		if s.tel.content {
			f.keys = append(f.keys, keys[:min(len(keys), maxKeys-len(f.keys))]...)
		}
	}) {
		return
	}
	at := time.Now()
	for range min(count, maxKeyEvents) {
		emit.AddEvent(s.span, semconv.EventVoiceDtmf, at)
	}
	s.tel.emit.Log.Session(s.ctx, calllog.Debug, "keys pressed", nil, semconv.VoiceDtmfCount(count))
	s.count(func() { s.tel.emit.Metrics.Pressed(s.ctx, s.config.channel, int64(count)) })
}
