// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"errors"
	"fmt"
	"os"
	"strconv"
)

const (
	gzipSuffix = ".gz"
	partSuffix = ".part" // Of a backup whose compression has not finished.
)

// backups are the rotated files beside the target: target.1 is the newest. A rotation
// first moves the target to target.0, and then target.0 to its number, so a rotation
// that fails has changed nothing, and one that a crash cut off can be finished.
//
// Other programs may remove, fill or hold these files at any time, so no state about them is
// kept between two rotations.
type backups struct {
	disk   disk
	target string
	keep   int
}

func (b backups) name(n int) string { return b.target + "." + strconv.Itoa(n) }

// state says whether a backup exists under a number, and in which form.
type state int

const (
	absent  state = iota // Nothing, or only empty files.
	full                 // A backup, compressed or not.
	foreign              // A directory, a link or a device, which is left alone.
)

func (b backups) state(n int) state {
	result := absent
	for _, suffix := range [...]string{"", gzipSuffix} {
		info, err := os.Lstat(b.name(n) + suffix)
		switch {
		case errors.Is(err, os.ErrNotExist):
		case err != nil || !info.Mode().IsRegular():
			return foreign
		case info.Size() > 0:
			result = full
		}
	}
	return result
}

var errNoneMovable = errors.New("every backup is open in another process or is not a regular file")

// settle moves target.0, if it is there, to the lowest number that can be freed, and
// returns that number, or 0 if target.0 is not there.
//
// Each backup moves up by one until a number is free: a gap that a crash left behind is
// filled. If none is free, the oldest backup is removed, and never more than one. A
// backup that cannot be moved, because another process has it open on Windows, keeps its
// number, and the others skip over it.
func (b backups) settle() (int, error) {
	if b.state(0) != full {
		return 0, nil
	}
	free := 1
	for free <= b.keep && b.state(free) != absent {
		free++
	}
	err := errNoneMovable
	if free > b.keep {
		for free = b.keep; free > 0; free-- {
			if b.state(free) != full {
				continue
			}
			if err = b.remove(free); err == nil {
				break
			}
		}
		if free == 0 {
			return 0, fmt.Errorf("no backup can be removed: %w", err)
		}
	}
	for n := free - 1; n > 0; n-- {
		if b.state(n) == full && b.move(n, free) == nil {
			free = n
		}
	}
	return free, b.move(0, free)
}

// move renames a backup to a number at which there is nothing but empty files.
func (b backups) move(from, to int) error {
	if b.state(to) != absent {
		return fmt.Errorf("%s: %w", b.name(to), os.ErrExist)
	}
	if err := b.remove(to); err != nil {
		return err
	}
	plain := b.disk.rename(b.name(from), b.name(to))
	if plain != nil && !errors.Is(plain, os.ErrNotExist) {
		return plain
	}
	zip := b.disk.rename(b.name(from)+gzipSuffix, b.name(to)+gzipSuffix)
	if zip == nil || errors.Is(zip, os.ErrNotExist) {
		return nil
	}
	if plain == nil {
		_ = b.disk.rename(b.name(to), b.name(from)) // If this also fails, both files still have a name.
	}
	return zip
}

// vacate makes sure that number 0 is free, to which a rotation renames the file.
func (b backups) vacate() error {
	if b.state(0) != absent {
		return fmt.Errorf("%s: %w", b.name(0), os.ErrExist)
	}
	return b.remove(0)
}

// remove removes a backup, compressed or not.
func (b backups) remove(n int) error {
	for _, suffix := range [...]string{"", gzipSuffix} {
		if err := b.disk.remove(b.name(n) + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
