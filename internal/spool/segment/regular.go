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

// MaxSegment is the size in bytes above which a file is not a segment. A segment has one
// request of the largest size, or several with at most [SegmentBytes] together.
const MaxSegment = int64(FileStart+HeaderSize+MaxPayload) + SegmentBytes

var (
	// ErrNotRegular means that a path is a symbolic link, a directory, a pipe, a socket or a device.
	ErrNotRegular = errors.New("not a regular file")
	// ErrTooLarge means that a file is larger than the limit.
	ErrTooLarge = errors.New("larger than any file of a spool")
)

// OpenRegular opens a file with the flags of [os.OpenFile] and mode 0600. It does not follow
// a symbolic link at the end of the path, and does not block. It fails with [ErrNotRegular]
// unless the path is a regular file, and with [ErrTooLarge] if it has more than limit bytes.
// Other links to the same file (hard links, as backups make them) are not refused: the
// directory is the spool's own, with mode 0700.
func OpenRegular(path string, flag int, limit int64) (*os.File, fs.FileInfo, error) {
	// Opening some devices has side effects, so check the path first.
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
