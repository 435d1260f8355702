// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package queue

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

	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// leftover is a segment of a process that has ended. It is only listed; it is opened, locked and read
// when it becomes the oldest segment.
type leftover struct {
	Name       string
	born, size int64
}

// The limits of leftovers.
const (
	MaxListed  = 4096     // The maximum number of listed leftovers, the oldest ones.
	maxForeign = 16 << 10 // The maximum number of recorded files that are not the spool's.
	maxNamed   = 5        // The maximum number of these that a log line names.
	// retryOpen is the pause before another attempt to open a segment that could not be opened for a
	// temporary reason, such as too many open files.
	retryOpen = 5 * time.Second
)

// Adopt lists the segments of processes that have ended. It reads the directory but not the files.
// Older leftovers are sent before this process' own segments.
func (q *Queue) Adopt() {
	if q.Cfg.Dir == "" {
		return
	}
	list, more, err := q.list()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		q.Report.Event("list "+string(q.Signal), "spool directory cannot be read: "+err.Error())
		return
	}
	q.Mu.Lock()
	defer q.Mu.Unlock()
	if q.closed {
		return
	}
	list = slices.DeleteFunc(list, func(l leftover) bool { return q.Known[l.Name] })
	q.Leftovers, q.moreLeftovers, q.leftoverBytes = list, more, 0
	for _, l := range list {
		q.leftoverBytes += l.size
	}
	if len(list) > 0 {
		_ = q.owner.Hold() // The lock file later shows whether the directory is still the same.
	}
	q.signalChange()
}

// list returns the leftovers, the oldest first, and whether there are more than MaxListed.
func (q *Queue) list() (list []leftover, more bool, err error) {
	dir, err := os.Open(q.Cfg.Dir)
	if err != nil {
		return nil, false, err
	}
	defer dir.Close()
	var locks, odd []string
	for {
		entries, err := dir.ReadDir(1024)
		for _, e := range entries {
			name := e.Name()
			isSegment := strings.HasSuffix(name, segment.SegmentSuffix)
			if !strings.HasPrefix(name, string(q.Signal)+"-") || !isSegment && !strings.HasSuffix(name, segment.LockSuffix) {
				continue
			}
			switch {
			case !e.Type().IsRegular():
				odd = append(odd, name)
			case isSegment:
				list = append(list, leftover{Name: name, born: segment.BornAt(name)})
			default:
				locks = append(locks, name)
			}
		}
		if len(list) > 4*MaxListed {
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
	list = slices.DeleteFunc(list, func(l leftover) bool { return held[segment.OwnerOf(l.Name)] || held[l.Name] })
	more = more || len(list) > MaxListed
	list, large := q.measure(q.oldest(list))
	q.leaveAll(odd, segment.ErrNotRegular)
	q.leaveAll(large, segment.ErrTooLarge)
	return list, more, nil
}

// oldest sorts leftovers, removes files that are known not to be the spool's, and keeps the oldest
// MaxListed.
func (q *Queue) oldest(list []leftover) []leftover {
	q.Mu.Lock()
	list = slices.DeleteFunc(list, func(l leftover) bool { return q.foreign[l.Name] })
	q.Mu.Unlock()
	slices.SortFunc(list, func(a, b leftover) int {
		if a.born != b.born {
			return int(max(min(a.born-b.born, 1), -1))
		}
		return strings.Compare(a.Name, b.Name)
	})
	return slices.Clone(list[:min(len(list), MaxListed)])
}

// measure reads the sizes of new leftovers.
func (q *Queue) measure(list []leftover) (measured []leftover, large []string) {
	q.Mu.Lock()
	sizes := make(map[string]int64, len(q.Leftovers))
	for _, l := range q.Leftovers {
		sizes[l.Name] = l.size
	}
	q.Mu.Unlock()
	for _, l := range list {
		size, ok := sizes[l.Name]
		if !ok {
			info, err := os.Lstat(filepath.Join(q.Cfg.Dir, l.Name))
			if err != nil {
				continue // It was delivered meanwhile.
			}
			size = info.Size()
		}
		if l.size = size; size > segment.MaxSegment {
			large = append(large, l.Name)
			continue
		}
		measured = append(measured, l)
	}
	return measured, large
}

// heldLocks returns the owners whose process runs. It also returns segments whose lock is held, because
// earlier versions lock each segment.
func (q *Queue) heldLocks(names []string) map[string]bool {
	held := make(map[string]bool)
	now := time.Now()
	for _, name := range names {
		of := strings.TrimSuffix(name, segment.LockSuffix)
		if !strings.HasSuffix(of, segment.SegmentSuffix) {
			of = strings.TrimPrefix(of, string(q.Signal)+"-")
		}
		if of != q.owner.Name && segment.IsHeld(filepath.Join(q.Cfg.Dir, name), now) {
			held[of] = true
		}
	}
	return held
}

// leaveAll records files that are not the spool's and logs them once.
func (q *Queue) leaveAll(names []string, why error) {
	q.Mu.Lock()
	defer q.Mu.Unlock()
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
		fresh[i] = filepath.Join(q.Cfg.Dir, fresh[i])
	}
	q.Report.Event("left alone "+fresh[0], fmt.Sprintf("ignoring files in the spool directory: %v: %s%s", why, strings.Join(fresh, ", "), more))
}

// leave records a file that is not the spool's. It is called with the lock held.
func (q *Queue) leave(name string, err error) {
	if q.foreign[name] || len(q.foreign) >= maxForeign {
		return
	}
	q.foreign[name] = true
	if len(q.foreign) <= 2*maxNamed {
		q.Report.Event("left alone "+name, "ignoring a file in the spool directory: "+err.Error())
	}
}

// isForeign reports whether an error means that a file is not the spool's.
func isForeign(err error) bool {
	for _, e := range []error{segment.ErrForeign, segment.ErrVersion, segment.ErrSignal, segment.ErrNotRegular, segment.ErrTooLarge, fs.ErrPermission} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// readLeftover opens the oldest leftover, which then belongs to this process. It returns nil if that is
// not possible; the next leftover may still be available. It is called with the lock held and unlocks
// while it reads.
func (q *Queue) readLeftover(now time.Time) *segment.Segment {
	l := q.Leftovers[0]
	q.Leftovers = q.Leftovers[1:]
	q.leftoverBytes -= l.size
	q.Known[l.Name] = true
	q.opening++
	q.openBytes += l.size
	q.Mu.Unlock()
	s, damaged, err := segment.ReadSegment(filepath.Join(q.Cfg.Dir, l.Name), q.Signal, int64(segment.FileStart))
	q.Mu.Lock()
	q.opening--
	q.openBytes -= l.size
	if err == nil && q.closed {
		s.Release()
		return nil
	}
	if err == nil {
		if damaged > 0 {
			q.Drop(report.ReasonDamaged, damaged)
		}
		q.OnDisk += s.Size
		return s
	}
	delete(q.Known, l.Name)
	switch {
	case errors.Is(err, segment.ErrLocked): // Another process is sending it.
	case errors.Is(err, fs.ErrNotExist):
		if q.directoryGone() != "" { // Otherwise another process has sent it.
			q.Leftovers, q.leftoverBytes = slices.Insert(q.Leftovers, 0, l), q.leftoverBytes+l.size
			q.inspect(now, true)
		}
	case isForeign(err):
		q.leave(l.Name, err)
	default:
		q.Leftovers, q.leftoverBytes = slices.Insert(q.Leftovers, 0, l), q.leftoverBytes+l.size
		q.retryLeftovers = now.Add(retryOpen)
		q.Report.Event("open "+string(q.Signal), "spool file cannot be opened, trying again: "+err.Error())
	}
	q.signalChange()
	return nil
}

// Trim drops the oldest leftovers while leftovers and this process' segments together exceed MaxBytes.
func (q *Queue) Trim() {
	q.Mu.Lock()
	defer q.Mu.Unlock()
	for !q.closed && len(q.Leftovers) > 0 && q.OnDisk+q.leftoverBytes+q.openBytes > q.Cfg.MaxBytes && !time.Now().Before(q.retryLeftovers) {
		s := q.readLeftover(time.Now())
		if s == nil {
			continue
		}
		q.OnDisk -= s.Size
		delete(q.Known, filepath.Base(s.Path))
		if lost := s.Waiting().Items; lost > 0 {
			q.Drop(report.ReasonFull, lost)
		}
		s.Remove()
		q.signalChange()
	}
}
