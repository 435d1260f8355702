// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"slices"
	"testing"
	"time"
)

func TestSpeech(t *testing.T) {
	at := func(s int) time.Time {
		if s == 0 {
			return time.Time{}
		}
		return time.Unix(int64(s), 0)
	}
	type mark struct {
		mark Mark
		at   int
	}
	many := make([]mark, maxMarks)
	for i := range many {
		many[i] = mark{UserStarted, i + 1}
	}
	const started, stopped = UserStarted, UserStopped
	for name, test := range map[string]struct {
		marks   []mark
		want    []Speech
		unknown bool
	}{
		"no marks":                  {},
		"once":                      {marks: []mark{{started, 1}, {stopped, 3}}, want: []Speech{{at(1), at(3)}}},
		"out of order":              {marks: []mark{{stopped, 9}, {started, 1}, {stopped, 3}, {started, 7}}, want: []Speech{{at(1), at(3)}, {at(7), at(9)}}},
		"two starts":                {marks: []mark{{started, 1}, {started, 2}, {stopped, 3}}, want: []Speech{{at(1), at(3)}}},
		"two stops":                 {marks: []mark{{started, 1}, {stopped, 3}, {stopped, 4}}, want: []Speech{{at(1), at(4)}}},
		"two stops before a start":  {marks: []mark{{started, 1}, {stopped, 3}, {stopped, 4}, {started, 6}, {stopped, 7}}, want: []Speech{{at(1), at(4)}, {at(6), at(7)}}},
		"two stops round the agent": {marks: []mark{{started, 1}, {stopped, 3}, {AgentStarted, 4}, {stopped, 6}}, want: []Speech{{at(1), at(3)}}, unknown: true},
		"a stop after the agent":    {marks: []mark{{started, 1}, {AgentStarted, 4}, {stopped, 6}}, want: []Speech{{at(1), at(6)}}},
		"a clock that jumps back":   {marks: []mark{{started, 5}, {stopped, 3}}, want: []Speech{{at(5), at(0)}}, unknown: true},
		"a start at a stop":         {marks: []mark{{started, 1}, {stopped, 3}, {started, 3}, {stopped, 5}}, want: []Speech{{at(1), at(5)}}},
		"a stop at a start":         {marks: []mark{{started, 1}, {started, 3}, {stopped, 3}, {stopped, 5}}, want: []Speech{{at(1), at(5)}}},
		"a start at the last stop":  {marks: []mark{{started, 1}, {stopped, 3}, {started, 3}}, want: []Speech{{at(1), at(0)}}},
		"no stop":                   {marks: []mark{{started, 1}}, want: []Speech{{at(1), at(0)}}},
		"no second stop":            {marks: []mark{{started, 1}, {stopped, 2}, {started, 4}}, want: []Speech{{at(1), at(2)}, {at(4), at(0)}}},
		"no start":                  {marks: []mark{{stopped, 3}}, unknown: true},
		"no length":                 {marks: []mark{{started, 3}, {stopped, 3}}, unknown: true},
		"the agent's are apart":     {marks: []mark{{started, 1}, {AgentStarted, 2}, {AgentStopped, 3}, {stopped, 4}}, want: []Speech{{at(1), at(4)}}},
		"more than are kept":        {marks: append(many, mark{stopped, 99}), want: []Speech{{at(1), at(99)}}, unknown: true},
	} {
		t.Run(name, func(t *testing.T) {
			var m Marks
			for _, o := range test.marks {
				m.Add(Occurrence{Mark: o.mark, At: at(o.at)})
			}
			got, known := m.AppendSpeech(nil, User)
			if !slices.Equal(got, test.want) || known == test.unknown {
				t.Errorf("got %v, %v, want %v, %v", got, known, test.want, !test.unknown)
			}
			if m.Has(User) != (len(test.marks) > 0) {
				t.Errorf("Has is %v", m.Has(User))
			}
		})
	}
}

// The agent who stops twice was heard until the second time, even if the user spoke in between.
func TestSpeechOfTheAgent(t *testing.T) {
	var m Marks
	base := time.Unix(100, 0)
	for i, mark := range []Mark{AgentStarted, AgentStopped, UserStarted, AgentStopped, UserStopped} {
		m.Add(Occurrence{Mark: mark, At: base.Add(time.Duration(i) * time.Second)})
	}
	got, known := m.AppendSpeech(nil, Agent)
	if want := []Speech{{base, base.Add(3 * time.Second)}}; !slices.Equal(got, want) || !known {
		t.Errorf("got %v, %v, want %v", got, known, want)
	}
}

func TestSpeechDoesNotAllocate(t *testing.T) {
	var m Marks
	for i, mark := range []Mark{UserStarted, UserStopped, AgentStarted, AgentStopped} {
		m.Add(Occurrence{Mark: mark, At: time.Unix(int64(i), 0)})
	}
	if n := testing.AllocsPerRun(100, func() {
		var buffer [MaxSpeech]Speech
		if s, _ := m.AppendSpeech(buffer[:0], User); len(s) != 1 {
			t.Error(len(s))
		}
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
