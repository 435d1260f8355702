// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package timedlock_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/otelvoice/voicews/internal/timedlock"
)

func TestOneHolder(t *testing.T) {
	var lock timedlock.Lock
	var all sync.WaitGroup
	count := 0
	for range 8 {
		all.Go(func() {
			for range 1000 {
				for !lock.Acquire() { // A slow machine may stop the holder.
				}
				count++
				lock.Release()
			}
		})
	}
	all.Wait()
	if count != 8000 {
		t.Errorf("counted %d, want 8000", count)
	}
}

func TestWait(t *testing.T) {
	for _, tt := range []struct {
		name string
		held time.Duration
		want bool
	}{
		{"a short time", 50 * time.Millisecond, true},
		{"by what waits for itself", time.Hour, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var lock timedlock.Lock
				lock.Acquire()
				time.AfterFunc(tt.held, lock.Release)
				began := time.Now()
				if got := lock.Acquire(); got != tt.want {
					t.Errorf("Acquire is %v, want %v", got, tt.want)
				}
				if waited := time.Since(began); waited < 50*time.Millisecond || waited > 110*time.Millisecond {
					t.Errorf("waited for %v", waited)
				}
			})
		})
	}
}
