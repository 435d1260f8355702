// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"log/slog"
	"runtime/debug"
	"time"
)

// locked calls f with the lock held. If the lock cannot be taken, what f would record is lost, and locked
// returns false.
func (c *Call) locked(f func(now time.Time)) bool {
	if !c.lock.Acquire() {
		return false
	}
	defer c.lock.Release()
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
	c.broken = true
	if c.session != nil {
		c.session.Logger("otelvoice.panic").Error("panic in a tap recovered, the call is not recorded further",
			slog.Any("panic", v), slog.String("stack", string(debug.Stack())))
	}
}

// endIfAsked ends the call if its end could not take the lock.
func (c *Call) endIfAsked() {
	if c.asked.Swap(false) {
		c.finishCall()
	}
}
