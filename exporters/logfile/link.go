// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxLinks is the maximum length of a chain of symbolic links, which is Linux's limit.
const maxLinks = 40

// resolve follows the symbolic links of the path's last element and returns the path of their target,
// which need not exist. It returns a path that is not a link unchanged.
//
// movable is false for links below /proc, such as that of /dev/stdout. They follow the open file, so
// renaming the file does not free the path.
func resolve(path string) (target string, movable bool, err error) {
	target = path
	for range maxLinks {
		info, err := os.Lstat(target)
		if err != nil || info.Mode()&os.ModeSymlink == 0 {
			return target, true, nil //nolint:nilerr // Opening the path reports the error.
		}
		dir := realDir(target)
		if strings.HasPrefix(dir+"/", "/proc/") {
			return target, false, nil
		}
		next, err := os.Readlink(target)
		if err != nil {
			return "", false, err
		}
		if !filepath.IsAbs(next) {
			// Not filepath.Join, which would remove "link/.." from the path.
			next = strings.TrimSuffix(dir, string(filepath.Separator)) + string(filepath.Separator) + next
		}
		target = filepath.Join(realDir(next), filepath.Base(next))
	}
	return "", false, fmt.Errorf("open %s: more than %d symbolic links", path, maxLinks)
}

// realDir returns the directory of a path without symbolic links, or unchanged if it
// cannot be resolved.
func realDir(path string) string {
	dir, _ := filepath.Split(path)
	if dir == "" {
		dir = "."
	}
	if resolved, err := filepath.EvalSymlinks(dir); err == nil {
		return resolved
	}
	return filepath.Clean(dir)
}
