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

// A lock that was waited for in vain is not waited for again until it was free, and no other one of its group either.
func TestWaitOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var group timedlock.Group
		var call, line, other timedlock.Lock
		for _, l := range []*timedlock.Lock{&call, &line} {
			l.Join(&group)
			l.Acquire()
		}
		other.Acquire()
		var all sync.WaitGroup
		began := time.Now()
		for range 3 { // Those that wait at the same time.
			all.Go(func() { call.Acquire() })
		}
		time.AfterFunc(50*time.Millisecond, func() { line.Acquire() })
		all.Wait()
		for range 100 {
			if call.Acquire() || line.Acquire() {
				t.Fatal("a lock that is held was taken")
			}
		}
		if waited := time.Since(began); waited < 100*time.Millisecond || waited > 110*time.Millisecond {
			t.Errorf("waited for %v", waited)
		}
		began = time.Now()
		other.Acquire()
		if time.Since(began) < 100*time.Millisecond {
			t.Error("a lock of no group was not waited for")
		}
		call.Release()
		line.Release()
		if !call.Acquire() {
			t.Fatal("a lock that is free was not taken")
		}
		began = time.Now()
		call.Acquire()
		if time.Since(began) < 100*time.Millisecond {
			t.Error("a lock that was free once was not waited for again")
		}
	})
}
