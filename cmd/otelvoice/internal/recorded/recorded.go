// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package recorded makes of the documents of calls what is compared with a recording.
package recorded

import (
	"cmp"
	"fmt"
	"math"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// A Call is the turns of a session that have ended.
type Call struct {
	Session string
	Turns   []recording.Turn // In the order of their start.
	// Start is when the recording began, and URI where it is, as the session says. They are zero if that is not known.
	Start time.Time
	URI   string
}

// Of returns the call of a document.
func Of(document *call.Call) *Call {
	c := &Call{Session: document.IDs.Session}
	if r := document.Recording; r != nil {
		c.URI = r.URI
		if at, err := time.Parse(time.RFC3339Nano, r.Start); err == nil {
			c.Start = at
		}
	}
	for _, t := range document.Turns {
		if !t.Open {
			c.Turns = append(c.Turns, turnOf(document.Start, t, c.Start))
		}
	}
	slices.SortFunc(c.Turns, func(a, b recording.Turn) int {
		return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Index, b.Index), a.End.Compare(b.End))
	})
	return c
}

// turnOf returns a turn. A log line has offsets into the recording instead of marks.
func turnOf(start time.Time, t *call.Turn, recorded time.Time) recording.Turn {
	attrs := []attribute.KeyValue{semconv.VoiceTurnIndex(t.Index)}
	for _, kv := range t.Attributes {
		switch v := kv.Value.(type) {
		case string:
			attrs = append(attrs, attribute.String(kv.Key, v))
		case int64:
			attrs = append(attrs, attribute.Int64(kv.Key, v))
		case float64:
			attrs = append(attrs, attribute.Float64(kv.Key, v))
		}
	}
	var events []recording.Event
	for _, m := range t.Marks {
		if at := instant(start, m.At); !at.IsZero() {
			events = append(events, recording.Event{Name: m.Name, Time: at})
		}
	}
	turn := recording.TurnOf(instant(start, t.Start), instant(start, t.End), attrs, events)
	if t.FromLog {
		place(&turn, t.Attributes, recorded)
	}
	return turn
}

// instant returns a time of a document.
func instant(start time.Time, seconds *float64) time.Time {
	if seconds == nil || start.IsZero() {
		return time.Time{}
	}
	return start.Add(time.Duration(math.Round(*seconds * 1e9)))
}

// place sets the instants of a turn from its offsets into the recording. If the start of the recording is not known,
// it follows from the turn's own offset and start, which is in milliseconds.
func place(t *recording.Turn, attrs signal.Attributes, start time.Time) {
	if d, ok := offset(attrs, semconv.VoiceRecordingOffsetKey); ok && start.IsZero() && !t.Start.IsZero() {
		start = t.Start.Add(-d)
	}
	if start.IsZero() {
		return
	}
	set := func(to *time.Time, key attribute.Key) {
		if d, ok := offset(attrs, key); ok {
			*to = start.Add(d)
		}
	}
	set(&t.UserStarted, semconv.VoiceRecordingUserStartedKey)
	set(&t.UserStopped, semconv.VoiceRecordingUserStoppedKey)
	set(&t.AgentStarted, semconv.VoiceRecordingAgentStartedKey)
	set(&t.AgentStopped, semconv.VoiceRecordingAgentStoppedKey)
	if t.Interruption != nil {
		set(&t.Interruption.At, semconv.VoiceRecordingInterruptionKey)
	}
}

// offset returns a number of seconds of at most ten years.
func offset(attrs signal.Attributes, key attribute.Key) (time.Duration, bool) {
	d, ok := attrs.Seconds(key)
	return d, ok && d >= 0 && d <= 10*365*24*time.Hour
}

// Choose returns the call of a session. If the ID is empty, it is the one whose recording is a file of this name, or
// else the only one. Calls without turns are left out.
func Choose(calls []*Call, session, file string) (*Call, error) {
	var ids []string
	calls = slices.DeleteFunc(slices.Clone(calls), func(c *Call) bool { return len(c.Turns) == 0 })
	for _, c := range calls {
		if ids = append(ids, c.Session); session != "" && c.Session == session {
			return c, nil
		}
	}
	named := slices.DeleteFunc(slices.Clone(calls), func(c *Call) bool { return !c.isIn(file) })
	some := ids[:min(len(ids), 10)]
	switch {
	case len(calls) == 0:
		return nil, fmt.Errorf("there are no turns: want JSON log lines with the phase %s, or spans %s", semconv.VoicePhaseTurnEnd, semconv.SpanVoiceTurn)
	case session != "":
		return nil, fmt.Errorf("there is no session %q, there are %q", session, some)
	case len(named) == 1:
		return named[0], nil
	case len(calls) > 1:
		return nil, fmt.Errorf("there are %d sessions, choose one: %q", len(calls), some)
	}
	return calls[0], nil
}

// isIn reports whether the recording of the call is a file of this name.
func (c *Call) isIn(file string) bool {
	return c.URI != "" && path.Base(c.URI) == url.PathEscape(path.Base(filepath.ToSlash(file)))
}
