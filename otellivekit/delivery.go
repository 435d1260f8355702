// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import (
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// maxHandled is how many handled events are remembered.
	maxHandled = 4096
	// maxInFlight is how many events in flight are known by their ids. Each has a goroutine
	// of its own, so the table is the smaller part of what a handler that never returns
	// costs.
	maxInFlight = 4096
	// maxKey is the length up to which an id is kept as it is. LiveKit's have 15 bytes; the
	// sender of a longer one, of up to 1 MiB, must not decide how much is remembered.
	maxKey = 64
)

// state is what is known of an event when it is delivered.
type state int

const (
	unknown   state = iota // Not delivered before, or forgotten: it has to be handled.
	inFlight               // Another delivery is being handled.
	handled                // The handler returned without an error.
	untracked              // As unknown, but too many are in flight to know this one again.
)

// deliveries knows the events that are in flight and the last ones that were handled. An
// event is remembered as handled only when it was: until then a delivery that comes again
// is answered with 503, because the first may still fail.
type deliveries struct {
	mu       sync.Mutex
	inFlight map[string]delivery
	handled  recent[uint64] // The digests of the bodies.
	warned   time.Time
}

// A delivery is one attempt to handle an event.
type delivery struct {
	key    string // "" if the event has no id: it is never known again.
	digest uint64 // Of the body.
	start  time.Time
	state  state
}

// begin claims an event for the caller if the state is unknown or untracked; the caller
// must end it then. In the other states it returns the delivery that came first; of one
// that was handled only the digest is known.
func (d *deliveries) begin(id string, digest uint64, now time.Time) delivery {
	own := delivery{key: key(id), digest: digest, start: now}
	if own.key == "" {
		return own
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if digest, ok := d.handled.values[own.key]; ok {
		return delivery{key: own.key, digest: digest, state: handled}
	}
	if first, ok := d.inFlight[own.key]; ok {
		first.state = inFlight
		return first
	}
	if len(d.inFlight) >= maxInFlight {
		own.state = untracked
		return own
	}
	if d.inFlight == nil {
		d.inFlight = make(map[string]delivery)
	}
	d.inFlight[own.key] = own
	return own
}

// end remembers an event as handled, or forgets it.
func (d *deliveries) end(own delivery, ok bool) {
	if own.key == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if own.state != untracked { // Else the entry, if there is one, is another delivery's.
		delete(d.inFlight, own.key)
	}
	if ok {
		d.handled.put(own.key, own.digest)
	}
}

// warn reports whether to warn that deliveries are untracked: once a minute.
func (d *deliveries) warn(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.warned.IsZero() && now.Sub(d.warned) < time.Minute {
		return false
	}
	d.warned = now
	return true
}

// key returns what an id is remembered by: itself, or its hash if it is long.
func key(id string) string {
	if len(id) <= maxKey {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return string(sum[:])
}
