// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"log/slog"
	"runtime/debug"
	"time"
)

// maxWait is how long code of the program waits for the call's lock. The lock is held for microseconds. It
// is held for longer only if code of the program, which a handle calls, calls back: an observer of turns
// that sends a request, for example. That code must not wait for itself.
const maxWait = 100 * time.Millisecond

// A lock is a mutex that is not waited for without end.
type lock chan struct{}

func newLock() lock { return make(lock, 1) }

// acquire takes the lock, and reports whether it could.
func (l lock) acquire() bool {
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

func (l lock) release() { <-l }

// locked calls f with the lock held. If the lock cannot be taken, what f would record is lost, and locked
// returns false.
func (c *Call) locked(f func(now time.Time)) bool {
	if !c.lock.acquire() {
		return false
	}
	defer c.lock.release()
	defer c.recovered()
	f(time.Now())
	c.endIfAsked()
	return true
}

// recovered recovers a panic, which is a fault of this package. The call is not recorded further. The lock
// is held.
func (c *Call) recovered() {
	v := recover()
	if v == nil {
		return
	}
	c.ended = true
	if c.session != nil {
		c.session.Logger("otelvoice.panic").Error("panic in a tap recovered, the call is not recorded further",
			slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	}
}

// endIfAsked ends the call if its end could not take the lock.
func (c *Call) endIfAsked() {
	if end := c.asked.Swap(nil); end != nil {
		c.finishCall(end.reason, end.err)
	}
}
