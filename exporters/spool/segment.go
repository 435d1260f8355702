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
	"strconv"
	"strings"
	"time"
)

// segment holds requests that are kept together: in a file, or in memory while the disk
// takes none. Its process holds the lock of the file as long as it has it open. Few are
// open at a time; of the others only how much is in them is remembered.
type segment struct {
	path    string      // "" in memory.
	born    int64       // The time in its name, in nanoseconds.
	file    *os.File    // Nil in memory, and while it is closed.
	info    fs.FileInfo // Of the file; says which one it is.
	size    int64
	own     bool     // This process has made it.
	lost    bool     // The path is not the file any more, and it could not be written anew.
	entries []*entry // What has not been delivered, the oldest first. None if it is unread.

	unread  *unread   // What is in a closed segment, nil if the entries are there.
	reading bool      // It is being read, without the queue's lock.
	resume  int64     // Where reading goes on when the entries are delivered; 0 if all was read.
	retryAt time.Time // When a segment that could not be opened is tried again.
}

// unread is how much is in a segment whose entries are not in memory.
type unread struct {
	requests, items int
	oldest          time.Time
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

func (s *segment) inMemory() bool { return s.path == "" }

const segmentSuffix = ".spool"

// segmentName returns a name that sorts by the time: the oldest is first.
func segmentName(signal Signal, born int64, owner string, number int) string {
	return fmt.Sprintf("%s-%020d-%s-%06d%s", signal, born, owner, number, segmentSuffix)
}

// bornAt returns the time in a segment's name, 0 if there is none.
func bornAt(name string) int64 {
	_, rest, _ := strings.Cut(name, "-")
	digits, _, _ := strings.Cut(rest, "-")
	born, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || born < 0 {
		return 0
	}
	return born
}

// createSegment makes a file for a signal and locks it.
func createSegment(path string, signal Signal) (*segment, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("spool: make a segment: %w", err)
	}
	s := &segment{path: path, born: bornAt(filepath.Base(path)), file: f, own: true}
	locked, err := tryLock(f, false)
	if err == nil && !locked {
		err = errLocked
	}
	if err == nil {
		s.info, err = f.Stat()
	}
	if err == nil {
		var n int
		n, err = f.WriteAt(start(signal), 0)
		s.size = int64(n)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spool: begin a segment: %w", err), os.Remove(path), f.Close())
	}
	return s, nil
}

// errLocked says that another process has a segment.
var errLocked = errors.New("spool: another process has the file")

// openSegment opens and locks a file. It fails with errLocked if another process has it, and
// with fs.ErrNotExist if one has deleted it.
func openSegment(path string) (*os.File, fs.FileInfo, error) {
	f, info, err := openRegular(path, os.O_RDWR, maxSegment)
	if err != nil {
		return nil, nil, fmt.Errorf("spool: %w", err)
	}
	locked, err := tryLock(f, false)
	if err == nil && !locked {
		err = errLocked
	}
	if err == nil && !isAt(path, info) { // It was delivered before the lock was free.
		err = fs.ErrNotExist
	}
	if err == nil {
		info, err = f.Stat() // The size may have changed before the lock was free.
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("spool: open %s: %w", path, err), f.Close())
	}
	return f, info, nil
}

// readSegment opens a file and reads what is in it behind an offset. Damaged counts the items
// that were lost in it.
func readSegment(path string, signal Signal, from int64) (s *segment, damaged int, err error) {
	f, info, err := openSegment(path)
	if err != nil {
		return nil, 0, err
	}
	s = &segment{path: path, born: bornAt(filepath.Base(path)), file: f, info: info, size: info.Size()}
	records, damaged, resume, err := scanSegment(f, s.size, signal, from)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("spool: %s: %w", path, err), f.Close())
	}
	for _, r := range records {
		s.add(request{}, r)
	}
	s.resume = resume
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
func (s *segment) load(e *entry, from *buffers) (r request, done bool, err error) {
	if s.inMemory() {
		return e.request, false, nil
	}
	b := from.take(e.size)[:e.size]
	if _, err := s.file.ReadAt(b, e.offset); err != nil {
		return request{}, false, fmt.Errorf("spool: read: %w", err)
	}
	r, _, done, err = parseRecord(b)
	r.buffer = b
	return r, done, err
}

// done takes a request away. A later process will not send it again.
func (s *segment) done(e *entry) {
	s.forget(e)
	if s.inMemory() {
		s.size -= int64(e.size)
		return
	}
	s.mark(e.found)
}

// mark says in the file that a request was delivered. If that fails, it is sent twice.
func (s *segment) mark(at found) {
	if s.file != nil {
		_, _ = s.file.WriteAt([]byte{stateDone}, at.offset+int64(stateAt))
	}
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

// waiting is how many requests and items have not been delivered.
func (s *segment) waiting() unread {
	if s.unread != nil {
		return *s.unread
	}
	u := unread{requests: len(s.entries)}
	for _, e := range s.entries {
		u.items += e.items
		if u.oldest.IsZero() || e.at.Before(u.oldest) {
			u.oldest = e.at
		}
	}
	return u
}

// begins is the time, in nanoseconds, by which a segment is in its place among others.
func (s *segment) begins() int64 {
	if s.inMemory() && len(s.entries) > 0 {
		return s.entries[0].at.UnixNano()
	}
	return s.born
}

// empty reports whether all has been delivered.
func (s *segment) empty() bool { return s.unread == nil && len(s.entries) == 0 && s.resume == 0 }

// close closes the file and, unless some of its requests are set aside, forgets all but how
// much is in it. It is not called for what is being delivered.
func (s *segment) close() {
	if s.file == nil {
		return
	}
	_ = s.file.Close()
	s.file = nil
	if slices.ContainsFunc(s.entries, func(e *entry) bool { return !e.until.IsZero() }) {
		return
	}
	u := s.waiting()
	s.unread, s.entries = &u, nil
}

// remove deletes the file, unless another one is at its path by now.
func (s *segment) remove() {
	switch {
	case s.inMemory():
	case s.file != nil:
		removeOpen(s.path, s.file, s.info)
		s.file = nil
	case isAt(s.path, s.info):
		_ = os.Remove(s.path)
	}
}

// release leaves the file to the next process.
func (s *segment) release() {
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
}
