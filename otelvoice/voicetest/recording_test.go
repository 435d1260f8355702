// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicetest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/syllables"
	"github.com/voice-agents/telemetry/otelvoice"
	"github.com/voice-agents/telemetry/otelvoice/voicetest"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

const ms = time.Millisecond

// exchange is one turn: when each side really speaks, in ms from the start of the recording.
type exchange struct {
	userStart, userEnd, agentStart, agentEnd int
	interrupted                              bool // By the next exchange.
}

var exchanges = []exchange{
	{0, 0, 300, 1500, false}, // The agent greets.
	{2000, 3200, 4000, 6100, false},
	{7000, 8000, 8650, 11_250, true},
	{11_000, 12_500, 13_700, 15_000, false},
}

// talk makes the calls of the toolkit that the agent of such a call makes, at the time of each. Its stops
// are late by an error, as those of an agent that does not take off the hangover of its detector.
func talk(t *testing.T, tel *otelvoice.Telemetry, errorOfStops time.Duration) (start time.Time) {
	t.Helper()
	start = time.Now()
	at := func(offset int) time.Time { return start.Add(time.Duration(offset) * ms) }
	ctx, session := tel.StartSession(t.Context())
	defer session.End()
	for i, e := range exchanges {
		opts := []otelvoice.TurnOption{otelvoice.WithStartTime(at(e.userStart))}
		if e.userEnd == 0 {
			opts = append(opts, otelvoice.AgentInitiated())
		}
		_, turn := session.StartTurn(ctx, opts...)
		if e.userEnd > 0 {
			turn.MarkAt(otelvoice.UserStarted, at(e.userStart))
			turn.UserStopped(at(e.userEnd).Add(errorOfStops), otelvoice.AnchorVAD)
		}
		time.Sleep(time.Until(at(e.agentEnd))) //nolint:forbidigo // In a bubble of synctest.
		turn.MarkAt(otelvoice.AgentStarted, at(e.agentStart))
		turn.MarkAt(otelvoice.AgentStopped, at(e.agentEnd))
		if e.interrupted {
			turn.Interrupt(otelvoice.AudioActivity, otelvoice.InterruptedAt(at(exchanges[i+1].userStart)), otelvoice.PlayedFor(2350*ms))
		}
		turn.End()
	}
	return start
}

// sound is the recording of the call.
func sound() []byte {
	user, agent := syllables.Silence(16000, 16*time.Second), syllables.Silence(16000, 16*time.Second)
	for _, e := range exchanges {
		user.Speak(time.Duration(e.userStart)*ms, time.Duration(e.userEnd)*ms, -22)
		agent.Speak(time.Duration(e.agentStart)*ms, time.Duration(e.agentEnd)*ms, -18)
	}
	user.Noise(-55, 1)
	return syllables.WAV(user, agent)
}

func TestVerifyRecording(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		start := talk(t, tel.Telemetry, 0)
		report := voicetest.VerifyRecording(t, rec, bytes.NewReader(sound()), start, recording.Tolerance{StopTime: 20 * ms})
		if report == nil || report.Response.Count != 3 || report.StopTime.Count != 1 {
			t.Fatalf("compared\n%v", report)
		}
		if stop := report.Rows[2].StopTime; *stop.Told != 250*ms || (*stop.Measured-250*ms).Abs() > 10*ms {
			t.Errorf("a stop time of %v, told %v, want 250 ms", *stop.Measured, *stop.Told)
		}
		voicetest.Check(t, rec)
	})
}

// failures is a test that records its failures.
type failures struct {
	testing.TB
	lines []string
}

func (f *failures) Helper() {}

func (f *failures) Errorf(format string, args ...any) {
	f.lines = append(f.lines, fmt.Sprintf(format, args...))
}

func TestVerifyRecordingFails(t *testing.T) {
	for _, tt := range []struct {
		name string
		run  func(tb testing.TB, tel *otelvoice.Telemetry, rec *voicetest.Recorder)
		want string
	}{
		{"a latency that is too short", func(tb testing.TB, tel *otelvoice.Telemetry, rec *voicetest.Recorder) {
			tb.Helper()
			start := talk(t, tel, 200*ms)
			voicetest.VerifyRecording(tb, rec, bytes.NewReader(sound()), start, recording.Tolerance{})
		}, "turn 2: telemetry tells a response latency of 0.600 s, and the sound has 0.80"},
		{"no turns", func(tb testing.TB, _ *otelvoice.Telemetry, rec *voicetest.Recorder) {
			tb.Helper()
			voicetest.VerifyRecording(tb, rec, bytes.NewReader(sound()), time.Now(), recording.Tolerance{})
		}, "no turns to compare"},
		{"no recording", func(tb testing.TB, tel *otelvoice.Telemetry, rec *voicetest.Recorder) {
			tb.Helper()
			voicetest.VerifyRecording(tb, rec, strings.NewReader("no WAV at all"), talk(t, tel, 0), recording.Tolerance{})
		}, "not a RIFF/WAVE file"},
		{"two sessions", func(tb testing.TB, tel *otelvoice.Telemetry, rec *voicetest.Recorder) {
			tb.Helper()
			talk(t, tel, 0)
			voicetest.VerifyRecording(tb, rec, bytes.NewReader(sound()), talk(t, tel, 0), recording.Tolerance{})
		}, "there are turns of 2 sessions"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tel, rec := voicetest.Setup(t)
				tb := &failures{TB: t}
				tt.run(tb, tel.Telemetry, rec)
				if got := strings.Join(tb.lines, "\n"); !strings.Contains(got, tt.want) {
					t.Errorf("\ngot  %s\nwant %s", got, tt.want)
				}
			})
		})
	}
}

func TestTurnsOfASession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tel, rec := voicetest.Setup(t)
		talk(t, tel.Telemetry, 0)
		ctx, session := tel.StartSession(t.Context(), otelvoice.WithSessionID("other"))
		_, turn := session.StartTurn(ctx)
		turn.End()
		session.End()
		if all, one := rec.Turns(""), rec.Turns("other"); len(all) != len(exchanges)+1 || len(one) != 1 || one[0].Index != 1 {
			t.Errorf("%d turns, of which %d of the session: %+v", len(all), len(one), one)
		}
	})
}
