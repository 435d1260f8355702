// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package logfile_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

func link(t *testing.T, target, path string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.Symlink(target, path)); err != nil {
		t.Fatal(err)
	}
}

// If LOG_FILE is a link to another volume, the target is rotated in its own directory, and the
// link stays.
func TestLogFileIsALink(t *testing.T) {
	for _, tt := range []struct {
		name  string
		links string // path>target, below one directory; a target that begins with / is below it, too.
		path  string
		real  string
	}{
		{"absolute", "app.log>/data/app.log", "app.log", "data/app.log"},
		{"relative", "logs/app.log>../data/app.log", "logs/app.log", "data/app.log"},
		{"other name", "app.log>/data/today", "app.log", "data/today"},
		{"chain", "app.log>next next>/data/third data/third>deep/app.log", "app.log", "data/deep/app.log"},
		{"linked directory", "logs>/data", "logs/app.log", "data/app.log"},
		{"relative out of a linked directory", "logs>/data/deep data/deep/app.log>../app.log", "logs/app.log", "data/app.log"},
		{"dot dot behind a link in the target", "app.log>sub/../app.log sub>/data/deep", "app.log", "data/app.log"},
	} {
		for _, exists := range []bool{true, false} {
			name := tt.name
			if !exists {
				name += ", dangling"
			}
			t.Run(name, func(t *testing.T) {
				root := t.TempDir()
				if exists || strings.Contains(tt.links, "deep") {
					if err := os.MkdirAll(filepath.Join(root, "data", "deep"), 0o700); err != nil {
						t.Fatal(err)
					}
				}
				links := strings.Fields(tt.links)
				for _, l := range links {
					path, target, _ := strings.Cut(l, ">")
					if strings.HasPrefix(target, "/") {
						target = root + target
					}
					link(t, target, filepath.Join(root, path))
				}
				file := filepath.Join(root, tt.real)
				if exists {
					put(t, file, "0")
				} else if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
					t.Fatal(err)
				}
				f := open(t, filepath.Join(root, tt.path), logfile.Options{MaxSize: 2, Backups: 2})
				for _, line := range []string{"a", "b", "c"} {
					write(t, f, line)
				}
				for name, want := range map[string]string{file: "c\n", file + ".1": "b\n", file + ".2": "a\n"} {
					if info, err := os.Lstat(name); err != nil || !info.Mode().IsRegular() {
						t.Fatalf("%s: %v, %v", name, info, err)
					}
					if got := read(t, name); got != want {
						t.Errorf("%s holds %q, want %q", name, got, want)
					}
				}
				for _, l := range links {
					path, _, _ := strings.Cut(l, ">")
					if info, err := os.Lstat(filepath.Join(root, path)); err != nil || info.Mode()&os.ModeSymlink == 0 {
						t.Errorf("the link %s was removed: %v", path, err)
					}
				}
			})
		}
	}
}

// The directory of a dangling link's target is created, like that of a path.
func TestDanglingLinkIntoAMissingDirectory(t *testing.T) {
	root := t.TempDir()
	link(t, "data/logs/app.log", filepath.Join(root, "app.log"))
	write(t, open(t, filepath.Join(root, "app.log"), logfile.Options{}), "a")
	if got := read(t, filepath.Join(root, "data", "logs", "app.log")); got != "a\n" {
		t.Errorf("got %q", got)
	}
}

func TestCircularLinks(t *testing.T) {
	root := t.TempDir()
	link(t, "b", filepath.Join(root, "a"))
	link(t, "a", filepath.Join(root, "b"))
	if _, err := logfile.Open(filepath.Join(root, "a"), nil); err == nil || !strings.Contains(err.Error(), "symbolic links") {
		t.Errorf("got %v", err)
	}
}

// A changed link is followed within about a second, also away from a device.
func TestLinkIsChanged(t *testing.T) {
	for _, first := range []string{"one", os.DevNull} {
		synctest.Test(t, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "app.log")
			link(t, first, path)
			f := open(t, path, logfile.Options{MaxSize: 4, Backups: 3})
			write(t, f, "a")
			link(t, "two", path+".new")
			rename(t, path+".new", path)
			pass(time.Second)
			for _, line := range []string{"b", "c", "d"} {
				write(t, f, line)
			}
			for name, want := range map[string]string{"two": "d\n", "two.1": "b\nc\n"} {
				if got := read(t, filepath.Join(root, name)); got != want {
					t.Errorf("%s holds %q, want %q", name, got, want)
				}
			}
		})
	}
}

// A path that is not a regular file is written to, but neither rotated nor replaced.
func TestLogFileIsADeviceOrAPipe(t *testing.T) {
	t.Run("device", func(t *testing.T) {
		dir := t.TempDir()
		link(t, os.DevNull, filepath.Join(dir, "app.log"))
		f := open(t, filepath.Join(dir, "app.log"), logfile.Options{MaxSize: 2, Backups: 2})
		write(t, f, "a")
		write(t, f, "b")
		if target, err := os.Readlink(filepath.Join(dir, "app.log")); target != os.DevNull {
			t.Errorf("the link points to %q, %v", target, err)
		}
	})
	t.Run("pipe", func(t *testing.T) {
		dir := t.TempDir()
		pipe := filepath.Join(dir, "pipe")
		if err := syscall.Mkfifo(pipe, 0o600); err != nil {
			t.Skip("cannot create pipes here: ", err)
		}
		link(t, pipe, filepath.Join(dir, "app.log"))
		// Open must not wait for a reader.
		if _, err := logfile.Open(filepath.Join(dir, "app.log"), nil); err == nil || !strings.Contains(err.Error(), "a pipe can be opened while a process reads it") {
			t.Errorf("Open of a pipe without a reader: %v", err)
		}
		reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer reader.Close()
		f := open(t, filepath.Join(dir, "app.log"), logfile.Options{MaxSize: 2, Backups: 2})
		write(t, f, "a")
		write(t, f, "b")
		buf := make([]byte, 4)
		if _, err := io.ReadFull(reader, buf); err != nil || string(buf) != "a\nb\n" {
			t.Errorf("read %q, %v", buf, err)
		}
	})
	t.Run("standard output", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("links below /proc exist only on Linux")
		}
		dir := t.TempDir()
		out, err := os.Create(filepath.Join(dir, "out")) // The shell does the same for > out.
		if err != nil {
			t.Fatal(err)
		}
		defer out.Close()
		cmd := start(t, "/dev/stdout|p|20|50|3|0")
		cmd.Stdout = out
		if err := cmd.Run(); err != nil {
			t.Fatal(err)
		}
		if got := linesOf(t, dir, "p"); got != 20 {
			t.Errorf("%d lines, want 20", got)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%v, %v", entries, err)
		}
	})
}
