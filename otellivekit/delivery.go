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
	// maxInFlight is how many events in flight are tracked. Each also has a goroutine, which
	// costs more memory than its entry.
	maxInFlight = 4096
	// maxKey is the longest ID that is kept; longer ones are hashed. LiveKit's IDs have 15
	// bytes, but a sender could use up to 1 MiB.
	maxKey = 64
)

// state is the state of an event when it is delivered.
type state int

const (
	unknown   state = iota // Not delivered before, or forgotten: it must be handled.
	inFlight               // Another delivery is being handled.
	handled                // The handler returned without an error.
	untracked              // As unknown, but too many events are in flight to track it.
)

// deliveries tracks the events in flight and the last events that were handled. An event
// counts as handled only when its handler has succeeded: until then the response to a
// redelivery is 503, because the first delivery may still fail.
type deliveries struct {
	mu       sync.Mutex
	inFlight map[string]delivery
	handled  recent[uint64] // The digests of the bodies.
	warned   time.Time
}

// A delivery is one attempt to handle an event.
type delivery struct {
	key    string // "" for an event without an ID, which is not tracked.
	digest uint64 // Of the body.
	start  time.Time
	state  state
}

// begin claims an event for the caller if its state is unknown or untracked; the caller must
// then call end. In the other states it returns the first delivery, which has only the digest
// if the event was handled.
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

// end records an event as handled if ok, or else forgets it.
func (d *deliveries) end(own delivery, ok bool) {
	if own.key == "" {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if own.state != untracked { // The entry of an untracked one belongs to another delivery.
		delete(d.inFlight, own.key)
	}
	if ok {
		d.handled.put(own.key, own.digest)
	}
}

// warn reports whether to warn about untracked deliveries: once a minute.
func (d *deliveries) warn(now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.warned.IsZero() && now.Sub(d.warned) < time.Minute {
		return false
	}
	d.warned = now
	return true
}

// key returns the key of an ID: the ID itself, or its hash if it is long.
func key(id string) string {
	if len(id) <= maxKey {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	return string(sum[:])
}
