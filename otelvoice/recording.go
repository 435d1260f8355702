// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"net/url"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/semconv"
)

// recording is where the recording of a session is. Empty fields are unknown. It is not changed once it is
// set.
type recording struct {
	uri      string
	start    time.Time
	channels int
}

// maxURI is the maximum size of the URI of a recording, in bytes.
const maxURI = 2048

// maxChannels is the maximum number of channels of a recording.
const maxChannels = 64

// SetRecording sets where the application's recording of the call is, when it began and how many channels it
// has: voice.recording.uri, voice.recording.start and voice.recording.channels on the session's span and end
// line. Turns and stages that end later have voice.recording.offset, the seconds from the start of the
// recording to their start, and turns have the offsets of their speech, such as voice.recording.agent.started.
// The toolkit records no audio.
//
// The user name, the password, the query and the fragment of the URI are removed, because they may be
// credentials. An empty URI, the zero time and 0 channels are unknown, and a later call can add them: a
// program often knows the start first and the URI at the end.
//
// A recording may begin up to an hour before the session, or during it; turns and stages that started before
// it have no offset. A start in the future or more than an hour before the session is from another clock. It
// is left out, as are a negative number of channels, one above 64, and a URI that cannot be parsed or is
// longer than 2048 bytes. Once a value is set, another one is left out, because the offsets of earlier turns
// are into the first recording. All of them are counted in voice.measurements.dropped and logged as warnings,
// once for each place in the code, and so is a call after the session's end.
func (s *Session) SetRecording(uri string, startedAt time.Time, channels int) {
	if s == nil {
		return
	}
	now := time.Now()
	given := recording{s.recordingURI(uri), s.recordingStart(startedAt, now), s.recordingChannels(channels)}
	if given == (recording{}) {
		return
	}
	var differs []attribute.Key
	s.tell(semconv.VoiceRecordingURIKey, "the recording", func(*sessionFacts) {
		var merged recording
		merged, differs = s.recording.Load().merge(given)
		s.recording.Store(&merged)
	})
	for _, key := range differs {
		s.refuse(key, semconv.VoiceDropReasonOutOfRange, "the session has another "+string(key)+" already: the new one is not recorded")
	}
}

func (s *Session) recordingURI(uri string) string {
	if uri == "" {
		return ""
	}
	u, err := url.Parse(uri)
	switch {
	case len(uri) > maxURI:
		s.refuse(semconv.VoiceRecordingURIKey, semconv.VoiceDropReasonOutOfRange, "the URI of the recording is too long and is not recorded")
		return ""
	case err != nil:
		s.refuse(semconv.VoiceRecordingURIKey, semconv.VoiceDropReasonMalformed, "the URI of the recording cannot be parsed and is not recorded")
		return ""
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return strings.Clone(u.String())
}

func (s *Session) recordingStart(at, now time.Time) time.Time {
	const key = semconv.VoiceRecordingStartKey
	switch {
	case at.IsZero():
	case at.After(now):
		s.refuse(key, semconv.VoiceDropReasonNegative, "the recording starts in the future: its start is not recorded")
	case s.start.Sub(at) > time.Hour:
		s.refuse(key, semconv.VoiceDropReasonTooLong, "the recording starts more than an hour before the session: its start is not recorded")
	default:
		return at
	}
	return time.Time{}
}

func (s *Session) recordingChannels(channels int) int {
	switch {
	case channels < 0:
		s.refuse(semconv.VoiceRecordingChannelsKey, semconv.VoiceDropReasonNegative, "the recording has a negative number of channels: it is not recorded")
	case channels > maxChannels:
		s.refuse(semconv.VoiceRecordingChannelsKey, semconv.VoiceDropReasonOutOfRange, "the recording has more than 64 channels: their number is not recorded")
	default:
		return channels
	}
	return 0
}

// merge adds the values that are not known yet. It returns the keys of those that differ from the known ones.
func (r *recording) merge(given recording) (merged recording, differs []attribute.Key) {
	if r == nil {
		return given, nil
	}
	merged = *r
	if given.uri != "" && given.uri != merged.uri {
		if merged.uri != "" {
			differs = append(differs, semconv.VoiceRecordingURIKey)
		} else {
			merged.uri = given.uri
		}
	}
	if !given.start.IsZero() && !given.start.Equal(merged.start) {
		if !merged.start.IsZero() {
			differs = append(differs, semconv.VoiceRecordingStartKey)
		} else {
			merged.start = given.start
		}
	}
	if given.channels != 0 && given.channels != merged.channels {
		if merged.channels != 0 {
			differs = append(differs, semconv.VoiceRecordingChannelsKey)
		} else {
			merged.channels = given.channels
		}
	}
	return merged, differs
}

// attributes appends the attributes of the session.
func (r *recording) attributes(attrs []attribute.KeyValue) []attribute.KeyValue {
	if r == nil {
		return attrs
	}
	if r.uri != "" {
		attrs = append(attrs, semconv.VoiceRecordingURI(r.uri))
	}
	if !r.start.IsZero() {
		attrs = append(attrs, semconv.VoiceRecordingStart(r.start.UTC().Format(time.RFC3339Nano)))
	}
	if r.channels != 0 {
		attrs = append(attrs, semconv.VoiceRecordingChannels(r.channels))
	}
	return attrs
}

// offset appends the offset of a turn or stage into the recording, if it is known.
func (r *recording) offset(start time.Time, attrs []attribute.KeyValue) []attribute.KeyValue {
	if r == nil || r.start.IsZero() || start.Before(r.start) {
		return attrs
	}
	return append(attrs, semconv.VoiceRecordingOffset(start.Sub(r.start).Seconds()))
}
