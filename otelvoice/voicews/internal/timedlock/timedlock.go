// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package timedlock has a mutex that is not waited for without end.
package timedlock

import (
	"sync"
	"sync/atomic"
	"time"
)

// maxWait is how long a lock is waited for. Locks are held for microseconds. They are held for longer only
// if code of the program, which a handle calls, calls back: an observer of turns that sends a message, for
// example. That code must not wait for itself.
const maxWait = 100 * time.Millisecond

// The pauses between two tries. They double from the first to the last.
const (
	firstPause = 10 * time.Microsecond
	lastPause  = time.Millisecond
)

// A Group is locks that the same code holds one after the other: those of a call and of its connections. While one of
// them is blocked, none is waited for, so that a connection is held up once, and not once for each of its messages.
type Group struct{ blocked atomic.Int32 }

// A Lock is a mutex. The zero value is free. It needs no memory of its own, as a channel would, because a
// thousand connections share the processor's cache.
type Lock struct {
	mutex sync.Mutex
	// isBlocked is true if a wait has timed out since the lock was free.
	isBlocked atomic.Bool
	group     *Group // Nil for a lock by itself.
}

// Join makes the lock one of a group. It is called before the lock is used.
func (l *Lock) Join(g *Group) { l.group = g }

// Acquire takes the lock, and reports whether it could. After a wait that timed out, it does not wait until the lock was
// free once.
func (l *Lock) Acquire() bool { return l.mutex.TryLock() || l.wait() }

func (l *Lock) wait() bool {
	pause := firstPause
	for end := time.Now().Add(maxWait); time.Now().Before(end); pause = min(2*pause, lastPause) {
		if l.isHopeless() {
			return false
		}
		time.Sleep(pause) //nolint:forbidigo // A mutex has no channel to wait for.
		if l.mutex.TryLock() {
			return true
		}
	}
	if l.isBlocked.CompareAndSwap(false, true) && l.group != nil {
		l.group.blocked.Add(1)
	}
	return l.mutex.TryLock() // It may have been released meanwhile. Then the next Release unblocks it.
}

// isHopeless reports whether a wait for the lock, or for another of its group, has timed out.
func (l *Lock) isHopeless() bool {
	return l.isBlocked.Load() || l.group != nil && l.group.blocked.Load() > 0
}

// Release gives the lock back.
func (l *Lock) Release() {
	l.mutex.Unlock()
	if l.isBlocked.Load() && l.isBlocked.CompareAndSwap(true, false) && l.group != nil {
		l.group.blocked.Add(-1)
	}
}
