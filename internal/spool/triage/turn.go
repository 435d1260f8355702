// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package triage

import "time"

// turnKey identifies a turn: by its trace and its voice.turn.id or, for spans without one whose
// ancestors have none, by the topmost ancestor that is known.
type turnKey struct {
	trace [16]byte
	top   [8]byte
	id    string
}

// turn is what is known about the items of a turn.
type turn struct {
	important bool
	ended     bool // The item that ends it waits, too.
	open      bool
	last      int64 // The time of its newest item, in nanoseconds.
}

// maxDepth bounds the search for an ancestor. Spans that are each other's parents end it.
const maxDepth = 64

// group assigns the items to turns.
func group(items []item, now time.Time) map[turnKey]*turn {
	byID := make(map[[8]byte]int)
	for i := range items {
		if items[i].isSpan {
			byID[items[i].span] = i
		}
	}
	turns := make(map[turnKey]*turn)
	for i := range items {
		it := &items[i]
		var root bool
		if it.turn, root = keyOf(items, i, byID); it.turn == (turnKey{}) {
			continue
		}
		t := turns[it.turn]
		if t == nil {
			t = &turn{}
			turns[it.turn] = t
		}
		t.important = t.important || it.important
		t.ended = t.ended || it.endsTurn || root
		t.last = max(t.last, it.at)
	}
	for _, t := range turns {
		t.open = !t.ended && now.UnixNano()-t.last < int64(openFor)
	}
	return turns
}

// keyOf returns the turn of an item, which is zero if it has none, and whether the topmost
// ancestor is complete: nothing else is awaited.
func keyOf(items []item, i int, byID map[[8]byte]int) (key turnKey, complete bool) {
	it := &items[i]
	if it.session {
		return turnKey{}, false
	}
	if it.turnID != "" {
		return turnKey{trace: it.trace, id: it.turnID}, false
	}
	if !it.isSpan {
		return turnKey{}, false
	}
	top := it
	for range maxDepth {
		if top.parent == [8]byte{} {
			return turnKey{trace: it.trace, top: top.span}, true
		}
		above, ok := byID[top.parent]
		if !ok {
			// The parent is a turn or a session that has not ended, or it was sent before.
			return turnKey{trace: it.trace, top: top.parent}, false
		}
		parent := &items[above]
		switch {
		case parent.trace != it.trace, parent.session: // Its own tree is complete.
			return turnKey{trace: it.trace, top: top.span}, true
		case parent.turnID != "":
			return turnKey{trace: it.trace, id: parent.turnID}, false
		}
		top = parent
	}
	return turnKey{trace: it.trace, top: top.span}, true
}
