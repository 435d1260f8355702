// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/bounded"
)

// ForceFlush sends what is waiting to be sent: spans and logs side by side, then metrics,
// then the spool. It returns by the deadline of ctx or, if ctx has none or it has passed,
// within [WithShutdownTimeout], whatever hangs. The cancellation of ctx is ignored.
//
// A processor, reader, metric callback or exporter that does not return in its share of
// the time is left behind: the error names it, one log line reports it, and the others are
// flushed all the same. While four calls of a component hang, it is not called again.
// A panic in one is an error. ForceFlush fails when something still waits, and when the
// collector has refused something since the last flush: the error says how much. After
// Shutdown it does nothing.
func (t *Telemetry) ForceFlush(ctx context.Context) error {
	if t == nil {
		return nil
	}
	if err := t.set.ForceFlush(ctx); err != nil {
		return fmt.Errorf("otelvoice: flush: %w", err)
	}
	return nil
}

// Shutdown ends the sessions that are still open, with [EndShutdown] as their reason, sends
// what is waiting and releases what Setup started. It returns by the deadline of ctx or, if
// ctx has none or it has passed, within [WithShutdownTimeout]. It works with a context that
// is cancelled, as after Ctrl-C, where the plain SDK loses the tail.
//
// Sessions that were started before Shutdown are exported with their turns and stages, even
// with those that other goroutines are just starting or ending. What is started later may
// be lost.
//
// Whatever hangs, Shutdown returns in its time: a processor, metric reader or callback, an
// exporter, an observer of turns or an output that does not return in its share of the time
// is left behind. The error names it and one log line reports it; the others are flushed all
// the same. Ending sessions takes a quarter of the time at most. Spans and logs, then
// metrics, then the spool share the rest: each leaves half of it, or nearly, to those after
// it. A panic in an observer or processor while sessions end is recovered and counted in
// [Health]; a panic in a flush or shutdown is part of the error.
//
// Shutdown fails when telemetry was lost: it was only in memory and could not be sent, or the
// collector has refused it at any time since Setup. Log records that come after it are
// counted in [Telemetry.Health].
//
// Only the first call does anything. Later ones wait for it, until the deadline or the
// cancellation of their own context or for WithShutdownTimeout, and return its error.
// Afterwards everything may still be called: spans and metrics go nowhere, log lines still
// appear on stdout; the log file and syslog are closed, and a line for them is lost and
// counted. Providers that were brought are their owner's to shut down.
func (t *Telemetry) Shutdown(ctx context.Context) error {
	if t == nil {
		return nil
	}
	t.asked.Store(true)
	within, cancel := t.set.Bounded(ctx)
	defer cancel()
	err := t.shutdown(ctx, within)
	select {
	case <-t.stopped:
		t.signals.stop(within)
	default: // It goes on, and may be what a signal has begun.
	}
	return err
}

// shutdown does what Shutdown does until within is done, or, if another call came before,
// until ctx is cancelled.
func (t *Telemetry) shutdown(ctx, within context.Context) error {
	if t.begun.Swap(true) {
		return t.awaitShutdown(ctx, within)
	}
	defer close(t.stopped)
	t.stopErr = errors.Join(t.endSessions(within), t.set.Shutdown(within))
	if t.stopErr != nil {
		t.stopErr = fmt.Errorf("otelvoice: shutdown: %w", t.stopErr)
	}
	t.guard.unbound()
	return t.stopErr
}

// awaitShutdown waits for a call that came before. A context that is cancelled already says
// nothing about how long the caller will wait, one that is cancelled meanwhile does.
func (t *Telemetry) awaitShutdown(ctx, within context.Context) error {
	var cancelled <-chan struct{}
	if ctx != nil && ctx.Err() == nil {
		cancelled = ctx.Done()
	}
	select {
	case <-t.stopped:
		return t.stopErr
	case <-cancelled:
	case <-within.Done():
	}
	select {
	case <-t.stopped:
		return t.stopErr
	default:
	}
	cause := context.Cause(within)
	if cause == nil {
		cause = context.Cause(ctx)
	}
	return fmt.Errorf("otelvoice: shutdown: an earlier call has not returned: %w", cause)
}

// endSessions ends the sessions that are open, in at most a quarter of the time.
//
// Each round ends what is open and waits for the calls under way. After the first, sessions
// that were being started are open. After the second, sessions that other goroutines were
// ending have ended, after the third their turns, which again others may have been ending,
// and after the fourth the stages of these. Each session ends on a goroutine of its own, so
// that one that hangs does not keep others open.
func (t *Telemetry) endSessions(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	total := time.Until(deadline) / 4
	t.guard.bound(total)
	end := time.Now().Add(total)
	var err error
	for round := range shutdownRounds {
		share := time.Until(end)
		if round == 0 {
			share /= 2 // If a start hangs, the sessions of others are ended all the same.
		}
		within, cancel := context.WithTimeout(ctx, share)
		// What hangs in one round hangs in the next: the last error says it all.
		err = cmp.Or(t.endOpen(within), t.guard.underway.wait(within))
		cancel()
	}
	t.sessions.close()
	t.endSuspended(t.conversations.TakeSuspended(), EndShutdown)
	return t.hanging(total, err)
}

// shutdownRounds is how often sessions are ended: as often as spans are nested, and once more.
const shutdownRounds = 4

// endOpen ends the sessions that are open now.
func (t *Telemetry) endOpen(ctx context.Context) error {
	open := t.sessions.all()
	if len(open) == 0 {
		return nil
	}
	var wg sync.WaitGroup
	for _, session := range open {
		wg.Go(func() {
			defer t.guard.recovered(sessionEnd)
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

// sessionEnd is what the log calls a session whose end panicked.
const sessionEnd = "the end of a session"

// hanging returns the error that says what kept sessions from ending in time.
func (t *Telemetry) hanging(total time.Duration, err error) error {
	var dropped error
	if n := t.guard.droppedLines.Load(); n > 0 {
		dropped = fmt.Errorf("%d log lines were dropped: an output or a log processor hung", n)
	}
	if err == nil {
		return dropped
	}
	var names []string
	for _, c := range []*bounded.Component{t.guard.spans, t.guard.lines, t.guard.observers} {
		if c.Hanging() > 0 {
			names = append(names, c.Name())
		}
	}
	if len(names) == 0 {
		names = []string{"the start of a span (a sampler or span processor) or a meter provider"}
	}
	return errors.Join(dropped, fmt.Errorf("%s did not return within %s, while open sessions were ended, and was %w: %w",
		strings.Join(names, " and "), total.Round(time.Millisecond), bounded.ErrLeftBehind, err))
}

// sessions is the sessions that are open, so that a shutdown in the middle of calls ends
// them. After it none are kept: a program that goes on must not fill the memory.
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
