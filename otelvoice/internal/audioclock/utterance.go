// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package audioclock

import "time"

// An Utterance is where speech starts and ends in the audio of its connections. The zero
// Utterance has no known offset.
type Utterance struct{ start, end position }

// A position is an offset in the audio of one connection.
type position struct {
	known      bool
	offset     time.Duration
	connection int
}

// Set sets an edge. It reports whether the edge is plausible: the end of an utterance is not
// before its start. A start after the known end drops that end, which belongs to earlier
// speech.
func (u *Utterance) Set(side Edge, offset time.Duration, connection int) (ok bool) {
	p := position{true, offset, connection}
	if side == Start {
		if u.end.connection == connection && offset > u.end.offset {
			u.end = position{}
		}
		u.start = p
		return true
	}
	if u.start.known && u.start.connection == connection && offset < u.start.offset {
		return false
	}
	u.end = p
	return true
}

// Start returns the offset at which speech starts, if it is known.
func (u *Utterance) Start() (offset time.Duration, known bool) { return u.start.offset, u.start.known }

// End returns the offset at which speech ends, if it is known.
func (u *Utterance) End() (offset time.Duration, known bool) { return u.end.offset, u.end.known }

// Length returns how long the utterance is, or 0. Offsets in different connections cannot be
// compared.
func (u *Utterance) Length() time.Duration {
	if !u.start.known || !u.end.known || u.start.connection != u.end.connection {
		return 0
	}
	return max(u.end.offset-u.start.offset, 0)
}
