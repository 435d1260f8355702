// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package turnfile

import (
	"encoding/json"
	"math"
	"net/url"
	"path"
	"path/filepath"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// sessionLine reads the line about the end of a session.
func (r *Reader) sessionLine(line []byte) error {
	var l struct {
		Session string         `json:"session_id"`
		Extra   map[string]any `json:"extra_data"`
	}
	if err := json.Unmarshal(line, &l); err != nil {
		return err
	}
	r.recorded(l.Session, attributesOf(l.Extra))
	return nil
}

// recorded keeps the recording of a session.
func (r *Reader) recorded(session string, attrs []attribute.KeyValue) {
	c := r.recordings[session]
	for _, kv := range attrs {
		switch kv.Key {
		case semconv.VoiceRecordingURIKey:
			c.URI = kv.Value.AsString()
		case semconv.VoiceRecordingStartKey:
			if at, err := time.Parse(time.RFC3339Nano, kv.Value.AsString()); err == nil {
				c.Start = at
			}
		}
	}
	if c.URI == "" && c.Start.IsZero() {
		return
	}
	if r.recordings == nil {
		r.recordings = make(map[string]Call)
	}
	r.recordings[session] = c
}

// SessionOf returns the session whose recording is a file of this name, if there is one such session.
func (r *Reader) SessionOf(file string) (session string, ok bool) {
	for _, id := range r.order {
		uri := r.recordings[id].URI
		if uri == "" || path.Base(uri) != url.PathEscape(path.Base(filepath.ToSlash(file))) {
			continue
		}
		if ok {
			return "", false
		}
		session, ok = id, true
	}
	return session, ok
}

// place sets the instants of a turn from its offsets into the recording. If the start of the recording is
// not known, it follows from the turn's own offset and start, which is in milliseconds.
func place(t *recording.Turn, offsets []attribute.KeyValue, start time.Time) {
	for _, kv := range offsets {
		if d, ok := offset(kv.Value); ok && kv.Key == semconv.VoiceRecordingOffsetKey && start.IsZero() && !t.Start.IsZero() {
			start = t.Start.Add(-d)
		}
	}
	if start.IsZero() {
		return
	}
	for _, kv := range offsets {
		d, ok := offset(kv.Value)
		if !ok {
			continue
		}
		switch at := start.Add(d); kv.Key {
		case semconv.VoiceRecordingUserStartedKey:
			t.UserStarted = at
		case semconv.VoiceRecordingUserStoppedKey:
			t.UserStopped = at
		case semconv.VoiceRecordingAgentStartedKey:
			t.AgentStarted = at
		case semconv.VoiceRecordingAgentStoppedKey:
			t.AgentStopped = at
		case semconv.VoiceRecordingInterruptionKey:
			if t.Interruption != nil {
				t.Interruption.At = at
			}
		}
	}
}

// offset returns a number of seconds as a duration of at most ten years.
func offset(v attribute.Value) (time.Duration, bool) {
	const most = 10 * 365 * 24 * 3600
	var seconds float64
	switch v.Type() {
	case attribute.FLOAT64:
		seconds = v.AsFloat64()
	case attribute.INT64:
		seconds = float64(v.AsInt64())
	default:
		return 0, false
	}
	return time.Duration(math.Round(seconds * 1e9)), seconds >= 0 && seconds <= most
}
