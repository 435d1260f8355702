// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package wait waits for channels and timers until a context is done.
package wait

import (
	"context"
	"time"
)

// Send sends a value. It returns the cause of ctx if ctx is done first.
func Send[T any](ctx context.Context, to chan<- T, value T) error {
	select {
	case to <- value:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Sleep waits for a duration. It returns the cause of ctx if ctx is done first.
func Sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
