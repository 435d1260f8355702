// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package deadletter keeps the requests that a collector rejected, and sends them again.
package deadletter

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/report"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// File is a file of requests that the collector rejected, one JSON object a line. Its size is
// bounded: a full file replaces the one file of older letters, whose letters are deleted.
// Several processes may share the files, also while [Resend] or [Drop] runs.
type File struct {
	Dir    string
	Max    int64
	Report *report.Reporter // May be nil.

	mu sync.Mutex
}

// The files of dead letters and their locks.
const (
	MaxBytes     = 16 << 20 // Bytes of the file.
	FileName     = "dead-letters.jsonl"
	olderLetters = FileName + ".1"
	lockName     = "dead-letters.lock"
	ResendLock   = "dead-letters-resend.lock"

	// largestLetters is the size in bytes above which a file of letters is not read.
	largestLetters = MaxBytes + 1<<20
	// resentMark replaces the first byte of a letter that needs no more attempts.
	resentMark = '#'
)

// letter is a line of the file.
type letter struct {
	Timestamp time.Time      `json:"timestamp"`
	Signal    segment.Signal `json:"signal"`
	Items     int            `json:"items"`
	Reason    string         `json:"reason"`
	Gzip      bool           `json:"gzip"`
	Request   []byte         `json:"request"` // OTLP in protobuf, in base64.
}

// Add appends a request. The caller counts it as dropped, even if it is written.
func (d *File) Add(signal segment.Signal, r segment.Request, reason string) {
	if d.Dir == "" {
		return
	}
	text, err := json.Marshal(letter{time.Now().UTC(), signal, r.Items, reason, r.Gzipped, r.Payload})
	if err == nil {
		err = d.append(append(text, '\n'))
	}
	if err != nil && d.Report != nil {
		d.Report.Begin("dead letters", "cannot keep dead letters", err)
	}
}

func (d *File) append(text []byte) error {
	if int64(len(text)) > d.Max {
		return fmt.Errorf("spool: a dead letter of %d bytes exceeds the limit of %d bytes", len(text), d.Max)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	lock, err := LockLetters(d.Dir, lockName, time.Second)
	if errors.Is(err, fs.ErrNotExist) { // Another program removed the directory.
		if err = os.MkdirAll(d.Dir, 0o700); err == nil {
			lock, err = LockLetters(d.Dir, lockName, time.Second)
		}
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	path := filepath.Join(d.Dir, FileName)
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Size()+int64(len(text)) > d.Max {
		d.rotate(path)
	}
	f, info, err := segment.OpenRegular(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, largestLetters)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err != nil {
		_ = f.Truncate(info.Size()) // Remove the partial letter.
	}
	return errors.Join(err, f.Close())
}

// rotate replaces the older file, and logs the number of deleted letters.
func (d *File) rotate(path string) {
	older := filepath.Join(d.Dir, olderLetters)
	if n := countLetters(older); n > 0 && d.Report != nil {
		d.Report.Once("dead letters are full, deleting the oldest; send them again with: otelvoice spool resend "+d.Dir, fmt.Errorf("%d deleted", n))
	}
	_ = os.Rename(path, older)
}

// countLetters counts the letters that were not sent again.
func countLetters(path string) (n int) {
	b, err := readLetters(path)
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(b) {
		if line[0] == '{' {
			n++
		}
	}
	return n
}

// readLetters reads a file of letters. It returns nothing for a file that does not exist.
func readLetters(path string) ([]byte, error) {
	f, info, err := segment.OpenRegular(path, os.O_RDONLY, largestLetters)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b := make([]byte, info.Size())
	n, err := f.ReadAt(b, 0)
	if n < len(b) && err != nil {
		return nil, fmt.Errorf("spool: read %s: %w", path, err)
	}
	return b, nil
}

// LockLetters acquires a lock, waiting for at most the given time. Closing the result releases it.
func LockLetters(dir, name string, timeout time.Duration) (*os.File, error) {
	f, _, err := segment.OpenRegular(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, 1<<10)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(timeout); ; {
		locked, err := segment.TryLock(f, false)
		if locked {
			return f, nil
		}
		if err != nil || time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("spool: %s is in use by another process", f.Name()), err, f.Close())
		}
		<-time.After(10 * time.Millisecond)
	}
}
