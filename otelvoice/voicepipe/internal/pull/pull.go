// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package pull iterates over a provider's sequence without depending on the provider to
// return: it enforces timeouts and cancellation, and turns panics into errors.
package pull

import (
	"context"
	"iter"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
	"github.com/voice-agents/telemetry/otelvoice/voiceprovider"
)

// item is a value that a provider yields.
type item[T any] struct {
	value T
	err   error
}

// Seq returns a provider's sequence, which runs in a goroutine of its own. If the provider
// does not yield within the timeout, the sequence ends with [voiceprovider.ErrTimeout]. If it
// ignores ctx, its goroutine is abandoned. If it panics, the sequence ends with an error.
// Values that it yields after the end are dropped. The timeout applies to each value and
// starts when armed is closed, or at once if armed is nil. 0 is no timeout.
//
// The first error ends the sequence. If ctx is done, the error is that of ctx, whatever the
// provider returned.
func Seq[T any](ctx context.Context, timeout time.Duration, armed <-chan struct{}, seq func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		items := make(chan item[T])
		go run(ctx, items, seq)

		timer := time.NewTimer(timeout)
		defer timer.Stop()
		due := timer.C
		if armed != nil || timeout <= 0 {
			due = nil
		}
		var none T
		for {
			select {
			case i, ok := <-items:
				if !ok {
					if err := ctx.Err(); err != nil {
						yield(none, err)
					}
					return
				}
				if i.err != nil && ctx.Err() != nil {
					i.err = ctx.Err()
				}
				if !yield(i.value, i.err) || i.err != nil {
					return
				}
				timer.Reset(timeout)
			case <-armed:
				armed = nil
				if timeout > 0 {
					due = timer.C
					timer.Reset(timeout)
				}
			case <-due:
				yield(none, voiceprovider.ErrTimeout)
				return
			case <-ctx.Done():
				yield(none, ctx.Err())
				return
			}
		}
	}
}

// Call calls a function in the manner of [Seq]: it returns when the function has returned,
// the timeout has passed or ctx is done.
func Call[T any](ctx context.Context, timeout time.Duration, call func(context.Context) (T, error)) (T, error) {
	for value, err := range Seq(ctx, timeout, nil, func(ctx context.Context) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) { yield(call(ctx)) }
	}) {
		return value, err
	}
	var none T
	return none, ctx.Err()
}

// run sends the values of the sequence until ctx is done, and closes items.
func run[T any](ctx context.Context, items chan<- item[T], seq func(context.Context) iter.Seq2[T, error]) {
	defer close(items)
	send := func(value T, err error) bool {
		if ctx.Err() != nil {
			return false
		}
		select {
		case items <- item[T]{value, err}:
			return true
		case <-ctx.Done():
			return false
		}
	}
	defer func() {
		if r := recover(); r != nil {
			var none T
			send(none, failure.NewPanic(r))
		}
	}()
	// Call the sequence in place of ranging over it: a range loop panics if the provider
	// yields after the loop has ended.
	seq(ctx)(send)
}
