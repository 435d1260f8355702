// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package bounded calls code that may hang or panic, and returns in time.
package bounded

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
)

// ErrLeftBehind is wrapped by the error of a call that did not return in time.
var ErrLeftBehind = errors.New("left behind")

// errExited is the error of a call that ended its goroutine ([runtime.Goexit]).
var errExited = errors.New("ended its goroutine")

// maxHanging bounds the calls of one component that are left behind at the same time, so that a program that
// flushes every second does not leak a goroutine with each flush.
const maxHanging = 4

// A Component is the code to call: a processor, a reader, a provider, an output. It is safe for concurrent
// use.
type Component struct {
	name string

	mu      sync.Mutex
	hanging int // Calls that were left behind and have not returned.
}

// New returns a component with a name for its errors.
func New(name string) *Component { return &Component{name: name} }

// Name returns the name in the errors.
func (c *Component) Name() string { return c.name }

// Hanging returns how many calls were left behind and have not returned.
func (c *Component) Hanging() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hanging
}

// Flush does what [Component.Call] does, for calls that may be repeated any number of times: it fails at
// once while four earlier calls have not returned.
func (c *Component) Flush(ctx context.Context, do func(context.Context) error) error {
	if hanging := c.Hanging(); hanging >= maxHanging {
		return fmt.Errorf("%s has not returned from %d earlier calls, which were %w", c.name, hanging, ErrLeftBehind)
	}
	return c.Call(ctx, do)
}

// Call runs do in its own goroutine and waits for it until ctx is done. A call that has not returned by then
// is left behind: its goroutine continues, its result is ignored, and the error wraps [ErrLeftBehind] and
// the cause of ctx. A panic becomes an error.
//
// The context of do has the values and the cancellation of ctx, and an earlier deadline, so that a call that
// observes it returns its own error in time. To an error that is only the context's, Call adds the name of
// the component.
func (c *Component) Call(ctx context.Context, do func(context.Context) error) error {
	begin := time.Now()
	within, cancel := headroom(ctx, begin)
	running := c.begin(func() error {
		defer cancel()
		return do(within)
	})
	select {
	case err := <-running.result:
		return c.explained(err, begin)
	case <-ctx.Done():
	}
	if running.leave() {
		took := time.Since(begin).Round(time.Millisecond)
		return fmt.Errorf("%s did not return within %s and was %w: %w", c.name, took, ErrLeftBehind, context.Cause(ctx))
	}
	return c.explained(<-running.result, begin)
}

// Within does what [Component.Call] does, for code without a context. It reports whether do returned in
// time. A panic in do is ignored: do must recover its own.
func (c *Component) Within(d time.Duration, do func()) (returned bool) {
	running := c.begin(func() error {
		do()
		return nil
	})
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-running.result: //nolint:errcheck // It is nil, or a panic.
		return true
	case <-timer.C:
		return !running.leave()
	}
}

// explained adds the name of the component to an error that is only the context's.
func (c *Component) explained(err error, begin time.Time) error {
	if text := failure.Message(err); text != context.DeadlineExceeded.Error() && text != context.Canceled.Error() {
		return err
	}
	return fmt.Errorf("%s did not finish within %s: %w", c.name, time.Since(begin).Round(time.Millisecond), err)
}

// call is one call of a component.
type call struct {
	component *Component
	result    chan error // Its buffer holds the result.

	// Guarded by the component's mutex.
	returned, hanging bool
}

func (c *Component) begin(do func() error) *call {
	running := &call{component: c, result: make(chan error, 1)}
	go running.run(do)
	return running
}

func (r *call) run(do func() error) {
	err := fmt.Errorf("%s %w", r.component.name, errExited)
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("%s panicked: %w", r.component.name, failure.NewPanic(v))
		}
		r.finish(err)
	}()
	err = do()
}

func (r *call) finish(err error) {
	r.component.mu.Lock()
	defer r.component.mu.Unlock()
	r.returned = true
	if r.hanging {
		r.component.hanging--
	}
	r.result <- err
}

// leave leaves the call behind, unless it has returned.
func (r *call) leave() bool {
	r.component.mu.Lock()
	defer r.component.mu.Unlock()
	if r.returned {
		return false
	}
	r.hanging = true
	r.component.hanging++
	return true
}

// minHeadroom is the time that a call needs to return after its context ended. In a throttled container,
// two periods of 100 ms may pass before it runs.
const minHeadroom = 200 * time.Millisecond

// headroom returns ctx with an earlier deadline: by a twentieth of the remaining time or by minHeadroom,
// whichever is longer, but by at most a quarter.
func headroom(ctx context.Context, now time.Time) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	remaining := deadline.Sub(now)
	return context.WithDeadline(ctx, deadline.Add(-max(remaining/20, min(minHeadroom, remaining/4))))
}
