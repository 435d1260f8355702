// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/voice-agents/telemetry/otelvoice"
)

// tick is the unit of the times of a random call.
const tick = 100 * time.Millisecond

// unset is a time that is not given.
const unset = -1 << 20

// A report is what a program reports of a random call. Its times are in ticks from the start of the call.
type report struct {
	told  int // When the program reports it.
	turn  int // The number of the turn, from 0.
	what  string
	mark  otelvoice.Mark
	at    int // The time of a mark or an interruption.
	since int // The start of the speech that interrupted, or unset.
}

func (r report) String() string {
	switch r.what {
	case "mark":
		return fmt.Sprintf("%d: turn %d: %s at %d", r.told, r.turn, r.mark, r.at)
	case "interrupt":
		return fmt.Sprintf("%d: turn %d: interrupt at %d since %d", r.told, r.turn, r.at, r.since)
	}
	return fmt.Sprintf("%d: turn %d: %s", r.told, r.turn, r.what)
}

// A randomCall is what a program reports of a call, in the order of reporting.
type randomCall struct {
	*rand.Rand
	reports []report
	turns   int
	end     int // Of the session.
	// isCareful is true if the program loses no report and gives each once.
	isCareful bool
	isLong    bool
}

func (c *randomCall) one(n int) bool { return c.IntN(n) == 0 }

// fault reports whether a fault of the program happens, once in n times.
func (c *randomCall) fault(n int) bool { return c.one(n) && !c.isCareful }

func (c *randomCall) tell(r report) { c.reports = append(c.reports, r) }

// mark reports a mark, often some ticks late.
func (c *randomCall) mark(turn int, m otelvoice.Mark, at, from int) (told int) {
	told = at
	switch c.IntN(8) {
	case 0, 1, 2:
		told += c.IntN(8)
	case 3:
		if !c.isCareful {
			told -= c.IntN(2) // The time of another clock.
		}
	}
	told = max(told, from)
	c.tell(report{told: told, turn: turn, what: "mark", mark: m, at: at})
	if c.fault(20) {
		c.tell(report{told: told + c.IntN(3), turn: turn, what: "mark", mark: m, at: at})
	}
	return told
}

// newRandomCall makes a call of which a part of the turns overlap, are interrupted, or have no answer.
func newRandomCall(seed int) *randomCall {
	c := &randomCall{Rand: rand.New(rand.NewPCG(uint64(seed), 7))}
	c.isCareful = seed%2 == 0
	from := c.IntN(20)
	turns := c.IntN(6)
	if seed%500 == 0 { // Beyond what a session holds.
		turns, c.isLong = 120, true
	}
	for range turns {
		from = max(0, c.turn(from)+c.IntN(50)-15)
	}
	for range c.IntN(3) * c.IntN(2) {
		hold := c.IntN(from + 50)
		c.tell(report{told: hold, what: "hold"})
		if !c.one(4) {
			c.tell(report{told: hold + c.IntN(60), what: "return"})
		}
	}
	slices.SortStableFunc(c.reports, func(a, b report) int { return a.told - b.told })
	c.end = from + c.IntN(60)
	if n := len(c.reports); n > 0 && !c.fault(4) {
		c.end = c.reports[n-1].told + c.IntN(20)
	}
	c.reports = slices.DeleteFunc(c.reports, func(r report) bool { return r.told > c.end })
	return c
}

// turn makes a turn, and returns when it ends.
func (c *randomCall) turn(from int) (last int) {
	n := c.turns
	c.turns++
	byAgent := c.one(4)
	if byAgent {
		c.tell(report{told: from, turn: n, what: "start by the agent"})
	} else {
		c.tell(report{told: from, turn: n, what: "start"})
	}
	last = from
	if c.fault(6) {
		for range c.IntN(9) {
			last = max(last, c.mark(n, otelvoice.Mark(1+c.IntN(10)), from+c.IntN(40)-4, from))
		}
	} else {
		last = c.exchange(n, from, byAgent && c.one(2))
	}
	switch c.IntN(16) {
	case 0:
		c.tell(report{told: from + c.IntN(last-from+5), turn: n, what: "fail"})
	case 1, 2:
		c.tell(report{told: from + c.IntN(last-from+5), turn: n, what: "abandon"})
	}
	switch {
	case c.one(12) && !c.isLong: // The session ends it.
	case c.fault(12):
		c.tell(report{told: from + c.IntN(last-from+1), turn: n, what: "end"})
	default:
		last += c.IntN(4) * c.IntN(4)
		c.tell(report{told: last, turn: n, what: "end"})
	}
	return last
}

// exchange makes the marks of a turn in which the user speaks and the agent answers, with faults.
func (c *randomCall) exchange(n, from int, isGreeting bool) (last int) {
	at := from
	last = from
	told := func(m otelvoice.Mark) {
		if !c.fault(16) {
			last = max(last, c.mark(n, m, at, from))
		}
	}
	for i := range 1 + c.IntN(5)/3 {
		if isGreeting && i == 0 {
			continue
		}
		told(otelvoice.UserStarted)
		at += 1 + c.IntN(25)
		told(otelvoice.UserStopped)
		if c.one(4) { // The end of speech is corrected.
			at += c.IntN(6)
			told(otelvoice.UserStopped)
		}
	}
	if c.one(3) {
		last = max(last, c.over(n, from, from, at))
	}
	if c.one(6) {
		last = max(last, c.tool(n, at))
	}
	for m := otelvoice.FinalTranscript; m <= otelvoice.FirstByte; m++ {
		if c.one(12) {
			at -= c.IntN(6)
		}
		at += c.IntN(4) * c.IntN(6)
		if !c.one(4) {
			told(m)
		}
	}
	for range (1 + c.IntN(4)) / 2 { // Sometimes there is no answer.
		at += c.IntN(8) - c.IntN(3)
		started := at
		told(otelvoice.AgentStarted)
		at += 1 + c.IntN(50)
		told(otelvoice.AgentStopped)
		if c.one(6) {
			at = c.tool(n, max(at, from))
			last = max(last, at)
		}
		if c.one(2) {
			last = max(last, c.over(n, from, started, at))
		}
	}
	return last
}

// tool makes the run of a tool, and returns its end.
func (c *randomCall) tool(n, at int) (end int) {
	at += c.IntN(8)
	end = at + c.IntN(50)
	c.tell(report{told: at, turn: n, what: "tool"})
	c.tell(report{told: end, turn: n, what: "tool ends"})
	return end
}

// over makes speech of the user between two times at which the agent may speak, and mostly an interruption.
func (c *randomCall) over(n, start, from, to int) (last int) {
	since := max(start, from+c.IntN(max(to-from, 0)+4)-2)
	stop := since + 1 + c.IntN(12)
	if c.fault(20) {
		stop = since // The program does not know the length.
	}
	turn := n
	last = since
	if c.one(2) {
		turn = c.turns
		c.turns++
		c.tell(report{told: since, turn: turn, what: "start"})
		defer func() { c.tell(report{told: last + c.IntN(30), turn: turn, what: "end"}) }()
	}
	if !c.fault(8) {
		last = max(c.mark(turn, otelvoice.UserStarted, since, since), c.mark(turn, otelvoice.UserStopped, stop, since))
	}
	if c.one(3) {
		last = max(last, c.mark(turn, otelvoice.FinalTranscript, stop, since))
	}
	for range c.IntN(5) / 2 {
		at := since + c.IntN(8)
		i := report{told: at + c.IntN(3)*c.IntN(2), turn: n, what: "interrupt", at: at, since: unset}
		if c.one(3) {
			i.since = since
		}
		c.tell(i)
		last = max(last, i.told)
		if c.one(4) {
			c.tell(report{told: i.told + c.IntN(5), turn: n, what: "dismiss"})
		}
	}
	return last
}
