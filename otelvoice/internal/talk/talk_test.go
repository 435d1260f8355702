// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package talk

import (
	"slices"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/internal/latency"
)

var origin = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)

func at(s int) time.Time { return origin.Add(time.Duration(s) * time.Second) }

func speech(times ...int) (out []latency.Speech) {
	for ; len(times) >= 2; times = times[2:] {
		s := latency.Speech{From: at(times[0])}
		if times[1] >= 0 {
			s.To = at(times[1])
		}
		out = append(out, s)
	}
	return out
}

func TestListen(t *testing.T) {
	const day = 24 * 3600
	for name, test := range map[string]struct {
		marks    []int // Start, stop, start...; -1 is none.
		isSilent bool
		isCut    bool
		want     []latency.Speech
		known    bool
		reason   string
		last     int // When the last speech began; 0 is unknown.
	}{
		"no marks":                {nil, false, false, nil, false, "", 0},
		"no marks, silent":        {nil, true, false, nil, true, "", 0},
		"twice":                   {[]int{1, 2, 4, 6}, false, false, speech(1, 2, 4, 6), true, "", 4},
		"no end":                  {[]int{1, 2, 4}, true, false, speech(1, 2), false, "", 4},
		"no end, and hang-up":     {[]int{1, 2, 4}, true, true, speech(1, 2, 4, 100), true, "", 4},
		"a start after hang-up":   {[]int{1, 2, 101}, true, true, speech(1, 2), false, "", 0},
		"an end after the turn":   {[]int{1, 2, 4, 101}, true, false, nil, false, "out_of_range", 4},
		"before the turn":         {[]int{-60, 2}, true, false, speech(-60, 2), true, "", -60},
		"a day before the turn":   {[]int{-day, 5 - day}, true, false, nil, false, "out_of_range", 0},
		"longer than an hour":     {[]int{-3600, 2}, true, false, nil, false, "too_long", -3600},
		"a day until the hang-up": {[]int{-day}, true, true, nil, false, "too_long", 0},
	} {
		t.Run(name, func(t *testing.T) {
			var marks latency.Marks
			for i, s := range test.marks {
				mark := latency.AgentStarted
				if i%2 == 1 {
					mark = latency.AgentStopped
				}
				marks.Add(latency.Occurrence{Mark: mark, At: at(s)})
			}
			var v Voice
			last, reason := v.Listen(&marks, latency.Agent, test.isSilent, Span{Start: at(0), End: at(100), IsCut: test.isCut})
			if !slices.Equal(v.Speech, test.want) || v.Known != test.known || reason != test.reason {
				t.Errorf("got %v, %v, %q, want %v, %v, %q", v.Speech, v.Known, reason, test.want, test.known, test.reason)
			}
			if last.IsZero() != (test.last == 0) || test.last != 0 && !last.Equal(at(test.last)) {
				t.Errorf("the last speech began at %v, want %d", last, test.last)
			}
		})
	}
}

func TestFindTheSpeechThatInterrupted(t *testing.T) {
	const none = -1
	for name, test := range map[string]struct {
		users     []latency.Speech
		at, since int
		want, to  int
		found     bool
	}{ // The agent started at 10.
		"nothing is marked":               {nil, 20, none, 20, none, false},
		"before the agent":                {speech(5, 8), 20, none, 20, none, false},
		"since before the agent":          {speech(5, 30), 20, none, 20, none, false},
		"one":                             {speech(5, 8, 18, 25), 20, none, 18, 25, true},
		"one that is still going on":      {speech(18, -1), 20, none, 18, none, true},
		"one that is over":                {speech(17, 18), 20, none, 17, 18, true},
		"the last of two":                 {speech(12, 13, 18, 25), 20, none, 18, 25, true},
		"one that begins later":           {speech(12, 13, 21, 25), 20, none, 12, 13, true},
		"told":                            {nil, 20, 17, 17, none, false},
		"told, and marked":                {speech(12, 13, 17, 25), 20, 17, 17, 25, true},
		"told, and marked earlier":        {speech(16, 25), 20, 17, 17, 25, true},
		"told, and another one is marked": {speech(12, 13), 20, 17, 17, none, false},
	} {
		i := Interruption{At: at(test.at)}
		if test.since != none {
			i.Since = at(test.since)
		}
		var to time.Time
		if test.to != none {
			to = at(test.to)
		}
		since, until, found := i.Find(test.users, at(10))
		if !since.Equal(at(test.want)) || !until.Equal(to) || found != test.found {
			t.Errorf("%s: got %v, %v, %v", name, since.Sub(origin), until, found)
		}
	}
}

// The user's last speech is the answered one, and no interruption.
func TestFindWithoutTheAgentsStart(t *testing.T) {
	i := Interruption{At: at(20)}
	if since, _, found := i.Find(speech(5, 8), time.Time{}); found || !since.Equal(at(20)) {
		t.Errorf("got %v, %v", since.Sub(origin), found)
	}
}

func TestMerge(t *testing.T) {
	for name, test := range map[string]struct{ speech, want []latency.Speech }{
		"none":               {nil, nil},
		"apart":              {speech(5, 8, 1, 2), speech(1, 2, 5, 8)},
		"overlapping":        {speech(4, 8, 1, 5), speech(1, 8)},
		"touching":           {speech(1, 3, 3, 5), speech(1, 5)},
		"one in the other":   {speech(1, 9, 2, 3, 12, 13), speech(1, 9, 12, 13)},
		"into one that goes": {speech(1, 3, 2, -1), speech(1, -1)},
		"all in one that is": {speech(5, 6, 1, -1, 8, -1), speech(1, -1)},
	} {
		if got := Merge(test.speech); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}

func TestStopTime(t *testing.T) {
	for name, test := range map[string]struct {
		speech []latency.Speech
		isCut  bool
		since  int
		want   int
		ok     bool
	}{
		"silent":                    {nil, false, 5, 0, false},
		"spoke":                     {speech(1, 7), false, 5, 2, true},
		"was silent before":         {speech(1, 4), false, 5, 0, false},
		"started later":             {speech(6, 9), false, 5, 0, false},
		"resumed":                   {speech(1, 7, 9, 12), false, 5, 2, true},
		"until the hang-up":         {speech(1, 7), true, 5, 0, false},
		"resumed until the hang-up": {speech(1, 7, 9, 12), true, 5, 2, true},
	} {
		v := Voice{Speech: test.speech, IsCut: test.isCut}
		if got, ok := v.StopTime(at(test.since)); got != time.Duration(test.want)*time.Second || ok != test.ok {
			t.Errorf("%s: got %v, %v", name, got, ok)
		}
	}
}

func TestAppendQuiet(t *testing.T) {
	interval := func(times ...int) (out []latency.Interval) {
		for _, s := range speech(times...) {
			out = append(out, latency.Interval(s))
		}
		return out
	}
	for name, test := range map[string]struct {
		user, agent []latency.Speech
		want        []latency.Interval
	}{ // The turn is from 0 to 30, the bound 3.
		"nobody speaks":          {nil, nil, interval(0, 30)},
		"at the ends":            {speech(4, 10), speech(10, 26), interval(0, 4, 26, 30)},
		"in the middle":          {speech(-2, 2), speech(12, 30), interval(2, 12)},
		"of the bound":           {speech(-2, 2), speech(5, 30), nil},
		"short at the ends":      {speech(1, 5), speech(5, 29), interval(0, 1, 29, 30)},
		"of one side":            {speech(0, 3, 20, 23), speech(1, 19, 24, 30), nil},
		"one within the other's": {speech(0, 20), speech(1, 3, 25, 30), interval(20, 25)},
	} {
		got := AppendQuiet(nil, Span{Start: at(0), End: at(30)}, &Voice{Speech: test.user}, &Voice{Speech: test.agent}, 3*time.Second)
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: got %v, want %v", name, got, test.want)
		}
	}
}
