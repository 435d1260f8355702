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
}

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
	if p.waiting == nil {
		p.waiting = make([]ping, 0, maxPings)
	}
	if len(p.waiting) == maxPings {
		p.waiting = slices.Delete(p.waiting, 0, 1)
	}
	next := ping{sent: sent, at: at}
	next.size = copy(next.data[:], data)
	p.waiting = append(p.waiting, next)
}

// answer returns when the ping that a pong answers was sent. An endpoint may answer the latest ping
// only (RFC 6455, section 5.5.3), so the side's earlier pings are forgotten.
func (p *pings) answer(sent bool, data []byte) (time.Time, bool) {
	p.lock.Lock()
	defer p.lock.Unlock()
	for i := len(p.waiting) - 1; i >= 0; i-- {
		ping := &p.waiting[i]
		if ping.sent != sent || !bytes.Equal(ping.data[:ping.size], data) {
			continue
		}
		at := ping.at
		kept := p.waiting[:0]
		for j, other := range p.waiting {
			if j > i || other.sent != sent {
				kept = append(kept, other)
			}
		}
		p.waiting = kept
		return at, true
	}
	return time.Time{}, false
}
