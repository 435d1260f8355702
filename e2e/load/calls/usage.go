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

// usage is what the process has used at a time.
type usage struct {
	at  time.Time
	cpu time.Duration
}

func used() usage { return usage{time.Now(), load.CPU()} }

// peakRSS is what the kernel calls the high-water mark. That of getrusage is no less than
// the parent's was when it started the process.
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

// inUse is how much memory is, after a collection.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // What is in pools goes the second time.
	var mem runtime.MemStats
	runtime.ReadMemStats(&mem)
	return mem.HeapAlloc
}

// settled is how many goroutines there are when those that are about to end have: when
// there are no more than before, or for a while no fewer.
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
