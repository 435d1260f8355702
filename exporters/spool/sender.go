// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// sender delivers what is in a queue, one request after the other, so that their order is
// kept: the oldest until it is taken, refused for good, or too old.
type sender struct {
	queue  *queue
	client client
	dead   *deadLetters
	closes <-chan struct{} // Closed when the spool begins to shut down.
	ended  chan struct{}   // Closed when run returns.
	pause  *backoff.ExponentialBackOff
}

// Between attempts, with a jitter of one half.
const (
	firstPause = 500 * time.Millisecond
	longPause  = 30 * time.Second
	poisonous  = 5 // Answers of 500 after which a request is taken to be at fault.
)

func newSender(q *queue, c client, dead *deadLetters, closes <-chan struct{}) *sender {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval, pause.Multiplier = firstPause, longPause, 2
	return &sender{queue: q, client: c, dead: dead, closes: closes, ended: make(chan struct{}), pause: pause}
}

// run delivers until the context ends, or until there is nothing left when the spool is
// closing.
func (s *sender) run(ctx context.Context) {
	defer close(s.ended)
	for ctx.Err() == nil {
		r, ok, changed, due := s.queue.take(time.Now())
		if ok {
			r.readers = new(atomic.Int32)
			if !s.deliver(ctx, r) {
				s.queue.putBack(r)
				return
			}
			s.queue.settle(r)
			if r.readers.Load() == 0 {
				s.queue.buffers.give(r.buffer)
			}
			continue
		}
		var timer <-chan time.Time
		if !due.IsZero() {
			timer = time.After(time.Until(due))
		}
		select {
		case <-changed:
		case <-timer:
		case <-s.closes:
			if empty, _ := s.queue.empty(); empty {
				return
			}
		case <-ctx.Done():
		}
	}
}

// deliver tries until the request needs no more attempts. It is false when the spool is
// closed before that.
func (s *sender) deliver(ctx context.Context, r request) bool {
	q := s.queue
	s.pause.Reset()
	for suspicions := 0; ; {
		start := time.Now()
		a := s.client.send(ctx, r)
		q.stats.attempt(time.Since(start))
		if a.err == nil {
			q.tell.ends(collectorOf(q.signal), "the collector takes "+string(q.signal)+" again")
			if a.rejected > 0 {
				q.stats.fail("partial success: "+a.message, time.Now())
				q.drop(reasonRejected, min(a.rejected, r.items))
			}
			q.stats.sent.Add(int64(max(r.items-a.rejected, 0)))
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		q.stats.fail(a.err.Error(), time.Now())
		if a.verdict == suspect {
			suspicions++
		}
		if a.verdict == refused || a.verdict == tooLarge || suspicions == poisonous {
			q.drop(reasonRejected, r.items)
			q.tell.begins("rejected "+string(q.signal), "the collector refuses "+string(q.signal)+" for good", a.err)
			s.dead.bury(q.signal, r, a.err.Error())
			return true
		}
		q.tell.begins(collectorOf(q.signal), "the collector does not take "+string(q.signal)+", which wait "+q.where(), a.err)
		if time.Since(r.at) > q.cfg.MaxAge {
			q.drop(reasonExpired, r.items)
			return true
		}
		q.stats.retried.Add(1)
		if !s.wait(ctx, max(a.after, s.pause.NextBackOff())) {
			return false
		}
	}
}

// wait pauses. When the spool closes, what is on disk needs no more attempts; what is only
// in memory, and cannot be written now, has them, quickly, until the time is up.
func (s *sender) wait(ctx context.Context, pause time.Duration) bool {
	closes := s.closes
	select {
	case <-closes:
		if s.queue.spill() {
			return false
		}
		closes, pause = nil, min(pause, firstPause)
	default:
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-closes:
		return !s.queue.spill()
	case <-ctx.Done():
		return false
	}
}
