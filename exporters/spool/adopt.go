// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// leftover is a segment of a process that has gone. It is only listed: it is opened, locked
// and read when its turn comes.
type leftover struct {
	name       string
	born, size int64
}

const (
	maxListed  = 4096     // The oldest leftovers that are remembered at a time.
	maxForeign = 16 << 10 // Files that are remembered as not the spool's.
	maxNamed   = 5        // Of them, those that a line names.
	// retryOpen is when a segment is tried again that could not be opened for a reason that may
	// pass, such as too many open files.
	retryOpen = 5 * time.Second
)

// adopt lists what processes have left that are gone. It reads the directory, and nothing
// of the files. It comes before what this process has put, where it is older.
func (q *queue) adopt() {
	if q.cfg.Dir == "" {
		return
	}
	list, more, err := q.list()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		q.tell.event("list "+string(q.signal), "spool directory cannot be read: "+err.Error())
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return
	}
	list = slices.DeleteFunc(list, func(l leftover) bool { return q.known[l.name] })
	q.left, q.leftMore, q.leftBytes = list, more, 0
	for _, l := range list {
		q.leftBytes += l.size
	}
	if len(list) > 0 {
		_ = q.owner.hold() // It says later whether the directory is still the same.
	}
	q.signalChange()
}

// list returns the leftovers, the oldest first, and whether there are more than are
// remembered.
func (q *queue) list() (list []leftover, more bool, err error) {
	dir, err := os.Open(q.cfg.Dir)
	if err != nil {
		return nil, false, err
	}
	defer dir.Close()
	var locks, odd []string
	for {
		entries, err := dir.ReadDir(1024)
		for _, e := range entries {
			name := e.Name()
			segment := strings.HasSuffix(name, segmentSuffix)
			if !strings.HasPrefix(name, string(q.signal)+"-") || !segment && !strings.HasSuffix(name, lockSuffix) {
				continue
			}
			switch {
			case !e.Type().IsRegular():
				odd = append(odd, name)
			case segment:
				list = append(list, leftover{name: name, born: bornAt(name)})
			default:
				locks = append(locks, name)
			}
		}
		if len(list) > 4*maxListed {
			list, more = q.oldest(list), true
		}
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, false, err
		}
	}
	held := q.heldLocks(locks)
	list = slices.DeleteFunc(list, func(l leftover) bool { return held[ownerOf(l.name)] || held[l.name] })
	more = more || len(list) > maxListed
	list, large := q.measure(q.oldest(list))
	q.leaveAll(odd, errNotRegular)
	q.leaveAll(large, errTooLarge)
	return list, more, nil
}

// oldest sorts leftovers and cuts them to those that are remembered, without those that are
// known not to be the spool's.
func (q *queue) oldest(list []leftover) []leftover {
	q.mu.Lock()
	list = slices.DeleteFunc(list, func(l leftover) bool { return q.foreign[l.name] })
	q.mu.Unlock()
	slices.SortFunc(list, func(a, b leftover) int {
		if a.born != b.born {
			return int(max(min(a.born-b.born, 1), -1))
		}
		return strings.Compare(a.name, b.name)
	})
	return slices.Clone(list[:min(len(list), maxListed)])
}

// measure asks for the sizes of those that are new.
func (q *queue) measure(list []leftover) (measured []leftover, large []string) {
	q.mu.Lock()
	sizes := make(map[string]int64, len(q.left))
	for _, l := range q.left {
		sizes[l.name] = l.size
	}
	q.mu.Unlock()
	for _, l := range list {
		size, ok := sizes[l.name]
		if !ok {
			info, err := os.Lstat(filepath.Join(q.cfg.Dir, l.name))
			if err != nil {
				continue // It was delivered meanwhile.
			}
			size = info.Size()
		}
		if l.size = size; size > maxSegment {
			large = append(large, l.name)
			continue
		}
		measured = append(measured, l)
	}
	return measured, large
}

// heldLocks returns the owners that live and, as earlier versions lock each segment, the
// segments whose lock is held.
func (q *queue) heldLocks(names []string) map[string]bool {
	held := make(map[string]bool)
	now := time.Now()
	for _, name := range names {
		of := strings.TrimSuffix(name, lockSuffix)
		if !strings.HasSuffix(of, segmentSuffix) {
			of = strings.TrimPrefix(of, string(q.signal)+"-")
		}
		if of != q.owner.name && isHeld(filepath.Join(q.cfg.Dir, name), now) {
			held[of] = true
		}
	}
	return held
}

// leaveAll remembers files that are not the spool's, and says so once.
func (q *queue) leaveAll(names []string, why error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var fresh []string
	for _, name := range names {
		if !q.foreign[name] && len(q.foreign) < maxForeign {
			q.foreign[name] = true
			fresh = append(fresh, name)
		}
	}
	if len(fresh) == 0 {
		return
	}
	more := ""
	if len(fresh) > maxNamed {
		more = fmt.Sprintf(" and %d more", len(fresh)-maxNamed)
		fresh = fresh[:maxNamed]
	}
	for i := range fresh {
		fresh[i] = filepath.Join(q.cfg.Dir, fresh[i])
	}
	q.tell.event("left alone "+fresh[0], fmt.Sprintf("files in the spool directory are left alone: %v: %s%s", why, strings.Join(fresh, ", "), more))
}

// leave remembers a file that is not the spool's. It is called with the lock held.
func (q *queue) leave(name string, err error) {
	if q.foreign[name] || len(q.foreign) >= maxForeign {
		return
	}
	q.foreign[name] = true
	if len(q.foreign) <= 2*maxNamed {
		q.tell.event("left alone "+name, "a file in the spool directory is left alone: "+err.Error())
	}
}

// isForeign reports whether an error says that a file is not the spool's to send.
func isForeign(err error) bool {
	for _, e := range []error{errForeign, errVersion, errSignal, errNotRegular, errTooLarge, fs.ErrPermission} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// readLeftover opens the oldest leftover, which is this process' then. It is nil if that was
// not to be had; the next may be. It is called with the lock held, which it gives up while
// it reads.
func (q *queue) readLeftover(now time.Time) *segment {
	l := q.left[0]
	q.left = q.left[1:]
	q.leftBytes -= l.size
	q.known[l.name] = true
	q.opening++
	q.openBytes += l.size
	q.mu.Unlock()
	s, damaged, err := readSegment(filepath.Join(q.cfg.Dir, l.name), q.signal, int64(fileStart))
	q.mu.Lock()
	q.opening--
	q.openBytes -= l.size
	if err == nil && q.closed {
		s.release()
		return nil
	}
	if err == nil {
		if damaged > 0 {
			q.drop(reasonDamaged, damaged)
		}
		q.onDisk += s.size
		return s
	}
	delete(q.known, l.name)
	switch {
	case errors.Is(err, errLocked): // Another process sends it.
	case errors.Is(err, fs.ErrNotExist):
		if q.directoryGone() != "" { // Else another process has sent it.
			q.left, q.leftBytes = slices.Insert(q.left, 0, l), q.leftBytes+l.size
			q.inspect(now, true)
		}
	case isForeign(err):
		q.leave(l.name, err)
	default:
		q.left, q.leftBytes = slices.Insert(q.left, 0, l), q.leftBytes+l.size
		q.leftRetry = now.Add(retryOpen)
		q.tell.event("open "+string(q.signal), "spool file cannot be opened, trying again: "+err.Error())
	}
	q.signalChange()
	return nil
}

// trim drops the oldest leftovers as long as the directory has more than MaxBytes of them
// and of this process' segments.
func (q *queue) trim() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for !q.closed && len(q.left) > 0 && q.onDisk+q.leftBytes+q.openBytes > q.cfg.MaxBytes && !time.Now().Before(q.leftRetry) {
		s := q.readLeftover(time.Now())
		if s == nil {
			continue
		}
		q.onDisk -= s.size
		delete(q.known, filepath.Base(s.path))
		if lost := s.waiting().items; lost > 0 {
			q.drop(reasonFull, lost)
		}
		s.remove()
		q.signalChange()
	}
}
