// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest

import (
	"io"
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// VerifyRecording compares the turns recorded so far with a recording of the call: a stereo WAV file
// whose left channel is the user and whose right channel is the agent. start is the time of its first
// sample, by the clock of the spans.
//
// It fails the test if the response latencies differ from the silences in the recording by more than the
// tolerance, by default 10 ms in the median and 40 ms at worst, or if one is not found in it. It returns
// the report, or nil if the recording or the turns cannot be read.
//
// The recorder must have the turns of one session. For one of several, and for bounds of your own, use
// [Recorder.Turns] and package recording.
func VerifyRecording(tb testing.TB, rec *Recorder, wav io.Reader, start time.Time, tolerance recording.Tolerance, opts ...recording.Option) *recording.Report {
	tb.Helper()
	if sessions := rec.sessions(); len(sessions) > 1 {
		tb.Errorf("voicetest: there are turns of %d sessions, and a recording is of one: %q", len(sessions), sessions)
		return nil
	}
	sound, err := recording.Measure(wav, opts...)
	if err != nil {
		tb.Errorf("voicetest: %v", err)
		return nil
	}
	report, err := recording.Compare(rec.Turns(""), sound, start, opts...)
	if err != nil {
		tb.Errorf("voicetest: %v", err)
		return nil
	}
	if err := report.Check(tolerance); err != nil {
		tb.Errorf("voicetest: the telemetry differs from the recording:\n%v\n%s", err, report)
	}
	return report
}

// Turns returns what the spans of the turns that have ended tell, in order of their start. If session is
// not empty, only the turns of the session with this ID are returned.
func (r *Recorder) Turns(session string) (turns []recording.Turn) {
	for _, s := range r.Named(semconv.SpanVoiceTurn) {
		if n := (&node{span: s}); session != "" && n.text(semconv.SessionIDKey) != session {
			continue
		}
		var events []recording.Event
		for _, e := range s.Events() {
			events = append(events, recording.Event{Name: e.Name, Time: e.Time})
		}
		turns = append(turns, recording.TurnOf(s.StartTime(), s.EndTime(), s.Attributes(), events))
	}
	slices.SortStableFunc(turns, func(a, b recording.Turn) int { return a.Start.Compare(b.Start) })
	return turns
}

// sessions returns the IDs of the sessions that have turns.
func (r *Recorder) sessions() (ids []string) {
	for _, s := range r.Named(semconv.SpanVoiceTurn) {
		if id := (&node{span: s}).text(semconv.SessionIDKey); !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
