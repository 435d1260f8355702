// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package threadid_test

import (
	"runtime"
	"sync"
	"syscall"
	"testing"

	"github.com/voice-agents/telemetry/internal/logpipe/threadid"
)

// With a toolchain whose runtime the package does not know, every record costs a system call.
func TestDirect(t *testing.T) {
	want := runtime.Compiler == "gc" && (runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64")
	if got := threadid.New().Direct(); got != want {
		t.Errorf("direct = %v, want %v with %s", got, want, runtime.Version())
	}
}

// The ID is that of gettid on many threads, old and new.
func TestCurrentOnManyThreads(t *testing.T) {
	for _, tt := range []struct {
		name   string
		reader threadid.Reader
	}{{"fastest", threadid.New()}, {"system call", threadid.Reader{}}} {
		t.Run(tt.name, func(t *testing.T) {
			for range 4 {
				seen := make(chan int, 32)
				var wg sync.WaitGroup
				locked := sync.WaitGroup{}
				locked.Add(cap(seen))
				for i := range cap(seen) {
					wg.Go(func() {
						runtime.LockOSThread()
						if i%2 == 0 { // The others end their threads, so that new ones are started.
							defer runtime.UnlockOSThread()
						}
						locked.Done()
						locked.Wait()
						got, want := tt.reader.Current(), syscall.Gettid()
						if got != want {
							t.Errorf("got %d, want %d", got, want)
						}
						seen <- got
					})
				}
				wg.Wait()
				close(seen)
				distinct := make(map[int]bool)
				for id := range seen {
					distinct[id] = true
				}
				if len(distinct) != cap(seen) {
					t.Errorf("%d threads have %d IDs", cap(seen), len(distinct))
				}
			}
		})
	}
}

// The ID is right on whatever thread a goroutine has moved to.
func TestCurrentAfterMoving(t *testing.T) {
	r := threadid.New()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 10_000 {
				runtime.Gosched()
				runtime.LockOSThread()
				got, want := r.Current(), syscall.Gettid()
				runtime.UnlockOSThread()
				if got != want {
					t.Errorf("got %d, want %d", got, want)
					return
				}
			}
		})
	}
	wg.Wait()
}

func TestCurrentDoesNotAllocate(t *testing.T) {
	r := threadid.New()
	if n := testing.AllocsPerRun(100, func() { r.Current() }); n != 0 {
		t.Errorf("%v allocations, want 0", n)
	}
}

func BenchmarkCurrent(b *testing.B) {
	for _, bb := range []struct {
		name   string
		reader threadid.Reader
	}{{"fastest", threadid.New()}, {"system call", threadid.Reader{}}} {
		b.Run(bb.name, func(b *testing.B) {
			for b.Loop() {
				bb.reader.Current()
			}
		})
	}
}
