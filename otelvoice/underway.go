// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otelvoice

import (
	"context"
	"sync/atomic"
)

// underway counts the calls that start or end something and have not returned, so that
// Shutdown can wait for them: a span that its goroutine has not ended yet would be lost.
//
// The calls are counted by generation. A wait begins the next generation and waits for those
// before, so that calls that go on coming do not make it wait for ever. A call costs three
// atomic operations.
type underway struct {
	generation atomic.Uint32
	calls      [maxWaits + 1]atomic.Int64
	idle       chan struct{} // Has room for one: a generation before the newest has no more calls.
}

// maxWaits is how many waits begin a generation: those of a shutdown.
const maxWaits = shutdownRounds

// enter counts a call, until leave is called with what it returns.
func (u *underway) enter() (generation uint32) {
	for {
		generation = u.generation.Load()
		u.calls[generation].Add(1)
		if u.generation.Load() == generation {
			return generation
		}
		u.leave(generation) // The next has begun meanwhile; a wait may not have seen this call.
	}
}

func (u *underway) leave(generation uint32) {
	if u.calls[generation].Add(-1) > 0 || u.generation.Load() == generation {
		return
	}
	select {
	case u.idle <- struct{}{}:
	default:
	}
}

// wait returns when the calls that had entered before have left, or with an error when ctx
// is done. It is called maxWaits times at most, one after the other.
func (u *underway) wait(ctx context.Context) error {
	now := u.generation.Add(1)
	for before := range now {
		for u.calls[before].Load() > 0 {
			select {
			case <-u.idle:
			case <-ctx.Done():
				return context.Cause(ctx)
			}
		}
	}
	return nil
}
