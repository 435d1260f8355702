// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// archiver compresses one backup at a time, in the background.
type archiver struct {
	working sync.WaitGroup
	busy    atomic.Bool
}

func (a *archiver) wait() { a.working.Wait() }

// archive starts to compress a backup. If that fails, the backup is unchanged.
func (f *File) archive(path string) {
	f.archiver.busy.Store(true)
	f.archiver.working.Go(func() {
		defer f.archiver.busy.Store(false)
		err := compress(f.disk, path)
		f.mu.Lock()
		defer f.unlock()
		if err != nil && !f.unarchived {
			f.report("logfile: compressing failed, backups of %s stay uncompressed until it succeeds: %v", f.path, err)
		}
		f.unarchived = err != nil
	})
}

// compress writes path.gz and then removes path. A crash in between leaves both, and
// rotations move both. If the backup is no longer the file that was read, or has grown,
// because another process still writes to it, path.gz is removed instead.
func compress(disk disk, path string) error {
	if _, err := os.Lstat(path + gzipSuffix); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("compress %s: %s%s already exists", path, path, gzipSuffix)
	}
	in, err := disk.open(path, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	// Another process may compress the same backup, so the name is random.
	part := fmt.Sprintf("%s%s.%d%s", path, gzipSuffix, rand.Uint32(), partSuffix)
	read, size, err := zip(disk, in, part)
	// Windows renames and removes no file that is open, so both are closed by now.
	if err = errors.Join(err, in.Close()); err != nil {
		return errors.Join(fmt.Errorf("compress %s: %w", path, err), removeIfThere(disk, part))
	}
	unlock, err := waitForDir(filepath.Dir(path))
	if err != nil {
		return errors.Join(err, removeIfThere(disk, part))
	}
	defer unlock()
	unchanged := func() bool {
		now, err := os.Lstat(path)
		return err == nil && os.SameFile(read, now) && now.Size() == size
	}
	if !unchanged() {
		return errors.Join(fmt.Errorf("compress %s: another process has changed the file", path), removeIfThere(disk, part))
	}
	if err := disk.rename(part, path+gzipSuffix); err != nil {
		return errors.Join(err, removeIfThere(disk, part))
	}
	if !unchanged() {
		return errors.Join(fmt.Errorf("compress %s: another process has changed the file", path), removeIfThere(disk, path+gzipSuffix))
	}
	if err := disk.remove(path); err != nil { // A reader has it open on Windows.
		return errors.Join(err, removeIfThere(disk, path+gzipSuffix))
	}
	return nil
}

// waitForDir locks a directory, and waits a while for the lock: other processes hold it for some
// milliseconds each.
func waitForDir(path string) (unlock func(), err error) {
	for range lockedLong / lockedAfter {
		if unlock, locked := lockDir(path); locked {
			return unlock, nil
		}
		<-time.After(lockedAfter)
	}
	return nil, fmt.Errorf("another process has a lock on %s", path)
}

// zip compresses a file into the file part, and returns the info of the file and the number of
// bytes that it read.
func zip(disk disk, in *os.File, part string) (read os.FileInfo, size int64, err error) {
	if read, err = in.Stat(); err != nil {
		return nil, 0, err
	}
	out, err := disk.open(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return nil, 0, err
	}
	w := gzip.NewWriter(out)
	size, err = io.Copy(w, in)
	return read, size, errors.Join(err, w.Close(), out.Close())
}

func removeIfThere(disk disk, path string) error {
	if err := disk.remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}
