// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"time"

	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Config says where requests are kept and how many. The zero Config keeps them in memory.
type Config struct {
	// Dir is the directory of the files; it is made. Empty keeps requests in memory.
	Dir string
	// MaxBytes bounds the files of each signal that a process has made or found left by earlier
	// ones; 0 is 256 MiB. Above it the oldest file, of up to 4 MiB, is dropped and counted.
	// Files that were found are dropped in the background once this process writes.
	MaxBytes int64
	// MaxMemory bounds what waits in memory for each signal, when there is no directory or
	// its disk takes no more; 0 is 8 MiB. Above it the oldest request is dropped.
	MaxMemory int64
	// MaxAge is for how long a request may wait; 0 is a day.
	MaxAge time.Duration

	SegmentBytes int64
}

const (
	defaultBytes   = 256 << 20
	defaultMemory  = 8 << 20
	defaultAge     = 24 * time.Hour
	smallestOnDisk = 64 << 10 // Of MaxBytes: room for some requests.
)

func (c Config) Filled() Config {
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultBytes
	}
	c.MaxBytes = max(c.MaxBytes, smallestOnDisk)
	if c.MaxMemory <= 0 {
		c.MaxMemory = defaultMemory
	}
	if c.MaxAge <= 0 {
		c.MaxAge = defaultAge
	}
	if c.SegmentBytes <= 0 {
		c.SegmentBytes = min(segment.SegmentBytes, c.MaxBytes/8)
	}
	return c
}
