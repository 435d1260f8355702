// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package pace makes a simulated call run faster than real time.
package pace

import (
	"context"
	"time"
)

// A Speed is how many seconds of the call pass in one second: 20 is twenty times real time.
type Speed float64

// Of returns the duration at this speed of what takes d in real time.
func (s Speed) Of(d time.Duration) time.Duration {
	return time.Duration(float64(d) / float64(s))
}

// Wait waits for d of the call's time. It returns early, with the cause, when ctx ends.
func (s Speed) Wait(ctx context.Context, d time.Duration) error { return wait(ctx, s.Of(d)) }

// Until waits until d of the call's time after start. What waits so again and again keeps the pace:
// a wait that takes longer shortens the next one. It returns early, with the cause, when ctx ends.
func (s Speed) Until(ctx context.Context, start time.Time, d time.Duration) error {
	return wait(ctx, time.Until(start.Add(s.Of(d))))
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
