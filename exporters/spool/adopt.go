// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// adopt takes over what processes have left that are gone. It comes before what this one
// has put: it is older.
func (q *queue) adopt() {
	if q.cfg.Dir == "" {
		return
	}
	entries, err := os.ReadDir(q.cfg.Dir)
	if err != nil {
		q.tell.once("the spool's directory cannot be read", err)
		return
	}
	var adopted []*segment
	for _, e := range entries { // In the order of their names, and so of their times.
		path := filepath.Join(q.cfg.Dir, e.Name())
		if strings.HasPrefix(e.Name(), string(q.signal)+"-") && strings.HasSuffix(e.Name(), segmentSuffix+lockSuffix) {
			removeStaleLock(path)
		}
		if !strings.HasPrefix(e.Name(), string(q.signal)+"-") || !strings.HasSuffix(e.Name(), segmentSuffix) || q.has(path) {
			continue
		}
		s, damaged, err := adoptSegment(path, q.signal)
		if err != nil {
			q.leave(path)
			q.tell.once("a file in the spool's directory is left alone", err)
			continue
		}
		if damaged > 0 {
			q.drop(reasonDamaged, damaged)
		}
		if s == nil {
			continue
		}
		if len(s.entries) == 0 {
			s.remove()
			continue
		}
		adopted = append(adopted, s)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	at := 0
	if q.sending != nil {
		at = 1
	}
	for _, s := range adopted {
		q.onDisk += s.size
		q.known[s.path] = true
	}
	q.segments = slices.Insert(q.segments, min(at, len(q.segments)), adopted...)
	q.signalChange()
}

// removeStaleLock removes the lock of a segment that has gone, which a process has left
// that was killed between the two. A young one may be that of a segment to come.
func removeStaleLock(path string) {
	info, err := os.Stat(path)
	if err != nil || time.Since(info.ModTime()) < time.Minute {
		return
	}
	if _, err := os.Stat(strings.TrimSuffix(path, lockSuffix)); !errors.Is(err, fs.ErrNotExist) {
		return
	}
	lock := flock.New(path)
	if locked, err := lock.TryLock(); err == nil && locked {
		_ = os.Remove(path)
		_ = lock.Unlock()
	}
}

func (q *queue) has(path string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.known[path]
}

// leave remembers a file that is not ours, to tell of it once.
func (q *queue) leave(path string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.known[path] = true
}
