// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package latency

import (
	"slices"
	"testing"
	"time"
)

func TestSpeech(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	type mark struct {
		mark Mark
		at   int
	}
	many := make([]mark, maxMarks)
	for i := range many {
		many[i] = mark{UserStarted, i + 1}
	}
	for name, test := range map[string]struct {
		marks []mark
		want  []Speech
	}{
		"no marks":              {},
		"one":                   {[]mark{{UserStarted, 1}, {UserStopped, 3}}, []Speech{{at(1), at(3)}}},
		"out of order":          {[]mark{{UserStopped, 9}, {UserStarted, 1}, {UserStopped, 3}, {UserStarted, 7}}, []Speech{{at(1), at(3)}, {at(7), at(9)}}},
		"two starts":            {[]mark{{UserStarted, 1}, {UserStarted, 2}, {UserStopped, 3}}, []Speech{{at(1), at(3)}}},
		"two stops":             {[]mark{{UserStarted, 1}, {UserStopped, 3}, {UserStopped, 4}}, []Speech{{at(1), at(3)}}},
		"a clock that jumps":    {[]mark{{UserStarted, 5}, {UserStopped, 3}}, nil},
		"no stop":               {[]mark{{UserStarted, 1}}, nil},
		"the agent's are apart": {[]mark{{UserStarted, 1}, {AgentStarted, 2}, {AgentStopped, 3}, {UserStopped, 4}}, []Speech{{at(1), at(4)}}},
		"more than are kept":    {append(many, mark{UserStopped, 99}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			var m Marks
			for _, o := range test.marks {
				m.Add(Occurrence{Mark: o.mark, At: at(o.at)})
			}
			if got := m.Speech(UserStarted, UserStopped); !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}
