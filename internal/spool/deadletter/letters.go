// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package deadletter

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
	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// Letter is a request that a collector did not accept: it was rejected permanently, was too large
// as a single item, or became too old because the collector failed on it.
type Letter struct {
	Time   time.Time // When it became a dead letter.
	Signal segment.Signal
	Items  int    // Spans, metric points or log records.
	Bytes  int    // Of the request, as stored (compressed or not).
	Reason string // The collector's last response.

	letter letter
	line   []byte
	path   string // The file, and the offset of the line in it.
	offset int64
}

// List returns the dead letters in a directory, the oldest first. It fails if the
// directory does not exist. Other processes may use the directory.
func List(dir string) ([]Letter, error) {
	if _, err := os.Stat(dir); err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	var all []Letter
	for _, name := range []string{olderLetters, FileName} {
		path := filepath.Join(dir, name)
		b, err := readLetters(path)
		if err != nil {
			return nil, fmt.Errorf("spool: read dead letters: %w", err)
		}
		offset := int64(0)
		for line := range bytes.Lines(b) {
			var l letter
			if json.Unmarshal(line, &l) == nil && l.Signal.Noun() != string(l.Signal) { // Any other line was sent again or was cut off by a crash.
				all = append(all, Letter{
					Time: l.Timestamp, Signal: l.Signal, Items: l.Items, Bytes: len(l.Request), Reason: l.Reason,
					letter: l, line: bytes.TrimRight(line, "\n"), path: path, offset: offset,
				})
			}
			offset += int64(len(line))
		}
	}
	return all, nil
}

// Result is the result of [Resend].
type Result struct {
	Letters, Items int // Accepted by the collector.
	Refused        int // Letters that were rejected again and stay.
	RefusedReason  string
}

// Resend sends the dead letters in a directory again, the oldest first, and deletes
// those that the collector accepts. A letter that is rejected again stays; if the collector
// cannot be reached, Resend ends. Each letter is marked as soon as it is accepted, so that a
// later run does not send it again; a crash between the two causes one duplicate. Only one
// Resend runs at a time; services may use the directory meanwhile.
func Resend(ctx context.Context, dir string, endpoint func(segment.Signal) (collector.Endpoint, error)) (done Result, err error) {
	if _, err := os.Stat(dir); err != nil {
		return done, fmt.Errorf("spool: %w", err)
	}
	lock, err := LockLetters(dir, ResendLock, 0)
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, compactLetters(dir), lock.Close()) }()
	letters, err := List(dir)
	if err != nil {
		return done, err
	}
	clients := make(map[segment.Signal]collector.Client)
	defer func() {
		for _, c := range clients {
			c.Close()
		}
	}()
	for _, l := range letters {
		c := clients[l.Signal]
		if c == nil {
			e, err := endpoint(l.Signal)
			if err != nil {
				return done, fmt.Errorf("spool: endpoint of %s: %w", l.Signal, err)
			}
			if c, err = collector.NewClient(l.Signal, e); err != nil {
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

// resend sends a letter, in parts if it is too large. Rejected parts stay.
func resend(ctx context.Context, dir string, c collector.Client, l Letter, done *Result) error {
	whole := segment.Request{At: l.Time, Items: l.Items, Payload: l.letter.Request, Gzipped: l.letter.Gzip, Readers: new(atomic.Int32)}
	parts, taken := []segment.Request{whole}, 0
	var left []segment.Request
	var failed error
	for len(parts) > 0 && failed == nil {
		p := parts[0]
		a := c.Send(ctx, p)
		switch {
		case a.Err == nil && (a.Rejected < p.Items || p.Items == 0):
			taken += p.Items - a.Rejected
			parts = parts[1:]
			continue
		case a.Err == nil:
			a.Err, a.Verdict = fmt.Errorf("%s: partial success: %s", c.Host(), a.Message), collector.Refused
		case a.Verdict == collector.Retry || a.Verdict == collector.Broken:
			failed = a.Err
			continue
		case a.Verdict == collector.TooLarge:
			if plain, err := p.Unpacked(); err == nil {
				if first, second, err := otlp.SplitRequest(plain.Payload, l.Signal.Kind()); err == nil {
					parts = append([]segment.Request{partOf(whole, first), partOf(whole, second)}, parts[1:]...)
					continue
				}
			}
		}
		done.RefusedReason = a.Err.Error()
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
	// The rest becomes a letter of its own, written before the first is marked: a crash in
	// between causes a duplicate.
	d := &File{Dir: dir, Max: MaxBytes}
	for _, p := range left {
		if failed == nil {
			done.Refused++
		}
		text, err := json.Marshal(letter{l.Time, l.Signal, p.Items, l.Reason, p.Gzipped, p.Payload})
		if err == nil {
			err = d.append(append(text, '\n'))
		}
		if err != nil {
			return errors.Join(failed, fmt.Errorf("spool: keep the rest of a dead letter: %w", err))
		}
	}
	return errors.Join(failed, l.Mark())
}

func partOf(whole segment.Request, half otlp.Half) segment.Request {
	return segment.Request{At: whole.At, Items: half.Items, Payload: half.Request, Readers: new(atomic.Int32)}
}

// Mark marks a letter as sent. Files are only appended to, renamed or compacted, and only
// the holder of the resend lock compacts.
func (l Letter) Mark() error {
	lock, err := LockLetters(filepath.Dir(l.path), lockName, 5*time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	for _, path := range []string{l.path, filepath.Join(filepath.Dir(l.path), olderLetters)} {
		f, _, err := segment.OpenRegular(path, os.O_RDWR, largestLetters)
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
	return nil // A service deleted it to store newer letters.
}

// isAt reports whether the letter is still at its offset in a file, which may have been renamed.
func (l Letter) isAt(f *os.File) bool {
	b := make([]byte, len(l.line))
	_, err := f.ReadAt(b, l.offset)
	return err == nil && bytes.Equal(b, l.line)
}

// compactLetters deletes letters that were sent again.
func compactLetters(dir string) error {
	lock, err := LockLetters(dir, lockName, 5*time.Second)
	if err != nil {
		return err
	}
	defer lock.Close()
	var errs []error
	for _, name := range []string{olderLetters, FileName} {
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

// Drop deletes the dead letters in a directory and returns the number of
// letters and items. It excludes [Resend]; services may use the directory.
func Drop(dir string) (letters, items int, err error) {
	if _, err := os.Stat(dir); err != nil {
		return 0, 0, fmt.Errorf("spool: %w", err)
	}
	resending, err := LockLetters(dir, ResendLock, 0)
	if err != nil {
		return 0, 0, err
	}
	defer resending.Close()
	lock, err := LockLetters(dir, lockName, 5*time.Second)
	if err != nil {
		return 0, 0, err
	}
	defer lock.Close()
	all, err := List(dir)
	if err != nil {
		return 0, 0, err
	}
	for _, l := range all {
		items += l.Items
	}
	for _, name := range []string{olderLetters, FileName} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return 0, 0, fmt.Errorf("spool: drop dead letters: %w", err)
		}
	}
	return len(all), items, nil
}
