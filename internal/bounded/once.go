// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package bounded

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Context returns a context for work that must be done whether or not the caller's context was
// cancelled, but in bounded time: until the deadline of ctx or, if it has none or it has passed,
// for the given time.
func Context(ctx context.Context, timeout time.Duration) (context.Context, context.CancelFunc) {
	if ctx == nil {
		ctx = context.Background()
	}
	deadline, ok := ctx.Deadline()
	if !ok || time.Until(deadline) <= 0 {
		deadline = time.Now().Add(timeout)
	}
	return context.WithDeadline(context.WithoutCancel(ctx), deadline)
}

// Once runs a shutdown once. Later calls wait for the first. It is safe for concurrent use.
type Once struct {
	begun atomic.Bool
	done  chan struct{} // Closed when the first call is over, with
	err   error
}

// NewOnce returns a Once that has not run.
func NewOnce() *Once { return &Once{done: make(chan struct{})} }

// Do runs the shutdown if no call came before, and returns its error. A later call waits until
// within is done, or until ctx is cancelled during the wait, and returns the same error. A context
// that is cancelled already does not limit the wait.
func (o *Once) Do(ctx, within context.Context, shutdown func() error) error {
	if o.begun.Swap(true) {
		return o.wait(ctx, within)
	}
	defer close(o.done)
	o.err = shutdown()
	return o.err
}

// Done reports whether the first call is over.
func (o *Once) Done() bool {
	select {
	case <-o.done:
		return true
	default:
		return false
	}
}

func (o *Once) wait(ctx, within context.Context) error {
	var cancelled <-chan struct{}
	if ctx != nil && ctx.Err() == nil {
		cancelled = ctx.Done()
	}
	select {
	case <-o.done:
		return o.err
	case <-cancelled:
	case <-within.Done():
	}
	if o.Done() {
		return o.err
	}
	cause := context.Cause(within)
	if cause == nil {
		cause = context.Cause(ctx)
	}
	return fmt.Errorf("otelvoice: shutdown: an earlier call has not returned: %w", cause)
}
