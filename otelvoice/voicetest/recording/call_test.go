// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package recording_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/testing/syllables"
	"github.com/voice-agents/telemetry/otelvoice/voicetest/recording"
)

const ms = time.Millisecond

// began is when the recordings of the tests begin.
var began = time.Date(2026, 3, 4, 10, 0, 0, 0, time.UTC)

// call is the sound of a call, and the turns that are told of it.
type call struct {
	user, agent *syllables.Audio
	turns       []recording.Turn
}

func newCall(rate int, d time.Duration) *call {
	return &call{user: syllables.Silence(rate, d), agent: syllables.Silence(rate, d)}
}

func (c *call) file() []byte { return syllables.WAV(c.user, c.agent) }

// at returns the time of an offset in milliseconds.
func at(offset int) time.Time { return began.Add(time.Duration(offset) * ms) }

// says adds speech to a channel, from and to in milliseconds.
func says(a *syllables.Audio, from, to int) {
	a.Speak(time.Duration(from)*ms, time.Duration(to)*ms, -20)
}

// exchange adds the sound of a user and an agent that answers, and returns what would be told exactly of
// it.
func (c *call) exchange(userStart, userEnd, agentStart, agentEnd int) *recording.Turn {
	if userEnd > userStart {
		says(c.user, userStart, userEnd)
	}
	says(c.agent, agentStart, agentEnd)
	t := recording.Turn{
		Index: len(c.turns) + 1, Outcome: "completed", Start: at(userStart), End: at(agentEnd),
		AgentStarted: at(agentStart), AgentStopped: at(agentEnd),
	}
	if userEnd > userStart {
		t.UserStarted, t.UserStopped = at(userStart), at(userEnd)
	} else {
		t.IsAgents, t.Start = true, at(agentStart)
	}
	c.turns = append(c.turns, t)
	return &c.turns[len(c.turns)-1]
}

// scripted is a call with one of everything: see the comments. The numbers of TestCompare are worked out
// from them by hand.
func scripted() *call {
	c := newCall(16000, 40*time.Second)
	c.exchange(0, 0, 500, 2000) // The agent greets.
	c.exchange(2600, 4000, 4800, 7000)
	says(c.user, 5600, 5850) // A backchannel, in no turn.

	c.exchange(8000, 10000, 10600, 11000).AgentStopped = at(14500) // A filler while a tool runs,
	says(c.agent, 13500, 14500)                                    // and the answer 2.5 s later.

	t := c.exchange(15000, 16000, 17020, 19200) // The agent is told 20 ms early, and the user interrupts it.
	t.AgentStarted = at(17000)
	t.Outcome = "interrupted"
	t.AgentStopped = at(19180)
	t.Interruption = &recording.Interruption{Source: "audio_activity", At: at(18930), Played: new(1900 * ms)}

	c.exchange(18900, 20500, 21400, 23000)

	says(c.user, 24000, 25000) // A pause in the middle of what the user says,
	t = c.exchange(25600, 26400, 27000, 29000)
	t.UserStarted = at(24000) // which is one turn.

	says(c.user, 33000, 34000) // A turn without an answer.
	c.turns = append(c.turns, recording.Turn{
		Index: 7, Outcome: "abandoned", Start: at(33000), End: at(36000), UserStarted: at(33000), UserStopped: at(34000),
	}, recording.Turn{ // It is after the end of the recording.
		Index: 8, Outcome: "completed", Start: at(41000), End: at(45000),
		UserStarted: at(41000), UserStopped: at(42000), AgentStarted: at(43000), AgentStopped: at(45000),
	})
	return c
}

// measure measures the sound of a call.
func (c *call) measure(t *testing.T, opts ...recording.Option) *recording.Sound {
	t.Helper()
	sound, err := recording.Measure(bytes.NewReader(c.file()), opts...)
	if err != nil {
		t.Fatal(err)
	}
	return sound
}

// compare compares the turns with the sound.
func (c *call) compare(t *testing.T, opts ...recording.Option) *recording.Report {
	t.Helper()
	report, err := recording.Compare(c.turns, c.measure(t, opts...), began, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// near checks that a value is known and within 10 ms of want, which is in milliseconds: two edges of 5 ms.
func near(t *testing.T, what string, got *time.Duration, want int) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is unknown, want %d ms", what, want)
		return
	}
	if d := *got - time.Duration(want)*ms; d.Abs() > 10*ms {
		t.Errorf("%s is %v, want %d ms within 10 ms", what, *got, want)
	}
}
