// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package voicepipe

import (
	"context"
	"iter"
	"time"

	"github.com/voice-agents/telemetry/internal/failure"
)

// item is what a provider yields.
type item[T any] struct {
	value T
	err   error
}

// pull returns a provider's sequence, drawn in a goroutine of its own, so that no
// provider can hold a call up: one that does not answer within patience ends in
// [ErrTimeout], one that does not heed ctx is left behind with it, one that panics
// ends in an error, and what one yields after all that goes nowhere. Patience is for
// each value, and begins when armed is closed; nil is closed. With none it has no
// end.
//
// The first error ends the sequence. Whatever a provider makes of a context that is
// done, the error is then the context's.
func pull[T any](ctx context.Context, patience time.Duration, armed <-chan struct{}, seq func(context.Context) iter.Seq2[T, error]) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		items := make(chan item[T])
		go draw(ctx, items, seq)

		timer := time.NewTimer(patience)
		defer timer.Stop()
		due := timer.C
		if armed != nil || patience <= 0 {
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
				timer.Reset(patience)
			case <-armed:
				armed = nil
				if patience > 0 {
					due = timer.C
					timer.Reset(patience)
				}
			case <-due:
				yield(none, ErrTimeout)
				return
			case <-ctx.Done():
				yield(none, ctx.Err())
				return
			}
		}
	}
}

// guard calls what is not trusted to return: it waits no longer than patience, nor
// than ctx.
func guard[T any](ctx context.Context, patience time.Duration, call func(context.Context) (T, error)) (T, error) {
	for value, err := range pull(ctx, patience, nil, func(ctx context.Context) iter.Seq2[T, error] {
		return func(yield func(T, error) bool) { yield(call(ctx)) }
	}) {
		return value, err
	}
	var none T
	return none, ctx.Err()
}

// draw hands on what the sequence yields, for as long as somebody takes it, and
// closes items.
func draw[T any](ctx context.Context, items chan<- item[T], seq func(context.Context) iter.Seq2[T, error]) {
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
	// Called and not ranged over: a provider that yields after it was told to stop
	// is told so again, and does not panic.
	seq(ctx)(send)
}
