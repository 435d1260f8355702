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
	// attempts is how often a message is tried on a connection that works until
	// it is written to.
	attempts = 2
)

// send sends the lines one after the other, until there are no more.
func (w *Writer) send(ctx context.Context) {
	defer close(w.stopped)
	var c conn
	defer func() { c.close(ctx) }()
	var wait time.Duration
	for line := range w.lines {
		message := w.frame.message(line)
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
		w.bytes.Add(-int64(len(line)))
		w.waiting(-1)
	}
}

// try sends a message, on a new connection if the one that is open has died.
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

// report tells of the first failure of a row.
func (w *Writer) report(err error) {
	if w.failed.Swap(true) || w.opts.OnError == nil {
		return
	}
	defer func() { _ = recover() }() // Telling of a failure must not be one.
	w.opts.OnError(err)
}

// next returns how long to wait after another failure: twice as long, up to half
// a minute, less a part of it by chance, so that a server that is back is not met
// by all of its clients at once.
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
