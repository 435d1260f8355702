// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/e2e/load"
)

// usage is the resource usage of the process at one time.
type usage struct {
	at  time.Time
	cpu time.Duration
}

func used() usage { return usage{time.Now(), load.CPU()} }

// peakRSS returns the kernel's high-water mark. The one of getrusage is at least that of the parent at
// the time when it started the process.
func peakRSS() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(status), "\nVmHWM:")
	kB, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, err := strconv.ParseInt(kB, 10, 64)
	if err != nil {
		return 0
	}
	return n << 10
}

// inUse returns the memory in use after a garbage collection.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // The second collection empties sync.Pools.
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return mem.HeapAlloc
}

// settled returns the number of goroutines after those that are about to end have ended: when there
// are no more than before, or when the number does not fall for a while.
func settled(before int) int {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	least := runtime.NumGoroutine()
	for quiet := 0; quiet < 50 && least > before; quiet++ {
		<-tick.C
		if n := runtime.NumGoroutine(); n < least {
			least, quiet = n, 0
		}
	}
	return least
}
