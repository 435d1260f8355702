// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package segment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// SegmentBytes is the size at which a segment is full.
const SegmentBytes = 4 << 20

// MaxSegment is the maximum size of a segment in bytes. A segment has one request of the largest size,
// or several that are together no larger than SegmentBytes. A larger file is not a segment.
const MaxSegment = int64(FileStart+HeaderSize+MaxPayload) + SegmentBytes

var (
	// ErrNotRegular is the error for a path that is a symbolic link, a directory, a pipe, a socket or a device.
	ErrNotRegular = errors.New("not a regular file")
	// ErrTooLarge is the error for a file that is larger than the limit.
	ErrTooLarge = errors.New("larger than any file of a spool")
)

// OpenRegular opens a file with the flags of [os.OpenFile] and mode 0600. It does not follow
// a symbolic link at the end of the path, and does not block. It fails with [ErrNotRegular]
// unless the path is a regular file, and with [ErrTooLarge] if it has more than limit bytes.
// It accepts hard links, which backups create, because only the spool's user can write to the
// directory (mode 0700).
func OpenRegular(path string, flag int, limit int64) (*os.File, fs.FileInfo, error) {
	// Opening some devices has side effects, so check the type first.
	before, err := os.Lstat(path)
	switch {
	case err == nil:
		err = checkRegular(before, limit)
	case errors.Is(err, fs.ErrNotExist) && flag&os.O_CREATE != 0:
		err = nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", path, err)
	}
	f, err := os.OpenFile(path, flag|noFollow, 0o600)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = checkRegular(info, limit)
	}
	if err == nil { // Detects links on systems without a flag against following them.
		after, lerr := os.Lstat(path)
		if err = lerr; err == nil && !os.SameFile(info, after) {
			err = ErrNotRegular
		}
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("open %s: %w", path, err), f.Close())
	}
	return f, info, nil
}

func checkRegular(info fs.FileInfo, limit int64) error {
	switch {
	case !info.Mode().IsRegular():
		return ErrNotRegular
	case info.Size() > limit:
		return ErrTooLarge
	}
	return nil
}
