// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package timedlock has a mutex that is not waited for without end.
package timedlock

import "time"

// maxWait is how long a lock is waited for. Locks are held for microseconds. They are held for longer only
// if code of the program, which a handle calls, calls back: an observer of turns that sends a message, for
// example. That code must not wait for itself.
const maxWait = 100 * time.Millisecond

// A Lock is a mutex. Use [New] to make one.
type Lock chan struct{}

// New returns a lock.
func New() Lock { return make(Lock, 1) }

// Acquire takes the lock, and reports whether it could.
func (l Lock) Acquire() bool {
	select {
	case l <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(maxWait)
	defer timer.Stop()
	select {
	case l <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// Release gives the lock back.
func (l Lock) Release() { <-l }
