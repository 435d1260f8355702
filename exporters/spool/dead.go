// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

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
)

// deadLetters is a file for requests that the collector did not take, one JSON object a line.
// It is bounded: when it is full it becomes the one file of older letters, and the letters
// that were in that are deleted. Processes share the files; [ResendDeadLetters] and
// [DropDeadLetters] work on them meanwhile.
type deadLetters struct {
	dir  string
	max  int64
	tell *teller // May be nil.

	mu sync.Mutex
}

const (
	deadLetterFile = "dead-letters.jsonl"
	olderLetters   = deadLetterFile + ".1"
	deadLetterLock = "dead-letters.lock"
	resendLock     = "dead-letters-resend.lock"

	// largestLetters is the size in bytes above which a file of letters is not read.
	largestLetters = deadLetterMax + 1<<20
	// resentMark takes the place of the first byte of a letter that needs no more attempts.
	resentMark = '#'
)

// letter is a line of the file.
type letter struct {
	Timestamp time.Time `json:"timestamp"`
	Signal    Signal    `json:"signal"`
	Items     int       `json:"items"`
	Reason    string    `json:"reason"`
	Gzip      bool      `json:"gzip"`
	Request   []byte    `json:"request"` // OTLP in protobuf, in base64.
}

// bury appends a request. The caller counts it as dropped, whether it can be written or not.
func (d *deadLetters) bury(signal Signal, r request, reason string) {
	if d.dir == "" {
		return
	}
	text, err := json.Marshal(letter{time.Now().UTC(), signal, r.items, reason, r.gzipped, r.payload})
	if err == nil {
		err = d.append(append(text, '\n'))
	}
	if err != nil && d.tell != nil {
		d.tell.begins("dead letters", "cannot keep dead letters", err)
	}
}

func (d *deadLetters) append(text []byte) error {
	if int64(len(text)) > d.max {
		return fmt.Errorf("spool: a dead letter of %d bytes is larger than all that are kept", len(text))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	lock, err := lockLetters(d.dir, deadLetterLock, time.Second)
	if errors.Is(err, fs.ErrNotExist) { // Somebody has removed the directory.
		if err = os.MkdirAll(d.dir, 0o700); err == nil {
			lock, err = lockLetters(d.dir, deadLetterLock, time.Second)
		}
	}
	if err != nil {
		return err
	}
	defer lock.Close()
	path := filepath.Join(d.dir, deadLetterFile)
	if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() && info.Size()+int64(len(text)) > d.max {
		d.rotate(path)
	}
	f, info, err := openRegular(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, largestLetters)
	if err != nil {
		return err
	}
	if _, err = f.Write(text); err != nil {
		_ = f.Truncate(info.Size()) // No half letter.
	}
	return errors.Join(err, f.Close())
}

// rotate makes room, and tells what is deleted for it.
func (d *deadLetters) rotate(path string) {
	older := filepath.Join(d.dir, olderLetters)
	if n := countLetters(older); n > 0 && d.tell != nil {
		d.tell.once("dead letters are full, deleting the oldest; send them again with: otelvoice spool resend "+d.dir, fmt.Errorf("%d deleted", n))
	}
	_ = os.Rename(path, older)
}

// countLetters counts those that were not sent again.
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

// readLetters reads a file of letters. One that does not exist is empty.
func readLetters(path string) ([]byte, error) {
	f, info, err := openRegular(path, os.O_RDONLY, largestLetters)
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

// lockLetters takes a lock that is held until it is closed, and waits for it so long.
func lockLetters(dir, name string, patience time.Duration) (*os.File, error) {
	f, _, err := openRegular(filepath.Join(dir, name), os.O_CREATE|os.O_RDWR, 1<<10)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; {
		locked, err := tryLock(f, false)
		if locked {
			return f, nil
		}
		if err != nil || time.Now().After(end) {
			return nil, errors.Join(fmt.Errorf("spool: %s is in use by another process", f.Name()), err, f.Close())
		}
		<-time.After(10 * time.Millisecond)
	}
}
