// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import "slices"

// maxUnrecovered bounds how many interruptions wait for what follows. Beyond it, the agent has not
// recovered from the oldest.
const maxUnrecovered = 32

// An EndedTurn is what a turn says of interruptions.
type EndedTurn struct {
	Number      int
	Interrupted bool
	Resumed     bool // The agent spoke again after the interruption.
	Dismissed   int  // Interruptions that were false ones.

	Spoke   bool // The agent was heard.
	ByAgent bool // The agent started the turn.
	NoWords bool // The user's speech had no words.
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
	open []interruption
	sum  Aftermath
}

type interruption struct {
	turn   int
	judged bool // It is known whether the user said something.
}

// add adds a turn that has ended, and returns what it says of interruptions.
func (i *interruptions) add(t EndedTurn) (now Aftermath) {
	i.open = slices.DeleteFunc(i.open, func(p interruption) bool { return p.turn < t.Number && t.Spoke && i.judge(&p, t, &now) })
	for k := range i.open {
		if p := &i.open[k]; p.turn < t.Number {
			i.judge(p, t, &now)
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
			i.open = slices.Delete(i.open, 0, 1)
			now.Unrecovered++
		}
		i.open = append(i.open, interruption{turn: t.Number})
	}
	i.sum = i.sum.Plus(now)
	return now
}

// judge decides by a later turn whether an interruption was a false one, and whether the agent spoke
// again.
func (*interruptions) judge(p *interruption, t EndedTurn, now *Aftermath) (recovered bool) {
	if !p.judged && (t.Spoke || !t.ByAgent) {
		p.judged = true
		switch {
		case t.NoWords:
			now.NoWords++
		case t.ByAgent:
			now.NoTurn++
		}
	}
	if t.Spoke {
		now.Restarted++
	}
	return t.Spoke
}
