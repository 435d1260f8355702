// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package store

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"
)

// A Loss is why signals are not in the store.
type Loss string

// The losses.
const (
	// LostAge, LostBytes and LostSessions count sessions that were forgotten for a limit.
	LostAge      Loss = "a call is older than the limit"
	LostBytes    Loss = "calls have more bytes than the limit"
	LostSessions Loss = "there are more calls than the limit"
	// LostLong counts signals of a session that has too many.
	LostLong Loss = "a call has more spans and log records than the limit"
	// LostUnreadable counts signals that cannot be written as JSON.
	LostUnreadable Loss = "a span or log record cannot be stored"
	// LostWrite counts signals that were not written because the database failed.
	LostWrite Loss = "the database failed"
	// OutsideOfCalls counts log records without a trace and a session, such as those of the program's start.
	OutsideOfCalls Loss = "a log record has neither a session nor a trace"
)

// counts counts losses.
type counts struct {
	mu sync.Mutex
	of map[Loss]int64
}

func (c *counts) add(why Loss, n int) {
	if n == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of == nil {
		c.of = make(map[Loss]int64)
	}
	c.of[why] += int64(n)
}

func (c *counts) all() map[Loss]int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.of)
}

// sizeOf returns about how much of memory or of the file a signal takes. Its IDs, its places in the indexes, and its
// share of the lists take 350 bytes, as measured of 460,000 log lines. In memory, SQLite allocates 8 KiB for a page of
// 4 KiB, since a page has a header.
func (w *writer) sizeOf(i *item) int64 {
	size := int64(len(i.data)) + 350
	if w.isInMemory {
		size *= 2
	}
	return size
}

// forgottenAtOnce is the share of a limit that is freed when it is reached, so that sessions are sorted rarely.
const forgottenAtOnce = 20

// forget removes the sessions that are over the limits.
func (w *writer) forget(ctx context.Context, now time.Time) error {
	limits := w.store.limits
	isFull := len(w.sessions) > limits.Sessions || w.bytes > limits.Bytes
	if !isFull && now.Sub(w.tidied) < tidyEvery {
		return nil
	}
	w.tidied = now
	sessions, bytes := limits.Sessions, limits.Bytes
	if isFull {
		sessions -= sessions / forgottenAtOnce
		bytes -= bytes / forgottenAtOnce
	}
	all := make([]*session, 0, len(w.sessions))
	for _, s := range w.sessions {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *session) int { return a.seen.Compare(b.seen) })
	for _, s := range all {
		var why Loss
		switch {
		case now.Sub(s.seen) > limits.Age:
			why = LostAge
		case len(w.sessions) > sessions && isFull:
			why = LostSessions
		case w.bytes > bytes && isFull:
			why = LostBytes
		default:
			return nil
		}
		if err := w.remove(ctx, s); err != nil {
			return err
		}
		w.store.lost.add(why, 1)
	}
	return nil
}
