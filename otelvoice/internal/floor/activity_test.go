// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package floor

import (
	"testing"
	"time"
)

func TestWhatTheAgentDoes(t *testing.T) {
	type does struct {
		activity Activity
		from, to int
	}
	// The silence is from 10 s to 20 s.
	for name, test := range map[string]struct {
		after Side
		works []does
		want  Activity
	}{
		"nothing, after the user":                       {User, nil, Idle},
		"nothing, after the agent":                      {Agent, nil, Listening},
		"a model":                                       {User, []does{{Generation, 10, 19}}, Generation},
		"a model for 3 s of 10 s":                       {User, []does{{Generation, 10, 13}}, Idle},
		"two works with as much time: the earlier kind": {User, []does{{Transcription, 10, 15}, {Generation, 15, 20}}, Transcription},
		"a tool within the model's answer":              {User, []does{{Generation, 10, 20}, {Tool, 12, 19}}, Tool},
		"a short tool within it":                        {User, []does{{Generation, 10, 20}, {Tool, 12, 14}}, Generation},
		"work outside of it":                            {User, []does{{Tool, 0, 10}, {Tool, 20, 40}}, Idle},
		"work that lasts longer":                        {User, []does{{Synthesis, 0, 40}}, Synthesis},
		"a recogniser that waits after the agent":       {Agent, []does{{Transcription, 0, 40}, {Endpointing, 10, 20}}, Listening},
		"a question whether the user is there":          {Agent, []does{{Generation, 18, 19}, {Synthesis, 19, 20}}, Listening},
		"a model that answers again after the agent":    {Agent, []does{{Generation, 11, 20}}, Generation},
		"many short works":                              {User, []does{{Tool, 10, 12}, {Generation, 12, 13}, {Tool, 13, 15}, {Synthesis, 15, 18}}, Tool},
		"an activity that is none and one without end":  {User, []does{{activities, 10, 20}, {Idle, 10, 20}, {Tool, 15, 15}, {Tool, 16, 12}}, Idle},
	} {
		t.Run(name, func(t *testing.T) {
			f := Floor{DeadAir: DefaultDeadAir}
			for _, w := range test.works {
				f.Work(w.activity, at(w.from*1000), at(w.to*1000))
			}
			f.Add(test.after, at(9_000), at(10_000))
			f.Add(User, at(20_000), at(21_000))
			got := f.Sums()
			if got.LongestActivity != test.want || got.ByActivity[test.want] != (DeadAir{1, 10 * time.Second}) {
				t.Errorf("got %s in %+v, want %s", got.LongestActivity, got, test.want)
			}
		})
	}
}

func TestNamesOfActivities(t *testing.T) {
	seen := make(map[string]bool)
	for a := range activities {
		if name := a.String(); name == "" || seen[name] {
			t.Errorf("activity %d has the name %q", a, name)
		} else {
			seen[name] = true
		}
	}
}
