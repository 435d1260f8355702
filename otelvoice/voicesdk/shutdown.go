// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"context"
	"errors"
	"fmt"
	"time"
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
func (s *SDK) ForceFlush(ctx context.Context) error {
	if s == nil || s.set == nil {
		return nil
	}
	if err := s.set.ForceFlush(ctx); err != nil {
		return fmt.Errorf("otelvoice: flush: %w", err)
	}
	return nil
}

// Shutdown ends the sessions that are still open, with [otelvoice.EndShutdown] as their reason, sends
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
// counted in [SDK.Health].
//
// Only the first call does anything. Later ones wait for it, until the deadline or the
// cancellation of their own context or for WithShutdownTimeout, and return its error.
// Afterwards everything may still be called: spans and metrics go nowhere, log lines still
// appear on stdout; the log file and syslog are closed, and a line for them is lost and
// counted. Providers that were brought are their owner's to shut down.
func (s *SDK) Shutdown(ctx context.Context) error {
	if s == nil || s.set == nil {
		return nil
	}
	s.asked.Store(true)
	within, cancel := s.set.Bounded(ctx)
	defer cancel()
	err := s.shutdown(ctx, within)
	if s.ending.Done() { // Else it goes on, and may be what a signal has begun.
		s.signals.stop(within)
	}
	return err
}

// shutdown does what Shutdown does until within is done, or, if another call came before,
// until ctx is cancelled.
func (s *SDK) shutdown(ctx, within context.Context) error {
	return s.ending.Do(ctx, within, func() error {
		return errors.Join(s.endSessions(within), s.release(within))
	})
}

// endSessions ends the sessions that are open, in at most a quarter of the time.
func (s *SDK) endSessions(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	within, cancel := context.WithTimeout(ctx, time.Until(deadline)/4)
	defer cancel()
	return s.Telemetry.Shutdown(within)
}

// release sends what is waiting and releases what Setup started.
func (s *SDK) release(ctx context.Context) error {
	if err := s.set.Shutdown(ctx); err != nil {
		return fmt.Errorf("otelvoice: shutdown: %w", err)
	}
	return nil
}
