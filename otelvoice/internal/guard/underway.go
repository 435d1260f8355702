// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"context"
	"sync/atomic"
)

// Underway counts the calls that are starting or ending a session, turn, stage or operation, so
// that Shutdown can wait for them. Without this, a span that another goroutine is ending would be
// lost.
//
// Calls are counted by generation. A wait starts the next generation and waits for the earlier
// ones, so that new calls do not make it wait forever. A call costs three atomic operations.
type Underway struct {
	generation atomic.Uint32
	calls      [maxWaits + 1]atomic.Int64
	idle       chan struct{} // Signals that an earlier generation has no more calls; buffers one.
}

// maxWaits is how many waits start a generation: one for each round of a shutdown.
const maxWaits = Rounds

// Rounds is how many rounds a shutdown has: one for each level of nested spans, and one more.
const Rounds = 4

// Enter counts a call. The caller must pass the result to Leave.
func (u *Underway) Enter() (generation uint32) {
	for {
		generation = u.generation.Load()
		u.calls[generation].Add(1)
		if u.generation.Load() == generation {
			return generation
		}
		u.Leave(generation) // The next generation started meanwhile; a wait may have missed this call.
	}
}

// Leave ends the count of a call. generation is the result of Enter.
func (u *Underway) Leave(generation uint32) {
	if u.calls[generation].Add(-1) > 0 || u.generation.Load() == generation {
		return
	}
	select {
	case u.idle <- struct{}{}:
	default:
	}
}

// Wait waits for the calls that entered before it, and returns an error if ctx is done first. It
// may be called at most maxWaits times, not concurrently.
func (u *Underway) Wait(ctx context.Context) error {
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
