// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const (
	// maxLeftover is the highest number that removeLeftovers treats as a backup number.
	// Higher numbers may be dates or process IDs: app.log.20240101.
	maxLeftover = 1000
	// maxScanned bounds the number of names that removeLeftovers reads from a directory.
	maxScanned = 10_000
)

// removeLeftovers removes backups of an earlier run with more backups, and partial files of a compression
// that a crash interrupted. It removes only files with the exact name of a backup.
func (b backups) removeLeftovers() error {
	dir, err := os.Open(filepath.Dir(b.target))
	if err != nil {
		return err
	}
	defer dir.Close()
	prefix := filepath.Base(b.target) + "."
	var errs []error
	for scanned := 0; scanned < maxScanned; {
		names, err := dir.Readdirnames(min(1000, maxScanned-scanned))
		for _, name := range names {
			rest, ours := strings.CutPrefix(name, prefix)
			if !ours || !b.leftover(rest) {
				continue
			}
			path := filepath.Join(filepath.Dir(b.target), name)
			if info, err := os.Lstat(path); err != nil || !info.Mode().IsRegular() {
				continue
			}
			if err := b.disk.remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
				errs = append(errs, err)
			}
		}
		scanned += len(names)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			errs = append(errs, err)
			break
		}
	}
	if len(errs) > 0 {
		return fmt.Errorf("%d old backups cannot be removed: %w", len(errs), errs[0])
	}
	return nil
}

// leftover reports whether to remove the file whose name is the name of the target, a dot and rest.
func (b backups) leftover(rest string) bool {
	digits := strings.TrimSuffix(rest, gzipSuffix)
	part, unfinished := strings.CutSuffix(rest, partSuffix)
	if unfinished { // 1.gz.1234567.part, and 1.gz.part of earlier versions.
		var random string
		if digits, random, unfinished = strings.Cut(part, gzipSuffix); !unfinished {
			return false
		}
		if random != "" {
			if _, err := strconv.ParseUint(strings.TrimPrefix(random, "."), 10, 32); err != nil || random[0] != '.' {
				return false
			}
		}
	}
	n, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(n) != digits || n < 0 || n > maxLeftover {
		return false
	}
	return unfinished || n > b.keep || n == 0 && b.keep == 0
}
