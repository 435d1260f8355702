// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pace_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/examples/voiceagent/pace"
)

func TestWaitIsFasterThanRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		if err := pace.Speed(20).Wait(t.Context(), 10*time.Second); err != nil {
			t.Fatal(err)
		}
		if got, want := time.Since(start), 500*time.Millisecond; got != want {
			t.Errorf("10 s took %v, want %v", got, want)
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancelCause(t.Context())
		cause := errors.New("the caller speaks")
		time.AfterFunc(time.Second, func() { cancel(cause) })
		start := time.Now()
		if err := pace.Speed(1).Wait(ctx, time.Hour); !errors.Is(err, cause) {
			t.Errorf("got %v, want %v", err, cause)
		}
		if got := time.Since(start); got != time.Second {
			t.Errorf("waited %v, want 1s", got)
		}
	})
}
