// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package spool

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/voice-agents/telemetry/internal/otlp"
)

// DeadLetter is a request that a collector did not take: it was refused for good, too large
// as a single item, or grew too old because the collector failed on it.
type DeadLetter struct {
	Time   time.Time // When it became a dead letter.
	Signal Signal
	Items  int    // Spans, metric points or log records.
	Bytes  int    // Of the request, compressed if it was.
	Reason string // The collector's last answer.

	letter letter
	line   []byte
	path   string // Of the file, and where in it the line begins.
	offset int64
}

// DeadLetters returns the dead letters in a directory, the oldest first. It fails if the
// directory does not exist. Other processes may use the directory.
func DeadLetters(dir string) ([]DeadLetter, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var all []DeadLetter
	for _, name := range []string{olderLetters, deadLetterFile} {
		path := filepath.Join(dir, name)
		b, err := readLetters(path)
		if err != nil {
			return nil, fmt.Errorf("spool: read dead letters: %w", err)
		}
		offset := int64(0)
		for line := range bytes.Lines(b) {
			var l letter
			if json.Unmarshal(line, &l) == nil && l.Signal.noun() != string(l.Signal) { // Else it was sent again, or cut off by a crash.
				all = append(all, DeadLetter{
					Time: l.Timestamp, Signal: l.Signal, Items: l.Items, Bytes: len(l.Request), Reason: l.Reason,
					letter: l, line: bytes.TrimRight(line, "\n"), path: path, offset: offset,
				})
			}
			offset += int64(len(line))
		}
	}
	return all, nil
}

// Resent is what came of [ResendDeadLetters].
type Resent struct {
	Letters, Items int // That the collector took.
	Refused        int // Letters that it refused again, and that stay.
	RefusedReason  string
}

// ResendDeadLetters sends the dead letters in a directory again, the oldest first, and deletes
// those that the collector takes. A letter that is refused again stays; when the collector
// cannot be reached, sending ends. Each letter is marked as soon as it was taken, so that a
// second run sends none of them twice; a crash between the two costs one duplicate. Two runs
// at a time exclude each other; services may use the directory meanwhile.
func ResendDeadLetters(ctx context.Context, dir string, endpoint func(Signal) (Endpoint, error)) (done Resent, err error) {
	if _, err := os.Stat(dir); err != nil {
		return done, fmt.Errorf("spool: %w", err)
	}
	lock, err := lockLetters(dir, resendLock, 0)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, compactLetters(dir), lock.Close()) }()
	letters, err := DeadLetters(dir)
	if err != nil {
		return done, err
	}
	clients := make(map[Signal]client)
	defer func() {
		for _, c := range clients {
			c.close()
		}
	}()
	for _, l := range letters {
		c := clients[l.Signal]
		if c == nil {
			e, err := endpoint(l.Signal)
			if err != nil {
				return done, fmt.Errorf("spool: endpoint of %s: %w", l.Signal, err)
			}
			if c, err = newClient(l.Signal, e); err != nil {
				return done, err
			}
			clients[l.Signal] = c
		}
		if err := resend(ctx, dir, c, l, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// resend sends a letter, in parts if it is too large. What is refused of a part stays.
func resend(ctx context.Context, dir string, c client, l DeadLetter, done *Resent) error {
	whole := request{at: l.Time, items: l.Items, payload: l.letter.Request, gzipped: l.letter.Gzip, readers: new(atomic.Int32)}
	parts, taken := []request{whole}, 0
	var left []request
	var failed error
	for len(parts) > 0 && failed == nil {
		p := parts[0]
		a := c.send(ctx, p)
		switch {
		case a.err == nil && (a.rejected < p.items || p.items == 0):
			taken += p.items - a.rejected
			parts = parts[1:]
			continue
		case a.err == nil:
			a.err, a.verdict = fmt.Errorf("%s: partial success: %s", c.host(), a.message), refused
		case a.verdict == again || a.verdict == cut:
			failed = a.err
			continue
		case a.verdict == tooLarge:
			if plain, err := p.unpacked(); err == nil {
				if first, second, err := otlp.SplitRequest(plain.payload, l.Signal.kind()); err == nil {
					parts = append([]request{partOf(whole, first), partOf(whole, second)}, parts[1:]...)
					continue
				}
			}
		}
		done.RefusedReason = a.err.Error()
		left, parts = append(left, p), parts[1:]
	}
	left = append(left, parts...)
	if taken == 0 {
		if failed == nil {
			done.Refused++
		}
		return failed
	}
	done.Items += taken
	if len(left) == 0 {
		done.Letters++
	}
	// What is left of it is a letter of its own, written before the first is marked: a crash
	// in between costs a duplicate.
	d := &deadLetters{dir: dir, max: deadLetterMax}
	for _, p := range left {
		if failed == nil {
			done.Refused++
		}
		text, err := json.Marshal(letter{l.Time, l.Signal, p.items, l.Reason, p.gzipped, p.payload})
		if err == nil {
			err = d.append(append(text, '\n'))
		}
		if err != nil {
			return errors.Join(failed, fmt.Errorf("spool: keep the rest of a dead letter: %w", err))
		}
	}
	return errors.Join(failed, l.mark())
}

func partOf(whole request, half otlp.Half) request {
	return request{at: whole.at, items: half.Items, payload: half.Request, readers: new(atomic.Int32)}
}

// mark has a letter not be sent again. Files are only appended to, renamed or compacted, and
// only who holds the lock of resending compacts.
func (l DeadLetter) mark() error {
	lock, err := lockLetters(filepath.Dir(l.path), deadLetterLock, 5*time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, path := range []string{l.path, filepath.Join(filepath.Dir(l.path), olderLetters)} {
		f, _, err := openRegular(path, os.O_RDWR, largestLetters)
		if err != nil {
			continue
		}
		ok := l.isAt(f)
		if ok {
			_, err = f.WriteAt([]byte{resentMark}, l.offset)
		}
		err = errors.Join(err, f.Close())
		if ok || err != nil {
			return err
		}
	}
	return nil // A service has deleted it for newer ones.
}

// isAt reports whether the letter is where it was in a file, which may have been renamed.
func (l DeadLetter) isAt(f *os.File) bool {
	b := make([]byte, len(l.line))
	_, err := f.ReadAt(b, l.offset)
	return err == nil && bytes.Equal(b, l.line)
}

// compactLetters deletes letters that were sent again.
func compactLetters(dir string) error {
	lock, err := lockLetters(dir, deadLetterLock, 5*time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	var errs []error
	for _, name := range []string{olderLetters, deadLetterFile} {
		errs = append(errs, compactFile(filepath.Join(dir, name)))
	}
	return errors.Join(errs...)
}

func compactFile(path string) error {
	b, err := readLetters(path)
	if err != nil || b == nil {
		return err
	}
	var kept []byte
	for line := range bytes.Lines(b) {
		if line[0] != resentMark {
			kept = append(kept, line...)
		}
	}
	switch len(kept) {
	case len(b):
		return nil
	case 0:
		return os.Remove(path)
	}
	fresh := path + ".new"
	if err := os.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(fresh, kept, 0o600); err != nil {
		return errors.Join(err, os.Remove(fresh))
	}
	return os.Rename(fresh, path)
}

// DropDeadLetters deletes the dead letters in a directory and returns how many they were,
// with how many items. It excludes [ResendDeadLetters]; services may use the directory.
func DropDeadLetters(dir string) (letters, items int, err error) {
	if _, err := os.Stat(dir); err != nil {
		return 0, 0, fmt.Errorf("spool: %w", err)
	}
	resending, err := lockLetters(dir, resendLock, 0)
	if err != nil {
		return 0, 0, err
	}
	defer resending.Close()
	lock, err := lockLetters(dir, deadLetterLock, 5*time.Second)
	if err != nil {
		return 0, 0, err
	}
	defer lock.Close()
	all, err := DeadLetters(dir)
	if err != nil {
		return 0, 0, err
	}
	for _, l := range all {
		items += l.Items
	}
	for _, name := range []string{olderLetters, deadLetterFile} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, 0, fmt.Errorf("spool: drop dead letters: %w", err)
		}
	}
	return len(all), items, nil
}
