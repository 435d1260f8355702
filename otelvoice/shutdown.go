// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"cmp"
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/bounded"
	"github.com/voice-agents/telemetry/otelvoice/internal/guard"
)

// shutdownTimeout bounds Shutdown where its context has no deadline.
const shutdownTimeout = 5 * time.Second

// Shutdown ends the sessions that are still open, with the reason [EndShutdown]. It does not shut
// down the providers; call it before they are. voicesdk's Shutdown does both. Shutdown returns by
// the deadline of ctx or, if ctx has none or it has passed, within 5 s. The cancellation of ctx is
// ignored.
//
// Shutdown ends sessions that were started before it, with their turns and stages, including
// those that other goroutines are starting or ending. Work that is started later may be lost.
//
// If a span processor, an observer of turns or a log output does not return in its share of the
// time, Shutdown continues without it, and the error names it. Panics in them are recovered and
// counted.
//
// Only the first call ends sessions. Later calls wait for it, until the deadline or the
// cancellation of their own context, and return its error.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	within, cancel := bounded.Context(ctx, shutdownTimeout)
	defer cancel()
	return t.ending.Do(ctx, within, func() error {
		t.heartbeat.stop()
		if err := t.endSessions(within); err != nil {
			return fmt.Errorf("otelvoice: shutdown: %w", err)
		}
		t.emit.Guard.Unbound()
		return nil
	})
}

// endSessions ends the open sessions, until the deadline of ctx.
//
// Each round ends the sessions that are open and waits for the calls under way. After the first
// round, sessions that were being started are open. After the second, sessions that other
// goroutines were ending have ended; after the third, their turns, which other goroutines may
// also have been ending; after the fourth, the stages of these turns. Each session ends on a
// goroutine of its own, so that one that hangs does not block the others.
func (t *Telemetry) endSessions(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	total := time.Until(deadline)
	t.emit.Guard.Bound(total)
	var err error
	for round := range guard.Rounds {
		share := time.Until(deadline)
		if round == 0 {
			share /= 2 // If the start of a session hangs, there is time to end the others.
		}
		within, cancel := context.WithTimeout(ctx, share)
		// A component that hangs in one round hangs in the next, so the last error is enough.
		err = cmp.Or(t.endOpen(within), t.emit.Guard.Underway.Wait(within))
		cancel()
	}
	t.sessions.close()
	t.endSuspended(t.conversations.TakeSuspended(), EndShutdown)
	return t.emit.Guard.Hanging(total, err)
}

// endOpen ends the sessions that are open now.
func (t *Telemetry) endOpen(ctx context.Context) error {
	open := t.sessions.all()
	if len(open) == 0 {
		return nil
	}
	var wg sync.WaitGroup
	for _, session := range open {
		wg.Go(func() {
			defer t.emit.Guard.Recovered(guard.SessionEnd)
			session.end(EndShutdown)
		})
	}
	ended := make(chan struct{})
	go func() {
		wg.Wait()
		close(ended)
	}()
	select {
	case <-ended:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// sessions holds the open sessions, so that Shutdown can end them. After Shutdown it holds none,
// so that a program that continues does not use more and more memory.
type sessions struct {
	mu     sync.Mutex
	open   map[*Session]struct{}
	closed bool
}

func (s *sessions) add(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	if s.open == nil {
		s.open = make(map[*Session]struct{})
	}
	s.open[session] = struct{}{}
}

func (s *sessions) remove(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, session)
}

func (s *sessions) all() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	open := make([]*Session, 0, len(s.open))
	for session := range s.open {
		open = append(open, session)
	}
	return open
}

func (s *sessions) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	clear(s.open)
}
