// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

import (
	"time"

	"github.com/voice-agents/telemetry/internal/memlimit"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Config bounds the requests that wait for a collector. The zero Config keeps them in memory.
type Config struct {
	// Dir is the directory of the files. It is created if it does not exist. If Dir is empty,
	// requests wait in memory.
	Dir string
	// MaxBytes bounds the size of the files of each signal, both of this process and of earlier
	// ones; 0 is 256 MiB. Above it, the oldest file, of up to 4 MiB, is dropped and counted.
	// Files of earlier processes are dropped in the background when this process writes.
	MaxBytes int64
	// MaxMemory bounds the bytes that wait in memory for each signal, without a directory or
	// while writes to it fail; 0 is a 32nd of the memory that the process may use, at least 8 and
	// at most 64 MiB. From an eighth of it on, requests are compressed. When it is full, spans and
	// records are dropped that package triage does not keep, and then the oldest request.
	MaxMemory int64
	// MaxAge is the age at which a request is dropped; 0 is 24 hours.
	MaxAge time.Duration

	// SegmentBytes is the size at which a file is full; 0 is 4 MiB or an eighth of MaxBytes.
	SegmentBytes int64
}

const (
	defaultBytes   = 256 << 20
	leastMemory    = 8 << 20 // The default of MaxMemory, at least and at most.
	mostMemory     = 64 << 20
	memoryShare    = 32
	itemMemory     = 1 << 10 // For an item of an explicit number of items.
	leastExplicit  = 1 << 20
	explicitShare  = 8
	defaultAge     = 24 * time.Hour
	smallestOnDisk = 64 << 10 // The least MaxBytes: enough for some requests.
)

// Filled returns the config with the defaults.
func (c Config) Filled() Config {
	if c.MaxBytes <= 0 {
		c.MaxBytes = defaultBytes
	}
	c.MaxBytes = max(c.MaxBytes, smallestOnDisk)
	if c.MaxMemory <= 0 {
		c.MaxMemory = DefaultMemory()
	}
	if c.MaxAge <= 0 {
		c.MaxAge = defaultAge
	}
	if c.SegmentBytes <= 0 {
		c.SegmentBytes = min(segment.SegmentBytes, c.MaxBytes/8)
	}
	return c
}

// MemoryFor returns the bound of the memory for a number of waiting items: 1 KiB for each, at least
// 1 MiB and at most an eighth of the memory that the process may use. An item takes less, and much
// less when it is compressed.
func MemoryFor(items int) int64 {
	return max(leastExplicit, min(int64(items)*itemMemory, memlimit.Bytes()/explicitShare))
}

// DefaultMemory returns the default of MaxMemory.
func DefaultMemory() int64 {
	return min(max(memlimit.Bytes()/memoryShare, leastMemory), mostMemory)
}
