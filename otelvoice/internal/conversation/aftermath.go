// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"math"
	"slices"
	"time"
)

// maxUnrecovered bounds how many interruptions wait for what follows. Beyond it, the agent has not
// recovered from the oldest.
const maxUnrecovered = 32

// maxEnded bounds how many turns that have ended are held. Beyond it the oldest are of no interruption.
const maxEnded = 32

// An EndedTurn is what a turn says of interruptions.
type EndedTurn struct {
	Number    int
	End       time.Time
	Since     time.Time     // When the user began to speak that interrupted.
	SpokeFor  time.Duration // From when the agent last began to speak to End. 0 is unknown.
	Dismissed int           // Interruptions that were false ones.

	Interrupted bool
	Resumed     bool // The agent spoke again after the interruption.
	Spoke       bool // The agent was heard.
	ByAgent     bool // The agent started the turn.
	NoWords     bool // The user's speech had no words.
}

// An Aftermath counts what followed interruptions.
type Aftermath struct {
	Resumed, Restarted, Unrecovered int
	// False interruptions, by reason.
	Dismissed, NoWords, NoTurn int
}

// False returns the number of false interruptions.
func (a Aftermath) False() int { return a.Dismissed + a.NoWords + a.NoTurn }

// Plus returns the sum of two.
func (a Aftermath) Plus(b Aftermath) Aftermath {
	return Aftermath{
		a.Resumed + b.Resumed, a.Restarted + b.Restarted, a.Unrecovered + b.Unrecovered,
		a.Dismissed + b.Dismissed, a.NoWords + b.NoWords, a.NoTurn + b.NoTurn,
	}
}

// interruptions are those that wait for what follows. Turns may overlap and end in any order; their
// numbers define which is later.
type interruptions struct {
	open     []interruption
	underway []int       // Turns that have not ended.
	ended    []EndedTurn // By number.
	sum      Aftermath

	// The memory of underway and ended, until there are more. Most calls have no more.
	firstUnderway [2]int
	firstEnded    [1]EndedTurn
}

type interruption struct {
	turn      int
	since     time.Time // When the user began to speak.
	judged    bool      // It is known whether the user said something.
	recovered bool      // The agent spoke again.
}

// start adds a turn that has not ended.
func (i *interruptions) start(turn int) {
	if i.underway == nil {
		i.underway = i.firstUnderway[:0]
	}
	i.underway = append(i.underway, turn)
}

// spokeAfter reports whether the agent spoke again in the turn, after the interruption of an earlier one.
func (t *EndedTurn) spokeAfter(turn int, since time.Time) bool {
	return t.Spoke && t.Number > turn && !t.End.Add(-t.SpokeFor).Before(since)
}

// add adds a turn that has ended, and returns what it says of interruptions, and whether the agent spoke
// again in it after one of an earlier turn.
func (i *interruptions) add(t EndedTurn) (now Aftermath, restarted bool) {
	i.underway = slices.DeleteFunc(i.underway, func(turn int) bool { return turn == t.Number })
	if len(i.underway) > 0 || len(i.open) > 0 { // Else nothing waits for it.
		if i.ended == nil {
			i.ended = i.firstEnded[:0]
		}
		at, _ := slices.BinarySearchFunc(i.ended, t, func(a, b EndedTurn) int { return a.Number - b.Number })
		i.ended = slices.Insert(i.ended, at, t)
		if len(i.ended) > maxEnded {
			i.ended = slices.Delete(i.ended, 0, 1)
		}
	}
	for k := range i.open {
		if p := &i.open[k]; !p.recovered && t.spokeAfter(p.turn, p.since) {
			p.recovered, restarted = true, true
			now.Restarted++
		}
	}
	now.Dismissed = t.Dismissed
	now.Resumed = t.Dismissed
	switch {
	case !t.Interrupted:
	case t.Resumed:
		now.Resumed++
	default:
		if len(i.open) == maxUnrecovered {
			now.Unrecovered += unrecovered(i.open[:1])
			i.open = slices.Delete(i.open, 0, 1)
		}
		p := interruption{turn: t.Number, since: t.Since}
		// Turns that were started later may have ended before.
		if p.recovered = slices.ContainsFunc(i.ended, func(e EndedTurn) bool { return e.spokeAfter(p.turn, p.since) }); p.recovered {
			now.Restarted++
		}
		i.open = append(i.open, p)
	}
	for k := range i.open {
		i.judge(&i.open[k], &now)
	}
	i.forget()
	i.sum = i.sum.Plus(now)
	return now, restarted
}

// judge decides by the next turn whether an interruption was a false one. It waits until that turn has
// ended, because later ones may end before. A turn that had ended when the user began to speak is not the
// next, nor is one that the agent started and in which it was not heard afterwards.
func (i *interruptions) judge(p *interruption, now *Aftermath) {
	if p.judged {
		return
	}
	for _, t := range i.ended {
		switch {
		case t.Number <= p.turn || t.End.Before(p.since):
			continue
		case slices.ContainsFunc(i.underway, func(turn int) bool { return turn > p.turn && turn < t.Number }):
			return
		case t.ByAgent && !t.spokeAfter(p.turn, p.since):
			continue
		case t.NoWords:
			now.NoWords++
		case t.ByAgent:
			now.NoTurn++
		}
		p.judged = true
		return
	}
}

// forget removes what is not needed any more. Turns wait for interruptions that are not judged, and for those
// of turns that have not ended.
func (i *interruptions) forget() {
	i.open = slices.DeleteFunc(i.open, func(p interruption) bool { return p.judged && p.recovered })
	first := math.MaxInt
	for _, turn := range i.underway {
		first = min(first, turn)
	}
	for _, p := range i.open {
		if !p.judged {
			first = min(first, p.turn)
		}
	}
	i.ended = slices.DeleteFunc(i.ended, func(t EndedTurn) bool { return t.Number <= first })
}

// end ends the conversation: the agent does not recover from the interruptions that are left.
func (i *interruptions) end() {
	i.sum.Unrecovered += unrecovered(i.open)
	i.open = nil
}

func unrecovered(of []interruption) (n int) {
	for _, p := range of {
		if !p.recovered {
			n++
		}
	}
	return n
}
