// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package conversation

import (
	"container/list"
	"sync"
	"time"

	"go.opentelemetry.io/otel/trace"
)

const (
	// maxSuspended is how many conversations may wait for their next part.
	maxSuspended = 10_000
	// resumeWithin is how long a conversation waits.
	resumeWithin = 30 * time.Minute
)

// A Registry holds the conversations that can be resumed, open or suspended, by the ids of
// their sessions. P is the type of a part. The zero Registry is empty. It is safe for
// concurrent use.
type Registry[P any] struct {
	mu        sync.Mutex
	byID      map[string]*Conversation
	suspended list.List // Of *Suspension[P], the oldest first.
	waiting   map[*Conversation]*list.Element
}

// A Suspension is a conversation that waits for its next part.
type Suspension[P any] struct {
	Conversation *Conversation
	Part         P // The part that ended last.

	id    string
	since time.Time
}

// A Part holds the conversation of a session and the session's position in it.
type Part struct {
	Conversation *Conversation
	Number       int               // From 1.
	Before       trace.SpanContext // The span of the part before, if there is one.
}

// Join adds a part to the conversation of an id: the one in the registry if resume is true,
// else a new one. It also returns the conversations that have waited too long. The part starts
// under the lock, so that the end of another part does not suspend the conversation.
func (r *Registry[P]) Join(id string, start time.Time, resume bool, turnsBefore int) (part Part, expired []*Suspension[P]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	expired = r.expire(start)
	var c *Conversation
	if resume {
		c = r.byID[id]
	}
	if c == nil || c.hasEnded() {
		c = new(Conversation)
	}
	r.stopWaiting(c)
	if r.byID == nil {
		r.byID = make(map[string]*Conversation)
	}
	r.byID[id] = c
	part.Conversation = c
	part.Number, part.Before = c.start(start, turnsBefore)
	return part, expired
}

// Suspend keeps the conversation of a part that has ended, if it has no other open part.
func (r *Registry[P]) Suspend(id string, c *Conversation, part P, now time.Time) (expired []*Suspension[P]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopWaiting(c)
	if c.suspended() && r.byID[id] == c {
		if r.waiting == nil {
			r.waiting = make(map[*Conversation]*list.Element)
		}
		r.waiting[c] = r.suspended.PushBack(&Suspension[P]{c, part, id, now})
	}
	return r.expire(now)
}

// Remove removes a conversation that has ended.
func (r *Registry[P]) Remove(id string, c *Conversation) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.remove(id, c)
}

// TakeSuspended removes and returns all suspended conversations.
func (r *Registry[P]) TakeSuspended() (all []*Suspension[P]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.suspended.Len() > 0 {
		all = append(all, r.takeOldest())
	}
	return all
}

func (r *Registry[P]) expire(now time.Time) (expired []*Suspension[P]) {
	for e := r.suspended.Front(); e != nil; e = r.suspended.Front() {
		if now.Sub(e.Value.(*Suspension[P]).since) < resumeWithin && r.suspended.Len() <= maxSuspended {
			break
		}
		expired = append(expired, r.takeOldest())
	}
	return expired
}

func (r *Registry[P]) takeOldest() *Suspension[P] {
	s := r.suspended.Front().Value.(*Suspension[P])
	r.remove(s.id, s.Conversation)
	return s
}

func (r *Registry[P]) remove(id string, c *Conversation) {
	r.stopWaiting(c)
	if r.byID[id] == c {
		delete(r.byID, id)
	}
}

func (r *Registry[P]) stopWaiting(c *Conversation) {
	if e, ok := r.waiting[c]; ok {
		r.suspended.Remove(e)
		delete(r.waiting, c)
	}
}
