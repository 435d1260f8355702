// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package timedlock

import (
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
)

// In fake time, no time passes while a goroutine waits for a mutex. A wait must not need time to see that the lock was
// released.
func TestReleaseEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lock Lock
		var mutex sync.Mutex
		var all sync.WaitGroup
		lock.Acquire()
		mutex.Lock()
		all.Go(func() {
			mutex.Lock() // Until the goroutine below has the lock.
			defer mutex.Unlock()
		})
		all.Go(func() {
			defer mutex.Unlock()
			if lock.Acquire() {
				lock.Release()
			} else {
				t.Error("a lock that was released was not taken")
			}
		})
		for q := lock.queue.Load(); q == nil || q.length.Load() == 0; q = lock.queue.Load() {
			runtime.Gosched()
		}
		lock.Release()
		all.Wait()
	})
}
