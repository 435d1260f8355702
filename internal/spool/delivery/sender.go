// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package delivery takes requests from a queue and sends them: it retries, splits requests that are
// too large, and sets aside requests that the collector fails on.
package delivery

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/cenkalti/backoff/v5"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/deadletter"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Sender delivers the requests of a queue in order: the oldest until it is accepted, rejected
// permanently, set aside, or too old.
type Sender struct {
	Queue  *queue.Queue
	Client collector.Client
	dead   *deadletter.File
	closes <-chan struct{} // Closed when the spool begins to shut down.
	Ended  chan struct{}   // Closed when run returns.
	pause  *backoff.ExponentialBackOff

	limit    SizeLimit
	suspects suspects

	// A flush requests an attempt at once. It is served when all waiting requests were tried.
	wanted, served atomic.Int64
	flushRequested chan struct{}
	begun          int64
	closing        bool // Requests that are set aside get their last attempt.

	pace  time.Duration // How long the collector recently took to accept a request.
	Until time.Time     // When Shutdown gives up, zero if never. It is set before closes is closed.
}

// The pauses between attempts, with a jitter of one half.
const (
	firstPause = 500 * time.Millisecond
	longPause  = 30 * time.Second
)

// NewSender returns a sender, which stops soon after closes is closed.
func NewSender(q *queue.Queue, c collector.Client, dead *deadletter.File, closes <-chan struct{}) *Sender {
	pause := backoff.NewExponentialBackOff()
	pause.InitialInterval, pause.MaxInterval, pause.Multiplier = firstPause, longPause, 2
	pause.Reset()
	return &Sender{Queue: q, Client: c, dead: dead, closes: closes, Ended: make(chan struct{}), pause: pause, suspects: suspects{maxProbed: 1}, flushRequested: make(chan struct{}, 1)}
}

// Run delivers requests until the context ends or, when the spool is closing, until all are
// delivered or an attempt fails. Requests on disk then wait for the next process.
func (s *Sender) Run(ctx context.Context) {
	defer close(s.Ended)
	for ctx.Err() == nil {
		s.startFlush()
		s.checkClosing()
		r, ok, changed, due := s.Queue.Take(time.Now())
		if ok {
			if !s.deliver(ctx, r) {
				return
			}
			continue
		}
		if !s.idle(ctx, changed, due) {
			return
		}
	}
}

// idle waits for a request. It returns false when the sender must stop.
func (s *Sender) idle(ctx context.Context, changed <-chan struct{}, due time.Time) bool {
	if s.served.Swap(s.begun) != s.begun {
		s.Queue.Wake() // Wakes the callers of Flush.
	}
	closes := s.closes
	if s.isClosing() {
		if empty, _ := s.Queue.Empty(); empty || s.Queue.Spill() {
			return false
		}
		closes, due = nil, time.Now().Add(firstPause) // Requests that are set aside in memory would be lost.
		s.closing = false
	}
	var timer <-chan time.Time
	if !due.IsZero() {
		timer = time.After(time.Until(due))
	}
	select {
	case <-changed:
	case <-timer:
	case <-s.flushRequested:
	case <-closes:
	case <-ctx.Done():
	}
	return true
}

// Flush requests an attempt at once, including requests that are set aside. It returns the
// value that served reaches when all requests that wait now were tried.
func (s *Sender) Flush() int64 {
	n := s.wanted.Add(1)
	select {
	case s.flushRequested <- struct{}{}:
	default:
	}
	return n
}

// startFlush begins a flush that was requested: requests that are set aside are due at once.
func (s *Sender) startFlush() {
	if n := s.wanted.Load(); n > s.begun {
		s.begun = n
		s.pause.Reset()
		s.Queue.RetryAside(time.Now())
	}
}

// checkClosing reports whether the spool is closing. Requests that are set aside then get their
// last attempt.
func (s *Sender) checkClosing() bool {
	closing := s.isClosing()
	if closing && !s.closing {
		s.closing = true
		s.suspects.closing, s.suspects.maxProbed = true, max(s.suspects.maxProbed, closingProbe)
		s.Queue.RetryAside(time.Now())
	}
	return closing
}

func (s *Sender) isClosing() bool {
	select {
	case <-s.closes:
		return true
	default:
		return false
	}
}

// deliver tries a request until it is settled or set aside. It returns false when the sender
// must stop.
func (s *Sender) deliver(ctx context.Context, r segment.Request) bool {
	d := &delivery{Request: r, parts: []segment.Request{r}}
	d.parts[0].Readers = new(atomic.Int32)
	d.Readers = d.parts[0].Readers
	for len(d.parts) > 0 {
		if s.splitAhead(d) {
			continue
		}
		last := s.checkClosing()
		if last && s.shutdownIsNear() && s.Queue.Spill() {
			s.putBack(d)
			return false
		}
		start := time.Now()
		a := s.Client.Send(ctx, d.parts[0])
		took := time.Since(start)
		s.Queue.Stats.Attempt(took)
		if a.Unzipped {
			s.Queue.Report.Begin("gzip at "+s.Client.Host(), "collector rejects gzip, sending uncompressed; unset OTEL_EXPORTER_OTLP_COMPRESSION", hostError(s.Client.Host()))
		}
		if a.Err == nil {
			s.pace = max(took, s.pace/2)
			s.taken(d, a)
			continue
		}
		if ctx.Err() != nil {
			s.putBack(d)
			return false
		}
		s.Queue.Stats.Fail(a.Err.Error(), time.Now())
		switch next := s.failed(d, a); next {
		case proceed:
			continue
		case setAside:
			return true
		case stay, yield:
			if !s.wait(ctx, last, a.After) {
				if next == stay {
					s.putBack(d)
				}
				return false
			}
			if next == yield {
				return true
			}
		}
	}
	s.settle(d)
	return true
}

// shutdownIsNear reports whether Shutdown may give up before the collector has accepted another request.
// The collector may have accepted an interrupted request, and the next process sends it again.
func (s *Sender) shutdownIsNear() bool {
	return s.pace > 0 && !s.Until.IsZero() && time.Until(s.Until) < 2*s.pace
}

// wait pauses after a failed attempt, until a flush or Shutdown ends the pause: each of
// them makes one attempt at once, even if the collector asked for more time. When the spool is
// closing and an attempt since then has failed, requests on disk are left to the next process,
// and requests that are only in memory are retried with short pauses until the time is up. It
// returns false when no more attempts are to be made.
func (s *Sender) wait(ctx context.Context, last bool, after time.Duration) bool {
	pause := max(after, s.pause.NextBackOff())
	closes := s.closes
	if last {
		if s.Queue.Spill() {
			return false
		}
		closes, pause = nil, min(pause, max(after, firstPause))
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-closes:
		return true
	case <-s.flushRequested:
		s.startFlush()
		return true
	case <-ctx.Done():
		return true // The caller checks the context.
	}
}

// hostError ends a log line with the name of an endpoint.
type hostError string

func (e hostError) Error() string { return string(e) }
