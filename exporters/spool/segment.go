// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/gofrs/flock"
)

// segment holds requests that are kept together: in a file, or in memory while the disk
// takes none. The process that has a file open holds its lock.
type segment struct {
	path    string // "" in memory.
	file    *os.File
	lock    *flock.Flock
	size    int64
	entries []*entry // What has not been delivered, the oldest first.
}

// entry is a request of a segment that has not been delivered. It is the handle by which
// settle, putBack and setAside find the request again.
type entry struct {
	found
	segment *segment  // Nil when it was dropped while it was being delivered.
	request request   // Its payload is nil while it is on disk.
	until   time.Time // When a request that is set aside is due; zero for all others.

	suspicion *suspicion // The sender's; nil for a request that was never set aside.
}

func (s *segment) add(r request, at found) {
	s.entries = append(s.entries, &entry{found: at, segment: s, request: r})
}

func (s *segment) inMemory() bool { return s.file == nil }

const (
	segmentSuffix = ".spool"
	lockSuffix    = ".lock"
)

// createSegment makes a file for a signal and locks it.
func createSegment(dir string, signal Signal, now time.Time, id string) (*segment, error) {
	// A name sorts by its time, so that the oldest is first.
	path := filepath.Join(dir, fmt.Sprintf("%s-%020d-%s%s", signal, now.UnixNano(), id, segmentSuffix))
	s := &segment{path: path, lock: flock.New(path + lockSuffix)}
	locked, err := s.lock.TryLock()
	if err != nil || !locked {
		return nil, errors.Join(fmt.Errorf("spool: lock %s", path), err)
	}
	if s.file, err = os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err != nil {
		s.unlock()
		return nil, fmt.Errorf("spool: make a segment: %w", err)
	}
	if s.size, err = writeStart(s.file, signal); err != nil {
		s.remove()
		return nil, fmt.Errorf("spool: begin a segment: %w", err)
	}
	return s, nil
}

func writeStart(f *os.File, signal Signal) (size int64, err error) {
	n, err := f.WriteAt(start(signal), 0)
	return int64(n), err
}

// adoptSegment takes over a file that no process has, with what is left in it. It returns
// nil for one that somebody has, or that has gone.
func adoptSegment(path string, signal Signal) (s *segment, damaged int, err error) {
	s = &segment{path: path, lock: flock.New(path + lockSuffix)}
	locked, err := s.lock.TryLock()
	if err != nil {
		return nil, 0, fmt.Errorf("spool: lock %s: %w", path, err)
	}
	if !locked {
		return nil, 0, nil
	}
	if s.file, err = os.OpenFile(path, os.O_RDWR, 0); err != nil {
		s.unlock()
		if errors.Is(err, fs.ErrNotExist) {
			return nil, 0, nil
		}
		return nil, 0, fmt.Errorf("spool: open a segment: %w", err)
	}
	b, err := os.ReadFile(path)
	if err == nil {
		err = checkStart(b, signal)
	}
	if err != nil {
		s.release()
		return nil, 0, fmt.Errorf("%s: %w", path, err)
	}
	records, damaged := scan(b)
	for _, r := range records {
		s.add(request{}, r)
	}
	s.size = int64(len(b))
	return s, damaged, nil
}

// write appends a request. On an error the file is as it was.
func (s *segment) write(r request, encoded []byte) error {
	if s.inMemory() {
		s.add(r, found{r.at, r.items, 0, len(r.payload)})
		s.size += int64(len(r.payload))
		return nil
	}
	if _, err := s.file.WriteAt(encoded, s.size); err != nil {
		_ = s.file.Truncate(s.size) // No half record, which would be counted as damage.
		return fmt.Errorf("spool: write: %w", err)
	}
	s.add(request{}, found{r.at, r.items, s.size, len(encoded)})
	s.size += int64(len(encoded))
	return nil
}

// load reads a request back and checks that it is what was written.
func (s *segment) load(e *entry, from *buffers) (request, error) {
	if s.inMemory() {
		return e.request, nil
	}
	b := from.take(e.size)[:e.size]
	if _, err := s.file.ReadAt(b, e.offset); err != nil {
		return request{}, fmt.Errorf("spool: read: %w", err)
	}
	r, _, _, err := parseRecord(b)
	r.buffer = b
	return r, err
}

// done takes a request away. A later process will not send it again.
func (s *segment) done(e *entry) {
	s.forget(e)
	if s.inMemory() {
		s.size -= int64(e.size)
		return
	}
	_, _ = s.file.WriteAt([]byte{stateDone}, e.offset+int64(stateAt)) // If it fails, the request is sent twice.
}

// forget takes an entry from the list. It mostly is the first.
func (s *segment) forget(e *entry) {
	i := slices.Index(s.entries, e)
	e.segment = nil
	if i > 0 {
		s.entries = slices.Delete(s.entries, i, i+1)
		return
	}
	s.entries[0] = nil
	s.entries = s.entries[1:]
}

// items is how many spans, points or records have not been delivered.
func (s *segment) items() (n int) {
	for _, e := range s.entries {
		n += e.items
	}
	return n
}

// remove deletes the file, for good.
func (s *segment) remove() {
	if s.inMemory() {
		return
	}
	_ = s.file.Close()
	_ = os.Remove(s.path)
	s.unlock()
}

// release leaves the file to the next process.
func (s *segment) release() {
	if s.inMemory() {
		return
	}
	_ = s.file.Close()
	_ = s.lock.Unlock()
}

// unlock gives up a lock whose file nobody needs any more.
func (s *segment) unlock() {
	_ = os.Remove(s.lock.Path())
	_ = s.lock.Unlock()
}
