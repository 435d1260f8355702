// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"bytes"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/testing/syllables"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
	"github.com/voice-agents/telemetry/semconv"
)

// callFile is a recording of 10 s. The user speaks from 1 to 3 s, the agent from 4 to 6.5 s.
func callFile() *bytes.Reader {
	user, agent := syllables.Silence(8000, 10*time.Second), syllables.Silence(8000, 10*time.Second)
	user.Speak(time.Second, 3*time.Second, -20)
	agent.Speak(4*time.Second, 6500*time.Millisecond, -20)
	return bytes.NewReader(syllables.WAV(user, agent))
}

func ExampleMeasure() {
	sound, err := recording.Measure(callFile())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, speech := range sound.User {
		fmt.Println("user", speech.Start.Round(10*time.Millisecond), speech.End.Round(10*time.Millisecond))
	}
	for _, speech := range sound.Agent {
		fmt.Println("agent", speech.Start.Round(10*time.Millisecond), speech.End.Round(10*time.Millisecond))
	}
	// Output:
	// user 1s 3s
	// agent 4s 6.5s
}

func ExampleCompare() {
	sound := &recording.Sound{ // As Measure returns it.
		User:     []recording.Interval{{Start: 1 * time.Second, End: 3 * time.Second}},
		Agent:    []recording.Interval{{Start: 4 * time.Second, End: 6500 * time.Millisecond}},
		Duration: 10 * time.Second,
	}
	start := time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)
	turns := []recording.Turn{{
		Index: 1, Outcome: "completed",
		UserStopped:  start.Add(3200 * time.Millisecond), // The detector's hangover was not taken off.
		AgentStarted: start.Add(4 * time.Second),
	}}
	report, err := recording.Compare(turns, sound, start)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(report)
	fmt.Println(report.Check(recording.Tolerance{Median: time.Second}))
	// Output:
	// turn  outcome    user stopped  latency told  measured  difference  overlap measured
	// 1     completed  0:03.000      0.800         1.000     -0.200      0.000
	//
	// response latency: 1 compared, median 200 ms, p95 200 ms, worst -200 ms, mean -200 ms
	// end of the user's speech: 1 compared, median 200 ms, p95 200 ms, worst +200 ms, mean +200 ms
	// start of the agent's speech: 1 compared, median 0 ms, p95 0 ms, worst 0 ms, mean 0 ms
	// dead air: 0.000 s in 0 silences
	// turn 1: telemetry tells a response latency of 0.800 s, and the sound has 1.000 s: the difference is -200 ms, want 40 ms at most
}

func ExampleTurnOf() {
	stopped := time.Date(2026, 3, 4, 10, 0, 3, 0, time.UTC)
	turn := recording.TurnOf(stopped.Add(-2*time.Second), stopped.Add(4*time.Second),
		[]attribute.KeyValue{semconv.VoiceTurnIndex(1), semconv.VoiceTurnOutcome(semconv.VoiceTurnOutcomeCompleted)},
		[]recording.Event{
			{Name: semconv.EventVoiceUserStopped, Time: stopped},
			{Name: semconv.EventVoiceAgentStarted, Time: stopped.Add(800 * time.Millisecond)},
		})
	fmt.Println(turn.Index, turn.Outcome, turn.AgentStarted.Sub(turn.UserStopped))
	// Output: 1 completed 800ms
}
