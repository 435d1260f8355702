// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// strictDisk refuses what Windows refuses: to rename or remove an open file, and to rename over
// one. A file opened through it counts as open until it is closed.
type strictDisk struct {
	mu     sync.Mutex
	opened []*os.File
	refuse int    // Refusals so far.
	step   int    // Renames, removals and openings so far.
	before func() // Called before each of them.
}

var errSharing = errors.New("the process cannot access the file because it is being used by another process")

func (d *strictDisk) open(path string, flag int, mode os.FileMode) (*os.File, error) {
	d.count()
	file, err := os.OpenFile(path, flag, mode)
	if err == nil {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.opened = append(d.opened, file)
	}
	return file, err
}

func (d *strictDisk) rename(from, to string) error {
	d.count()
	if d.held(from) || d.held(to) {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: errSharing}
	}
	return os.Rename(from, to)
}

func (d *strictDisk) remove(path string) error {
	d.count()
	if d.held(path) {
		return &os.PathError{Op: "remove", Path: path, Err: errSharing}
	}
	return os.Remove(path)
}

func (d *strictDisk) count() {
	d.mu.Lock()
	before := d.before
	d.step++
	d.mu.Unlock()
	if before != nil {
		before()
	}
}

func (d *strictDisk) held(path string) bool {
	info, err := os.Lstat(path)
	if err != nil {
		return false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, file := range d.opened {
		if open, err := file.Stat(); err == nil && os.SameFile(info, open) {
			d.refuse++
			return true
		}
	}
	return false
}

func (d *strictDisk) refusals() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refuse
}

// files returns the files of a directory, "name:lines" each.
func files(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]string, len(entries))
	for i, e := range entries {
		all[i] = e.Name() + ":" + strings.Join(strings.Fields(text(t, filepath.Join(dir, e.Name()))), " ")
	}
	return strings.Join(all, "; ")
}

func text(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if strings.HasSuffix(path, gzipSuffix) {
		zip, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(zip); err != nil {
			t.Fatal(err)
		}
	}
	return string(data)
}

func put(t *testing.T, f *File, line string) {
	t.Helper()
	if _, err := io.WriteString(f, line+"\n"); err != nil {
		t.Fatal(err)
	}
}

// With any configuration, a rotation renames or removes no open file.
func TestRotationOnWindowsKeepsEveryLine(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		for _, buffer := range []int{0, 50} {
			dir := t.TempDir()
			disk := &strictDisk{}
			f, err := openOn(disk, filepath.Join(dir, "app.log"), &Options{MaxSize: 100, Backups: 100, Compress: compressed, Buffer: buffer})
			if err != nil {
				t.Fatal(err)
			}
			const lines = 200
			for i := range lines {
				put(t, f, fmt.Sprintf("line-%d", i))
				f.archiver.wait() // Otherwise the file grows beyond its size meanwhile.
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			all := strings.Fields(strings.NewReplacer(":", " ", ";", "").Replace(files(t, dir)))
			for i := range lines {
				if n := count(all, fmt.Sprintf("line-%d", i)); n != 1 {
					t.Fatalf("compressed %v, buffer %d: line %d exists %d times", compressed, buffer, i, n)
				}
			}
			if disk.refusals() > 0 {
				t.Errorf("compressed %v, buffer %d: open files were renamed or removed %d times", compressed, buffer, disk.refusals())
			}
			if !strings.Contains(files(t, dir), "app.log.5") {
				t.Errorf("no rotation took place: %s", files(t, dir))
			}
		}
	}
}

func count(list []string, want string) (n int) {
	for _, s := range list {
		if s == want {
			n++
		}
	}
	return n
}

// On Windows a file that a reader has open keeps its name, and no line is lost.
func TestReaderOnWindowsHoldsAFile(t *testing.T) {
	for _, tt := range []struct{ name, hold, files, want, later string }{
		{"the newest backup", "app.log.1", "app.log:c app.log.1:b app.log.2:a", "app.log:d; app.log.1:b; app.log.2:c; app.log.3:a", "app.log:e; app.log.1:d; app.log.2:b; app.log.3:c"},
		{"one in the middle", "app.log.2", "app.log:c app.log.1:b app.log.2:a", "app.log:d; app.log.1:c; app.log.2:a; app.log.3:b", "app.log:e; app.log.1:d; app.log.2:c; app.log.3:a"},
		{"the oldest", "app.log.3", "app.log:d app.log.1:c app.log.2:b app.log.3:a", "app.log:d; app.log.1:d; app.log.2:c; app.log.3:a", "app.log:e; app.log.1:d; app.log.2:d; app.log.3:c"},
		{"the log", "app.log", "app.log:c app.log.1:b app.log.2:a app.log.3:0", "app.log:c d; app.log.1:b; app.log.2:a; app.log.3:0", "app.log:e; app.log.1:c d; app.log.2:b; app.log.3:a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				dir := t.TempDir()
				for file := range strings.FieldsSeq(tt.files) {
					name, line, _ := strings.Cut(file, ":")
					if err := os.WriteFile(filepath.Join(dir, name), []byte(line+"\n"), 0o600); err != nil {
						t.Fatal(err)
					}
				}
				var disk disk = &strictDisk{}
				if runtime.GOOS == "windows" {
					disk = realDisk{} // The system itself enforces the rules.
				}
				reader, err := disk.open(filepath.Join(dir, tt.hold), os.O_RDONLY, 0)
				if err != nil {
					t.Fatal(err)
				}
				var reported bytes.Buffer
				f, err := openOn(disk, filepath.Join(dir, "app.log"), &Options{MaxSize: 2, Backups: 3, Fallback: &reported})
				if err != nil {
					t.Fatal(err)
				}
				put(t, f, "d")
				if got := files(t, dir); got != tt.want {
					t.Errorf("while a reader has the file open\ngot  %s\nwant %s", got, tt.want)
				}
				if tt.hold == "app.log" {
					if n := strings.Count(reported.String(), "\n"); n != 1 || !strings.Contains(reported.String(), "rotation of "+f.path+" failed, the file grows past 2 bytes until a rotation succeeds: ") {
						t.Errorf("reported %q", reported.String())
					}
				} else if reported.Len() > 0 {
					t.Errorf("reported %q", reported.String())
				}
				if err := reader.Close(); err != nil {
					t.Fatal(err)
				}
				<-time.After(checkAfter)
				put(t, f, "e")
				if got := files(t, dir); got != tt.later {
					t.Errorf("after the reader closed it\ngot  %s\nwant %s", got, tt.later)
				}
				if err := f.Close(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

// While readers hold every backup, the file waits at number 0 and the log grows.
func TestReadersOnWindowsHoldAllBackups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		disk := &strictDisk{}
		var reported bytes.Buffer
		f, err := openOn(disk, filepath.Join(dir, "app.log"), &Options{MaxSize: 2, Backups: 1, Fallback: &reported})
		if err != nil {
			t.Fatal(err)
		}
		put(t, f, "a")
		put(t, f, "b")
		reader, err := disk.open(filepath.Join(dir, "app.log.1"), os.O_RDONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range []string{"c", "d", "e", "f"} {
			put(t, f, line)
		}
		if got, want := files(t, dir), "app.log:c d e f; app.log.0:b; app.log.1:a"; got != want {
			t.Errorf("while a reader has the file open\ngot  %s\nwant %s", got, want)
		}
		if n := strings.Count(reported.String(), "\n"); n != 1 {
			t.Errorf("reported %d lines: %s", n, reported.String())
		}
		if err := reader.Close(); err != nil {
			t.Fatal(err)
		}
		<-time.After(checkAfter)
		put(t, f, "g")
		if got, want := files(t, dir), "app.log:g; app.log.1:c d e f"; got != want {
			t.Errorf("after the reader closed it\ngot  %s\nwant %s", got, want)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}
