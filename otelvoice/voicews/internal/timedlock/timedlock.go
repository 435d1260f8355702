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

// A Group is locks that the same code holds one after the other: those of a call and of its connections. While one of
// them is blocked, none is waited for, so that a connection is held up once, and not once for each of its messages.
type Group struct{ blocked atomic.Int32 }

// A Lock is a mutex. The zero value is free. It has no memory of its own until a goroutine waits for it, because a
// thousand connections share the processor's cache.
type Lock struct {
	mutex sync.Mutex
	queue atomic.Pointer[queue]
	group *Group // Nil for a lock by itself.
}

// queue is where goroutines wait for a lock.
type queue struct {
	length   atomic.Int32
	released chan struct{} // Holds a value after a release while goroutines wait.
	// isBlocked is true if a wait has timed out since the lock was free.
	isBlocked atomic.Bool
}

// Join makes the lock one of a group. It is called before the lock is used.
func (l *Lock) Join(g *Group) { l.group = g }

// Acquire takes the lock, and reports whether it could. After a wait that timed out, it does not wait until the lock was
// free once.
func (l *Lock) Acquire() bool { return l.mutex.TryLock() || l.wait() }

func (l *Lock) wait() bool {
	q := l.queue.Load()
	if q == nil {
		l.queue.CompareAndSwap(nil, &queue{released: make(chan struct{}, 1)})
		q = l.queue.Load()
	}
	if q.isBlocked.Load() || l.group != nil && l.group.blocked.Load() > 0 {
		return false
	}
	q.length.Add(1) // Before the next try, so that a release after it sees the goroutine.
	defer q.length.Add(-1)
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	for !l.mutex.TryLock() {
		select {
		case <-q.released: // Another goroutine may take the lock first. Its release sends again.
		case <-timer.C:
			if q.isBlocked.CompareAndSwap(false, true) && l.group != nil {
				l.group.blocked.Add(1)
			}
			return l.mutex.TryLock() // It may have been released meanwhile. Then the next Release unblocks it.
		}
	}
	return true
}

// Release gives the lock back.
func (l *Lock) Release() {
	l.mutex.Unlock()
	if q := l.queue.Load(); q != nil {
		q.release(l.group)
	}
}

func (q *queue) release(g *Group) {
	if q.length.Load() > 0 {
		select {
		case q.released <- struct{}{}:
		default: // One of them has a value to receive.
		}
	}
	if q.isBlocked.Load() && q.isBlocked.CompareAndSwap(true, false) && g != nil {
		g.blocked.Add(-1)
	}
}
