// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package timedlock has a mutex that is not waited for without end.
package timedlock

import (
	"sync"
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

// A Lock is a mutex. The zero value is free. It needs no memory of its own, as a channel would, because a
// thousand connections share the processor's cache.
type Lock struct{ mutex sync.Mutex }

// Acquire takes the lock, and reports whether it could.
func (l *Lock) Acquire() bool { return l.mutex.TryLock() || l.wait() }

func (l *Lock) wait() bool {
	pause := firstPause
	for end := time.Now().Add(maxWait); time.Now().Before(end); pause = min(2*pause, lastPause) {
		time.Sleep(pause) //nolint:forbidigo // A mutex has no channel to wait for.
		if l.mutex.TryLock() {
			return true
		}
	}
	return false
}

// Release gives the lock back.
func (l *Lock) Release() { l.mutex.Unlock() }
