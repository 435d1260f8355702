// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"
	"errors"
	"fmt"
)

// ForceFlush makes an attempt at once and waits until all that was put has been delivered or
// the context ends. Requests that are set aside are tried once and not waited for. It fails
// when something still waits, and when since the last flush something was refused by the
// collector or grew too old: the error says how many of what.
func (s *Spool) ForceFlush(ctx context.Context) error {
	senders := s.all()
	flushes := make([]int64, len(senders))
	for i, sender := range senders {
		flushes[i] = sender.flush()
	}
	var errs []error
	for i, sender := range senders {
		errs = append(errs, sender.flushed(ctx, flushes[i]))
	}
	return errors.Join(append(errs, lossError(senders, (*stats).unreported))...)
}

// flushed waits until a flush has been served.
func (s *sender) flushed(ctx context.Context, n int64) error {
	q := s.queue
	for {
		empty, changed := q.empty()
		if empty {
			return nil
		}
		if d := q.depth(); s.served.Load() >= n && d.requests == d.asideRequests && d.requests > 0 {
			return fmt.Errorf("spool: flush %s: %d %s are set aside for later attempts: %s", q.signal, d.asideItems, q.signal.noun(), q.lastError())
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("spool: flush %s: %w: %s", q.signal, ctx.Err(), q.lastError())
		}
	}
}
