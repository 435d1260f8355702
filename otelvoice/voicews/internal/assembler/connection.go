// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package assembler

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/wire"
)

// A recorder records a connection of the call. The lock is held.
type recorder interface {
	// opened reports that the connection is open since a time, with the ID that the provider gave it, or "".
	opened(id string, at time.Time)
	measured(m *Measures)
	event(e *wire.Event, now time.Time)
	// notUnderstood counts a kind of message that the decoder could not read.
	notUnderstood(kind string)
	// end ends what the connection has open, with the error that closed it.
	end(err error)
}

// A Connection takes the events of one connection. It is safe for concurrent use. Its methods do nothing
// on a nil Connection, and after Closed.
type Connection struct {
	call     *Call
	recorder recorder
	isClosed bool
	missed   atomic.Int32 // Messages that were not recorded, and not counted yet.
	audio    wire.Event   // Of UserAudio. It is used again, so that a frame allocates nothing.
}

// Opened reports that the connection is open, with the ID that the provider gave it, or "".
func (c *Connection) Opened(id string) { c.do(func(now time.Time) { c.recorder.opened(id, now) }) }

// Event takes an event. It does not keep it.
func (c *Connection) Event(e *wire.Event) { c.take(e, 0) }

// UserAudio reports audio of the user of a duration.
func (c *Connection) UserAudio(d time.Duration) { c.take(nil, d) }

// take takes an event or, if it is nil, audio of the user.
func (c *Connection) take(e *wire.Event, audio time.Duration) {
	if c == nil {
		return
	}
	if !c.call.lock.Acquire() { // Not by do, whose closure would be allocated for each event.
		c.Missed(1)
		return
	}
	defer c.call.lock.Release()
	defer c.call.recovered()
	if !c.isClosed && !c.call.isOff() {
		if e == nil {
			c.audio.Kind, c.audio.Audio = wire.UserAudio, audio
			e = &c.audio
		}
		c.countMissed()
		c.event(e, time.Now())
	}
	c.call.endIfAsked()
}

// NotRecorded is the kind of the messages that passed while the program held up the telemetry.
const NotRecorded = "not_recorded"

// Missed counts messages that could not be recorded. It takes no lock.
func (c *Connection) Missed(n int) {
	if c != nil {
		c.missed.Add(int32(min(n, maxKinds))) // #nosec G115 -- it fits.
	}
}

// countMissed records the messages that were missed. The lock is held.
func (c *Connection) countMissed() {
	if c.missed.Load() == 0 {
		return
	}
	for range min(c.missed.Swap(0), maxKinds) {
		c.recorder.notUnderstood(NotRecorded)
	}
}

func (c *Connection) event(e *wire.Event, now time.Time) {
	c.decide()
	if e.Kind == wire.NotUnderstood {
		c.recorder.notUnderstood(e.Name)
		return
	}
	c.recorder.event(e, now)
	c.call.tick(now)
}

// Measured reports what was measured of the connection, before Closed.
func (c *Connection) Measured(m *Measures) { c.do(func(time.Time) { c.recorder.measured(m) }) }

// Closed reports that the connection is closed, with the error that closed it, or nil.
func (c *Connection) Closed(err error) {
	c.do(func(time.Time) {
		c.countMissed()
		c.isClosed = true
		c.call.open = slices.DeleteFunc(c.call.open, func(r recorder) bool { return r == c.recorder })
		c.recorder.end(err)
	})
}

func (c *Connection) do(f func(now time.Time)) {
	if c == nil {
		return
	}
	c.call.locked(func(now time.Time) {
		if !c.isClosed && !c.call.isOff() {
			f(now)
		}
	})
}
