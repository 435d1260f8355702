// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 30 * time.Second
	// attempts is the number of attempts to send a message at once, because the server may have
	// closed the first connection.
	attempts = 2
)

// send sends the queued messages in order until the queue is closed and empty.
func (w *Writer) send(ctx context.Context) {
	defer close(w.stopped)
	var c conn
	defer func() { c.close(ctx) }()
	var wait time.Duration
	for message := range w.queue {
		for {
			err := w.try(ctx, &c, message)
			if err == nil {
				w.failed.Store(false)
				wait = 0
				break
			}
			w.report(err)
			if ctx.Err() != nil || c.hopeless(err) {
				w.lost.Add(1)
				break
			}
			wait = next(wait)
			sleep(ctx, wait)
		}
		w.bytes.Add(-int64(len(message)))
		w.waiting(-1)
	}
}

// try sends a message. It opens a new connection if the current one is dead.
func (w *Writer) try(ctx context.Context, c *conn, message []byte) (err error) {
	for range attempts {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if !c.alive() {
			c.close(ctx)
			if *c, err = w.dial.connect(ctx); err != nil {
				return fmt.Errorf("syslog: connect: %w", err)
			}
		}
		if err = c.write(ctx, message, w.opts.Timeout); err == nil {
			return nil
		}
		if c.hopeless(err) {
			break
		}
		c.close(ctx)
	}
	return fmt.Errorf("syslog: send: %w", err)
}

// report calls OnError with the first error of a series.
func (w *Writer) report(err error) {
	if w.failed.Swap(true) || w.opts.OnError == nil {
		return
	}
	defer func() { _ = recover() }() // A panic of OnError must not end the sender.
	w.opts.OnError(err)
}

// next returns the time to wait after another failure: twice the last one, at most half a minute, less
// a random part, so that clients do not reconnect to a restarted server all at once.
func next(wait time.Duration) time.Duration {
	wait = min(max(2*wait, firstBackoff), maxBackoff)
	return wait - rand.N(wait/4)
}

func sleep(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
