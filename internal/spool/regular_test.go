// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix && !aix && !solaris

package spool

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/internal/spool/collector"
	"github.com/voice-agents/telemetry/internal/spool/queue"
	"github.com/voice-agents/telemetry/internal/spool/segment"
)

// irregularFiles create files that are not a spool's, by description.
var irregularFiles = map[string]func(t *testing.T, path string){
	"a pipe":      func(t *testing.T, path string) { t.Helper(); must(t, syscall.Mkfifo(path, 0o600)) },
	"a directory": func(t *testing.T, path string) { t.Helper(); must(t, os.Mkdir(path, 0o700)) },
	"a link to a segment": func(t *testing.T, path string) {
		t.Helper()
		target := filepath.Join(t.TempDir(), "target")
		must(t, os.WriteFile(target, segment.AppendRecord(segment.Start(segment.Logs), segment.Request{At: time.Now(), Items: 1, Payload: []byte("linked")}), 0o600))
		must(t, os.Symlink(target, path))
	},
	"a link to a device": func(t *testing.T, path string) { t.Helper(); must(t, os.Symlink("/dev/zero", path)) },
	"a link to nothing":  func(t *testing.T, path string) { t.Helper(); must(t, os.Symlink("nothing", path)) },
	"a socket": func(t *testing.T, path string) {
		t.Helper()
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
		must(t, err)
		l.SetUnlinkOnClose(false)
		must(t, l.Close())
	},
	"a file of 3 GB": func(t *testing.T, path string) {
		t.Helper()
		must(t, os.WriteFile(path, segment.AppendRecord(segment.Start(segment.Logs), segment.Request{At: time.Now(), Items: 1, Payload: []byte("large")}), 0o600))
		must(t, os.Truncate(path, 3<<30))
	},
}

// Files that are not segments, whatever their name, block neither the start nor delivery. One log
// line names them, and they stay unchanged.
func TestPipeOrLinkOrHugeFileInTheDirectory(t *testing.T) {
	for what, create := range irregularFiles {
		for _, name := range []string{"logs-1-x.spool", "logs-abcd.lock", "logs-1-y.spool.lock"} {
			t.Run(what+" as "+name, func(t *testing.T) {
				dir, err := os.MkdirTemp("", "spool") //nolint:usetesting // A socket's path is short.
				must(t, err)
				defer os.RemoveAll(dir)
				path := filepath.Join(dir, name)
				create(t, path)
				before, err := os.Lstat(path)
				must(t, err)
				owner := strings.TrimSuffix(name, segment.LockSuffix)
				if strings.HasSuffix(owner, segment.SegmentSuffix) && owner != name { // Whose lock it seems to be.
					must(t, os.WriteFile(filepath.Join(dir, owner), segment.AppendRecord(segment.Start(segment.Logs), segment.Request{At: time.Now(), Items: 1, Payload: []byte("locked")}), 0o600))
				}
				c := newCollector(t)
				began := time.Now()
				s, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: c.URL})
				var lines logLines
				s.Listen(lines.add)
				must(t, e.send(t, "ours"))
				flush(t, s)
				s.senders[0].Queue.Adopt()
				must(t, s.Shutdown(t.Context()))
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("it took %v", took)
				}
				if got := c.got(); !slices.Contains(got, "ours") || slices.Contains(got, "linked") || slices.Contains(got, "large") {
					t.Errorf("got %q", got)
				}
				after, err := os.Lstat(path)
				if err != nil || !os.SameFile(before, after) || before.Size() != after.Size() {
					t.Errorf("the file was changed: %v", err)
				}
				if isLock := strings.HasSuffix(name, segment.LockSuffix); lines.have(path) != 1 && (!isLock || what != "a file of 3 GB") {
					t.Errorf("reported %q", lines.lines)
				}
				if n := s.Health()[0].Dropped; len(n) > 0 {
					t.Errorf("dropped %v", n)
				}
			})
		}
	}
}

// The spool directory may be a link to a directory.
func TestDirectoryIsALink(t *testing.T) {
	dir := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	must(t, os.Symlink(dir, link))
	s, e := open(t, queue.Config{Dir: link}, collector.Endpoint{URL: away})
	must(t, e.send(t, "body"))
	must(t, shutdown(s))
	if got := delivered(t, link); !slices.Equal(got, []string{"body"}) {
		t.Errorf("got %q", got)
	}
}

// A segment with a second hard link, as backups make them, is sent, and the second link stays.
func TestSegmentWithAHardLink(t *testing.T) {
	dir := t.TempDir()
	want := leave(t, dir, segment.Logs, 1)
	backup := filepath.Join(t.TempDir(), "backup")
	must(t, os.Link(glob(t, dir, "*.spool")[0], backup))
	if got := delivered(t, dir); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
	if _, err := os.Stat(backup); err != nil {
		t.Error(err)
	}
}

// Only the owner can read the directory and its files.
func TestModes(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "spool")
	_, e := open(t, queue.Config{Dir: dir}, collector.Endpoint{URL: away})
	must(t, e.send(t, "body"))
	for path, want := range map[string]fs.FileMode{dir: 0o700, glob(t, dir, "*.spool")[0]: 0o600, glob(t, dir, "*.lock")[0]: 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", path, info.Mode(), err)
		}
	}
}

func TestOpenRegular(t *testing.T) {
	t.Parallel()
	for what, create := range irregularFiles {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir, err := os.MkdirTemp("", "spool") //nolint:usetesting // A socket's path is short.
			must(t, err)
			defer os.RemoveAll(dir)
			path := filepath.Join(dir, "odd")
			create(t, path)
			for _, flag := range []int{os.O_RDONLY, os.O_RDWR, os.O_WRONLY | os.O_CREATE | os.O_APPEND} {
				f, _, err := segment.OpenRegular(path, flag, 1<<20)
				if err == nil {
					_ = f.Close()
				}
				if !errors.Is(err, segment.ErrNotRegular) && !errors.Is(err, segment.ErrTooLarge) || !strings.Contains(err.Error(), path) {
					t.Errorf("flags %#x: %v", flag, err)
				}
			}
		})
	}
	path := filepath.Join(t.TempDir(), "new")
	if _, _, err := segment.OpenRegular(path, os.O_RDWR, 10); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	f, info, err := segment.OpenRegular(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 10)
	must(t, err)
	must(t, f.Close())
	if info.Mode() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
}
