// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"testing"
	"time"
)

func TestAftermath(t *testing.T) {
	answered := func(n int) EndedTurn { return EndedTurn{Number: n, Spoke: true} }
	interrupted := func(n int) EndedTurn { return EndedTurn{Number: n, Spoke: true, Interrupted: true} }
	for name, test := range map[string]struct {
		turns []EndedTurn
		want  Aftermath // With the end of the conversation.
	}{
		"no interruption":              {[]EndedTurn{answered(1), answered(2)}, Aftermath{}},
		"restarted":                    {[]EndedTurn{interrupted(1), answered(2), answered(3)}, Aftermath{Restarted: 1}},
		"resumed":                      {[]EndedTurn{{Number: 1, Spoke: true, Interrupted: true, Resumed: true}, answered(2)}, Aftermath{Resumed: 1}},
		"never":                        {[]EndedTurn{answered(1), interrupted(2)}, Aftermath{Unrecovered: 1}},
		"one after the other":          {[]EndedTurn{interrupted(1), interrupted(2), answered(3)}, Aftermath{Restarted: 2}},
		"two before the agent speaks":  {[]EndedTurn{interrupted(1), {Number: 2, Interrupted: true}, answered(3)}, Aftermath{Restarted: 2}},
		"a turn without an answer":     {[]EndedTurn{interrupted(1), {Number: 2}, answered(3)}, Aftermath{Restarted: 1}},
		"a turn that ends too early":   {[]EndedTurn{answered(2), interrupted(1)}, Aftermath{Unrecovered: 1}},
		"dismissed twice":              {[]EndedTurn{{Number: 1, Spoke: true, Dismissed: 2}}, Aftermath{Resumed: 2, Dismissed: 2}},
		"dismissed, then interrupted":  {[]EndedTurn{{Number: 1, Spoke: true, Dismissed: 1, Interrupted: true}, answered(2)}, Aftermath{Resumed: 1, Dismissed: 1, Restarted: 1}},
		"no words":                     {[]EndedTurn{interrupted(1), {Number: 2, NoWords: true}, {Number: 3, NoWords: true}}, Aftermath{NoWords: 1, Unrecovered: 1}},
		"words first":                  {[]EndedTurn{interrupted(1), {Number: 2}, {Number: 3, NoWords: true}}, Aftermath{Unrecovered: 1}},
		"the agent goes on":            {[]EndedTurn{interrupted(1), {Number: 2, ByAgent: true, Spoke: true}}, Aftermath{NoTurn: 1, Restarted: 1}},
		"the agent tries, and goes on": {[]EndedTurn{interrupted(1), {Number: 2, ByAgent: true}, {Number: 3, ByAgent: true, Spoke: true}}, Aftermath{NoTurn: 1, Restarted: 1}},
		"the agent tries, the user":    {[]EndedTurn{interrupted(1), {Number: 2, ByAgent: true}, answered(3)}, Aftermath{Restarted: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			var c Conversation
			c.start(time.Now(), 0)
			var sum Aftermath
			for _, turn := range test.turns {
				now, _ := c.Aftermath(turn)
				sum = sum.Plus(now)
			}
			got := c.PartEnded(time.Now(), true).After
			if got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
			if sum.Unrecovered = test.want.Unrecovered; sum != got {
				t.Errorf("the turns tell %+v, the conversation %+v", sum, got)
			}
			if again := c.Expire().After; again != got {
				t.Errorf("the second end tells %+v, the first %+v", again, got)
			}
		})
	}
}

func TestInterruptionsAreBounded(t *testing.T) {
	for name, never := range map[string]int{"all turns end": 0, "one does not": 1} {
		t.Run(name, func(t *testing.T) {
			var c Conversation
			const n = 1000
			for range n + never {
				c.NextTurn()
			}
			for i := range n {
				c.Aftermath(EndedTurn{Number: never + 1 + i, Interrupted: true})
			}
			if len(c.after.open) != maxUnrecovered || len(c.after.ended) != never*maxEnded || len(c.after.underway) != never {
				t.Errorf("%d interruptions, %d turns and %d open ones are held", len(c.after.open), len(c.after.ended), len(c.after.underway))
			}
			if got := c.PartEnded(time.Now(), true).After; got != (Aftermath{Unrecovered: n}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// Turns that overlap and end in another order than they start. Times are in seconds.
func TestFalseInterruptionsOfTurnsThatOverlap(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(s), 0) }
	first := EndedTurn{Number: 1, Spoke: true, Interrupted: true, Since: at(10), End: at(11)}
	answered := func(n, end int) EndedTurn { return EndedTurn{Number: n, Spoke: true, End: at(end)} }
	nothing := func(n, end int) EndedTurn { return EndedTurn{Number: n, NoWords: true, End: at(end)} }
	agents := func(n, end int, spoke bool) EndedTurn {
		return EndedTurn{Number: n, ByAgent: true, Spoke: spoke, End: at(end)}
	}
	spokeBefore := func(n int, byAgent bool) EndedTurn { // From 5 to 7.
		return EndedTurn{Number: n, ByAgent: byAgent, Spoke: true, End: at(15), SpokeFor: 10 * time.Second}
	}
	for name, test := range map[string]struct {
		turns []EndedTurn // In the order of their ends.
		open  int         // Turns that do not end.
		want  Aftermath
	}{
		"a backchannel within the next answer":          {[]EndedTurn{first, nothing(3, 15), answered(2, 20)}, 0, Aftermath{Restarted: 1}},
		"a backchannel in a next turn that never ends":  {[]EndedTurn{first, nothing(3, 15)}, 1, Aftermath{Unrecovered: 1}},
		"a backchannel after a cough":                   {[]EndedTurn{first, nothing(3, 15), nothing(2, 20)}, 0, Aftermath{NoWords: 1, Unrecovered: 1}},
		"the agent speaks within the next turn":         {[]EndedTurn{first, agents(3, 15, true), {Number: 2, End: at(20)}}, 0, Aftermath{Restarted: 1}},
		"the agent speaks within a cough":               {[]EndedTurn{first, agents(3, 15, true), nothing(2, 20)}, 0, Aftermath{Restarted: 1, NoWords: 1}},
		"the agent tries in a turn that ends last":      {[]EndedTurn{first, nothing(3, 15), agents(2, 20, false)}, 0, Aftermath{NoWords: 1, Unrecovered: 1}},
		"the agent speaks in a turn that ends last":     {[]EndedTurn{first, answered(3, 15), agents(2, 20, true)}, 0, Aftermath{Restarted: 1, NoTurn: 1}},
		"the next turn ends before the interrupted one": {[]EndedTurn{nothing(2, 10), first, answered(3, 20)}, 0, Aftermath{Restarted: 1, NoWords: 1}},
		"and it has words":                              {[]EndedTurn{{Number: 2, End: at(10)}, first, nothing(3, 20)}, 0, Aftermath{Unrecovered: 1}},
		"the next turn ends first, and has an answer":   {[]EndedTurn{answered(2, 15), first}, 0, Aftermath{Restarted: 1}},
		"the agent spoke before, in another turn":       {[]EndedTurn{first, spokeBefore(2, false)}, 0, Aftermath{Unrecovered: 1}},
		"and that turn ends first":                      {[]EndedTurn{spokeBefore(2, false), first}, 0, Aftermath{Unrecovered: 1}},
		"the agent spoke before, in a turn of its own":  {[]EndedTurn{first, spokeBefore(2, true), nothing(3, 25)}, 0, Aftermath{NoWords: 1, Unrecovered: 1}},
		"a backchannel before the interruption":         {[]EndedTurn{nothing(2, 9), first, answered(3, 20)}, 0, Aftermath{Restarted: 1}},
		"two interruptions, and a cough at the second": {
			[]EndedTurn{first, nothing(3, 25), {Number: 2, Spoke: true, Interrupted: true, Since: at(20), End: at(26)}},
			0,
			Aftermath{Restarted: 1, NoWords: 1, Unrecovered: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			var c Conversation
			c.start(at(0), 0)
			for range len(test.turns) + test.open {
				c.NextTurn()
			}
			for _, turn := range test.turns {
				c.Aftermath(turn)
			}
			if got := c.PartEnded(at(60), true).After; got != test.want {
				t.Errorf("got  %+v\nwant %+v", got, test.want)
			}
		})
	}
}

// A part that is suspended leaves its interruptions to the next.
func TestRecoveryInTheNextPart(t *testing.T) {
	var c Conversation
	c.Aftermath(EndedTurn{Number: 1, Interrupted: true})
	if got := c.PartEnded(time.Now(), false).After; got != (Aftermath{}) {
		t.Errorf("got %+v after the first part", got)
	}
	c.Aftermath(EndedTurn{Number: 2, Spoke: true})
	if got := c.PartEnded(time.Now(), true).After; got != (Aftermath{Restarted: 1}) {
		t.Errorf("got %+v after the second part", got)
	}
}
