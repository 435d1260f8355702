// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicesdk

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ForceFlush sends pending telemetry: spans and logs concurrently, then metrics, then the spool.
// It returns by the deadline of ctx or, if ctx has none or it has passed, within
// [WithShutdownTimeout], even if components hang. The cancellation of ctx is ignored.
//
// A processor, reader, metric callback or exporter that does not return in its share of the time
// is left behind: the error names it, one log line reports it, and the others are flushed. While
// four calls of a component hang, it is not called again. A panic in a component is an error.
// ForceFlush returns an error if telemetry is still pending, or if the collector has rejected some
// since the last flush. The error has the counts. After Shutdown it does nothing.
func (s *SDK) ForceFlush(ctx context.Context) error {
	if s == nil || s.set == nil {
		return nil
	}
	if err := s.set.ForceFlush(ctx); err != nil {
		return fmt.Errorf("otelvoice: flush: %w", err)
	}
	return nil
}

// Shutdown ends the open sessions, with [otelvoice.EndShutdown] as their reason, sends pending
// telemetry and releases what Setup started. It returns by the deadline of ctx or, if ctx has none
// or it has passed, within [WithShutdownTimeout]. The cancellation of ctx is ignored: after Ctrl-C
// the last spans, metrics and records are sent, too.
//
// Sessions that were started before Shutdown are exported with their turns and stages, also with
// those that other goroutines are starting or ending. What is started later may be lost.
//
// A processor, metric reader or callback, an exporter, an observer of turns or an output that does
// not return in its share of the time is left behind. The error names it, one log line reports it,
// and the others are flushed. Ending sessions takes at most a quarter of the time. Spans and logs,
// then metrics, then the spool share the rest: each leaves about half of it to those after it. A
// panic in an observer or processor while sessions end is recovered and counted in [Health]. A
// panic in a flush or shutdown is part of the error.
//
// Shutdown returns an error if telemetry was lost: it was only in memory and could not be sent, or
// the collector has rejected it at any time since Setup. Later log records are counted in
// [SDK.Health].
//
// Only the first call does anything. Later ones wait for it, until the deadline or the
// cancellation of their own context or for WithShutdownTimeout, and return its error. Afterwards
// all methods may still be called: spans and metrics are dropped, and log lines are still written
// to stdout. The log file and syslog are closed; lines for them are lost and counted. Providers
// given by options are not shut down, unless with [WithOwnedProviders].
func (s *SDK) Shutdown(ctx context.Context) error {
	if s == nil || s.set == nil {
		return nil
	}
	s.asked.Store(true)
	within, cancel := s.set.Bounded(ctx)
	defer cancel()
	err := s.shutdown(ctx, within)
	if s.ending.Done() { // Else it goes on, and a signal may have started it.
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

// release sends pending telemetry and releases what Setup started.
func (s *SDK) release(ctx context.Context) error {
	if err := s.set.Shutdown(ctx); err != nil {
		return fmt.Errorf("otelvoice: shutdown: %w", err)
	}
	return nil
}
