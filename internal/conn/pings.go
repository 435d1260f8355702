// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conn

import (
	"bytes"
	"slices"
	"sync"
	"time"
)

// maxPings is how many pings may wait for their pong. Older ones are forgotten.
const maxPings = 4

// pings are the pings of both sides that wait for a pong. The first one allocates.
type pings struct {
	lock    sync.Mutex
	waiting []ping
	// early is the latest pong without a ping. What was written is reported after the write, and what was read in
	// another goroutine: a pong may come before its ping. Such a ping waits for none, since a later pong with the same
	// data would give the time between two pings.
	early *ping
}

// overtakes is by how much a pong may come before its ping is reported, on a busy machine.
const overtakes = 200 * time.Millisecond

type ping struct {
	sent bool
	at   time.Time
	size int
	data [125]byte
}

// add notes a ping.
func (p *pings) add(sent bool, data []byte, at time.Time) {
	p.lock.Lock()
	defer p.lock.Unlock()
	if early := p.early; early != nil && early.sent == sent && bytes.Equal(early.data[:early.size], data) {
		p.early = nil
		if at.Sub(early.at) < overtakes {
			return
		}
	}
	if p.waiting == nil {
		p.waiting = make([]ping, 0, maxPings)
	}
	if len(p.waiting) == maxPings {
		p.waiting = slices.Delete(p.waiting, 0, 1)
	}
	p.waiting = append(p.waiting, newPing(sent, data, at))
}

func newPing(sent bool, data []byte, at time.Time) ping {
	p := ping{sent: sent, at: at}
	p.size = copy(p.data[:], data)
	return p
}

// answer returns how long before a pong its ping was sent. An endpoint may answer the latest ping
// only (RFC 6455, section 5.5.3), so the side's earlier pings are forgotten.
func (p *pings) answer(sent bool, data []byte, at time.Time) (time.Duration, bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	for i := len(p.waiting) - 1; i >= 0; i-- {
		ping := &p.waiting[i]
		if ping.sent != sent || !bytes.Equal(ping.data[:ping.size], data) {
			continue
		}
		took := at.Sub(ping.at)
		kept := p.waiting[:0]
		for j, other := range p.waiting {
			if j > i || other.sent != sent {
				kept = append(kept, other)
			}
		}
		p.waiting = kept
		return took, took >= 0 // The ping is reported later than the pong was read.
	}
	if sent { // The program's pong comes after the ping that it read.
		early := newPing(sent, data, at)
		p.early = &early
	}
	return 0, false
}
