// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

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

// Segment holds a sequence of requests: in a file, or in memory while writes to the disk
// fail. The process holds the lock of an open file. Few segments are open at a time; of the
// closed ones only the number of requests and items is in memory.
type Segment struct {
	Path    string      // "" in memory.
	Born    int64       // The time in its name, in nanoseconds.
	File    *os.File    // Nil in memory, and while it is closed.
	Info    fs.FileInfo // Identifies the file.
	Size    int64
	Own     bool     // This process created it.
	Lost    bool     // The path no longer names the file, and a new file could not be written.
	Entries []*Entry // Undelivered requests, the oldest first. Empty if the segment is unread.

	Unread  *unread   // The contents of a closed segment; nil if Entries is set.
	Reading bool      // It is being read, without the queue's lock.
	Resume  int64     // The offset to read on from when the entries are delivered; 0 if all was read.
	RetryAt time.Time // When a segment that could not be opened is tried again.
}

// unread counts the contents of a segment whose entries are not in memory.
type unread struct {
	Requests, Items int
	Oldest          time.Time
}

// Entry is an undelivered request of a segment. It is the handle by which settle, putBack and
// setAside find the request.
type Entry struct {
	Found
	Segment *Segment  // Nil if the segment was dropped during the delivery.
	request Request   // Its payload is nil while it is on disk.
	Until   time.Time // When a request that is set aside is due; zero for all others.

	Suspicion *Suspicion // The sender's; nil for a request that was never set aside.
	Triaged   bool       // All of its items are to be kept as long as possible.
}

// Waits returns a request that waits in memory, as it waits there.
func (e *Entry) Waits() Request { return e.request }

// Shorten replaces a request that waits in memory by a part of it.
func (e *Entry) Shorten(r Request) {
	e.Segment.Size += int64(len(r.Payload) - e.Size)
	e.request, e.Items, e.Size = r, r.Items, len(r.Payload)
}

func (s *Segment) add(r Request, at Found) {
	s.Entries = append(s.Entries, &Entry{Found: at, Segment: s, request: r})
}

// InMemory reports whether the segment has no file.
func (s *Segment) InMemory() bool { return s.Path == "" }

// SegmentSuffix is the suffix of the names of segment files.
const SegmentSuffix = ".spool"

// SegmentName returns a file name. Names sort by time, the oldest first.
func SegmentName(signal Signal, born int64, owner string, number int) string {
	return fmt.Sprintf("%s-%020d-%s-%06d%s", signal, born, owner, number, SegmentSuffix)
}

// BornAt returns the time in a segment's name, or 0 if it has none.
func BornAt(name string) int64 {
	_, rest, _ := strings.Cut(name, "-")
	digits, _, _ := strings.Cut(rest, "-")
	born, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || born < 0 {
		return 0
	}
	return born
}

// CreateSegment creates a file for a signal and locks it.
func CreateSegment(path string, signal Signal) (*Segment, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("spool: make a segment: %w", err)
	}
	s := &Segment{Path: path, Born: BornAt(filepath.Base(path)), File: f, Own: true}
	locked, err := TryLock(f, false)
	if err == nil && !locked {
		err = ErrLocked
	}
	if err == nil {
		s.Info, err = f.Stat()
	}
	if err == nil {
		var n int
		n, err = f.WriteAt(Start(signal), 0)
		s.Size = int64(n)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("spool: begin a segment: %w", err), os.Remove(path), f.Close())
	}
	return s, nil
}

// ErrLocked means that another process has locked a segment.
var ErrLocked = errors.New("spool: another process has the file")

// OpenSegment opens and locks a file. It fails with [ErrLocked] if another process has
// locked it, and with fs.ErrNotExist if it was deleted.
func OpenSegment(path string) (*os.File, fs.FileInfo, error) {
	f, info, err := OpenRegular(path, os.O_RDWR, MaxSegment)
	if err != nil {
		return nil, nil, fmt.Errorf("spool: %w", err)
	}
	locked, err := TryLock(f, false)
	if err == nil && !locked {
		err = ErrLocked
	}
	if err == nil && !isAt(path, info) { // Another process delivered it before it released the lock.
		err = fs.ErrNotExist
	}
	if err == nil {
		info, err = f.Stat() // The size may have changed before the lock was released.
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("spool: open %s: %w", path, err), f.Close())
	}
	return f, info, nil
}

// ReadSegment opens a file and reads the requests after an offset. Damaged is the number of
// items that were lost to damage.
func ReadSegment(path string, signal Signal, from int64) (s *Segment, damaged int, err error) {
	f, info, err := OpenSegment(path)
	if err != nil {
		return nil, 0, err
	}
	s = &Segment{Path: path, Born: BornAt(filepath.Base(path)), File: f, Info: info, Size: info.Size()}
	records, damaged, resume, err := ScanSegment(f, s.Size, signal, from)
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("spool: %s: %w", path, err), f.Close())
	}
	for _, r := range records {
		s.add(Request{}, r)
	}
	s.Resume = resume
	return s, damaged, nil
}

// Write appends a request. On an error the file is unchanged.
func (s *Segment) Write(r Request, encoded []byte) error {
	if s.InMemory() {
		s.add(r, Found{r.At, r.Items, 0, len(r.Payload)})
		s.Size += int64(len(r.Payload))
		return nil
	}
	if _, err := s.File.WriteAt(encoded, s.Size); err != nil {
		_ = s.File.Truncate(s.Size) // A partial record would be counted as damage.
		return fmt.Errorf("spool: write: %w", err)
	}
	s.add(Request{}, Found{r.At, r.Items, s.Size, len(encoded)})
	s.Size += int64(len(encoded))
	return nil
}

// Load reads a request and verifies its checksum.
func (s *Segment) Load(e *Entry, from *Buffers) (r Request, done bool, err error) {
	if s.InMemory() {
		r, err := e.request.sendable(from)
		return r, false, err
	}
	b := from.Take(e.Size)[:e.Size]
	if _, err := s.File.ReadAt(b, e.offset); err != nil {
		return Request{}, false, fmt.Errorf("spool: read: %w", err)
	}
	r, _, done, err = parseRecord(b)
	r.Buffer = b
	return r, done, err
}

// Done removes a delivered request. A later process will not send it again.
func (s *Segment) Done(e *Entry) {
	s.Forget(e)
	if s.InMemory() {
		s.Size -= int64(e.Size)
		return
	}
	s.mark(e.Found)
}

// mark marks a request in the file as delivered. If that fails, it is sent twice.
func (s *Segment) mark(at Found) {
	if s.File != nil {
		_, _ = s.File.WriteAt([]byte{StateDone}, at.offset+int64(StateAt))
	}
}

// Forget removes an entry from the list. It usually is the first.
func (s *Segment) Forget(e *Entry) {
	i := slices.Index(s.Entries, e)
	e.Segment = nil
	if i > 0 {
		s.Entries = slices.Delete(s.Entries, i, i+1)
		return
	}
	s.Entries[0] = nil
	s.Entries = s.Entries[1:]
}

// Waiting returns the number of undelivered requests and items.
func (s *Segment) Waiting() unread {
	if s.Unread != nil {
		return *s.Unread
	}
	u := unread{Requests: len(s.Entries)}
	for _, e := range s.Entries {
		u.Items += e.Items
		if u.Oldest.IsZero() || e.At.Before(u.Oldest) {
			u.Oldest = e.At
		}
	}
	return u
}

// Begins is the time, in nanoseconds, by which segments are ordered.
func (s *Segment) Begins() int64 {
	if s.InMemory() && len(s.Entries) > 0 {
		return s.Entries[0].At.UnixNano()
	}
	return s.Born
}

// Empty reports whether all requests are delivered.
func (s *Segment) Empty() bool { return s.Unread == nil && len(s.Entries) == 0 && s.Resume == 0 }

// Close closes the file and, unless some of its requests are set aside, keeps only the number
// of requests and items. It must not be called while one of its requests is being delivered.
func (s *Segment) Close() {
	if s.File == nil {
		return
	}
	_ = s.File.Close()
	s.File = nil
	if slices.ContainsFunc(s.Entries, func(e *Entry) bool { return !e.Until.IsZero() }) {
		return
	}
	u := s.Waiting()
	s.Unread, s.Entries = &u, nil
}

// Remove deletes the file, unless its path now names another file.
func (s *Segment) Remove() {
	switch {
	case s.InMemory():
	case s.File != nil:
		removeOpen(s.Path, s.File, s.Info)
		s.File = nil
	case isAt(s.Path, s.Info):
		_ = os.Remove(s.Path)
	}
}

// Release closes the file for the next process.
func (s *Segment) Release() {
	if s.File != nil {
		_ = s.File.Close()
		s.File = nil
	}
}

// MoveFrom writes all requests of a segment in memory to the file and takes over its entries.
// On an error the entries stay in the other segment.
func (s *Segment) MoveFrom(memory *Segment) error {
	places := make([]Found, len(memory.Entries))
	for i, e := range memory.Entries {
		r, err := e.request.sendable(&Buffers{})
		if err != nil {
			return err
		}
		if err := s.Write(r, AppendRecord(nil, r)); err != nil {
			return err
		}
		places[i] = s.Entries[i].Found
	}
	for i, e := range memory.Entries {
		e.Segment, e.Found, e.request = s, places[i], Request{}
	}
	s.Entries, memory.Entries = memory.Entries, nil
	return nil
}

// FileProblem describes how another program changed the file: "removed", "replaced",
// "truncated" or "overwritten"; "" if the file is unchanged or cannot be checked.
func (s *Segment) FileProblem(signal Signal) string {
	there, err := os.Lstat(s.Path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return ""
	case err != nil:
		return "removed"
	case !os.SameFile(s.Info, there):
		return "replaced"
	case s.File == nil: // Changes are detected when it is read.
		return ""
	case there.Size() < s.Size:
		return "truncated"
	}
	begin := make([]byte, FileStart)
	if _, err := s.File.ReadAt(begin, 0); err == nil && checkStart(begin, signal) != nil {
		return "overwritten"
	}
	return ""
}

// Suspicion is the state of a request that was set aside. Only the sender uses it.
type Suspicion struct {
	Accepted  int64         // The number of requests that the endpoint had accepted at the last attempt.
	Confirmed bool          // The endpoint accepts others, but not this one.
	Pause     time.Duration // Until the next attempt.
}
