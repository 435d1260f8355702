// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package memlimit returns how much memory the process may use.
package memlimit

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// fallback is the memory of a machine whose size is unknown.
const fallback = 1 << 30

// Bytes returns the least of GOMEMLIMIT (or debug.SetMemoryLimit), the limits of the process's
// control groups, and the memory of the machine. The last two are known on Linux and are read once;
// elsewhere 1 GiB is assumed.
func Bytes() int64 {
	limit := system()
	if soft := debug.SetMemoryLimit(-1); soft > 0 {
		limit = min(limit, soft)
	}
	return limit
}

// system returns the limit that the operating system sets.
var system = sync.OnceValue(func() int64 { return read("/") })

// read returns the limit in the files below a root directory.
func read(root string) int64 {
	limit := int64(math.MaxInt64)
	lower := func(n int64, ok bool) {
		if ok && n > 0 {
			limit = min(limit, n)
		}
	}
	lower(total(filepath.Join(root, "proc", "meminfo")))
	for _, path := range groupPaths(filepath.Join(root, "proc", "self", "cgroup")) {
		for dir := filepath.Clean("/" + path.dir); ; dir = filepath.Dir(dir) {
			lower(number(filepath.Join(root, "sys", "fs", "cgroup", path.mount, dir, path.file)))
			if dir == "/" {
				break
			}
		}
	}
	if limit == math.MaxInt64 {
		return fallback
	}
	return limit
}

// total returns MemTotal.
func total(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(text) {
		if fields := strings.Fields(string(line)); len(fields) >= 2 && fields[0] == "MemTotal:" {
			kB, err := strconv.ParseInt(fields[1], 10, 53)
			return kB << 10, err == nil
		}
	}
	return 0, false
}

// groupPath is a control group that limits memory.
type groupPath struct{ mount, dir, file string }

// groupPaths returns the memory groups of the process, of version 2 and of version 1. In a
// container the path may be that of the host, and the group's files are at the root.
func groupPaths(path string) (paths []groupPath) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	for line := range bytes.Lines(text) {
		parts := strings.SplitN(strings.TrimSpace(string(line)), ":", 3) // hierarchy:controllers:path
		switch {
		case len(parts) != 3:
		case parts[0] == "0" && parts[1] == "":
			paths = append(paths, groupPath{"", parts[2], "memory.max"})
		case slices.Contains(strings.Split(parts[1], ","), "memory"):
			paths = append(paths, groupPath{"memory", parts[2], "memory.limit_in_bytes"})
		}
	}
	return paths
}

// number reads a file with a number of bytes. "max" is no number.
func number(path string) (int64, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	return n, err == nil
}
