// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func rename(t *testing.T, from, to string) {
	t.Helper()
	if err := os.Rename(from, to); err != nil {
		t.Fatal(err)
	}
}

func truncate(t *testing.T, path string, size int64) {
	t.Helper()
	if err := os.Truncate(path, size); err != nil {
		t.Fatal(err)
	}
}

// put writes lines to a file like another program.
func put(t *testing.T, path, lines string) {
	t.Helper()
	if err := appendLines(path, lines); err != nil {
		t.Fatal(err)
	}
}

func appendLines(path, lines string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	for line := range strings.FieldsSeq(lines) {
		_, wrote := file.WriteString(line + "\n")
		err = errors.Join(err, wrote)
	}
	return errors.Join(err, file.Close())
}

// pass advances the time and waits until all due work is done.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// A file that another program has truncated does not replace the last backup.
func TestTruncatedFileIsNotRotatedOverTheLastBackup(t *testing.T) {
	for _, buffer := range []int{0, 2000} {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.log")
		f := open(t, path, logfile.Options{MaxSize: 1000, Backups: 1, Buffer: buffer, FlushInterval: time.Hour})
		line := func(c string, n int) string { return strings.Repeat(c, n-1) }
		flush := func() {
			t.Helper()
			if err := f.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		write(t, f, line("a", 908))
		flush()
		write(t, f, line("b", 908))
		flush()
		truncate(t, path, 0)
		write(t, f, line("c", 207))
		flush()
		if got, want := contents(t, dir), "app.log:"+line("c", 207)+"; app.log.1:"+line("a", 908); got != want {
			t.Errorf("buffer %d\ngot  %s\nwant %s", buffer, got, want)
		}
	}
}

// Whatever other programs do to the file or its backups, lines are written, and a rotation
// overwrites no backup that has more content.
func TestFileChangedByOtherPrograms(t *testing.T) {
	const wait = "wait" // A line is written a second later, when the change has been detected.
	for _, tt := range []struct {
		name   string
		change func(path string) error
		want   string
		unix   bool
	}{
		{"nothing", func(string) error { return nil }, "app.log:wait new; app.log.1:cc dd; app.log.2:aa bb", false},
		{"emptied", func(path string) error { return os.Truncate(path, 0) }, "app.log:wait new; app.log.1:aa bb", false},
		{"cut off in the middle of a line", func(path string) error { return os.Truncate(path, 1) }, "app.log:new; app.log.1:c wait; app.log.2:aa bb", false},
		{"another process appends", func(path string) error { return appendLines(path, "others others") }, "app.log:wait new; app.log.1:cc dd others others; app.log.2:aa bb", false},
		{"emptied, and another process appends", func(path string) error { return errors.Join(os.Truncate(path, 0), appendLines(path, "o")) }, "app.log:new; app.log.1:o wait; app.log.2:aa bb", false},
		{"replaced by a smaller one", func(path string) error {
			return errors.Join(appendLines(path+".tmp", "o"), os.Rename(path+".tmp", path))
		}, "app.log:wait new; app.log.1:o cc dd; app.log.2:aa bb", true},
		{"deleted", os.Remove, "app.log:wait new; app.log.1:cc dd; app.log.2:aa bb", true},
		{"renamed", func(path string) error { return os.Rename(path, path+".old") }, "app.log:wait new; app.log.1:aa bb; app.log.old:cc dd", true},
		{"its directory deleted", func(path string) error { return os.RemoveAll(filepath.Dir(path)) }, "app.log:wait new; app.log.1:cc dd", true},
		{"its directory renamed", func(path string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") }, "app.log:wait new", true},
		{"backup deleted", func(path string) error { return os.RemoveAll(path + ".1") }, "app.log:wait new; app.log.1:cc dd", false},
		{"backup emptied", func(path string) error { return os.Truncate(path+".1", 0) }, "app.log:wait new; app.log.1:cc dd", false},
		{"backup renamed", func(path string) error { return os.Rename(path+".1", path+".2") }, "app.log:wait new; app.log.1:cc dd; app.log.2:aa bb", false},
		{"backup filled", func(path string) error { return appendLines(path+".2", "o") }, "app.log:wait new; app.log.1:cc dd; app.log.2:aa bb", false},
		{"backup read-only", func(path string) error { return os.Chmod(path+".1", 0o400) }, "app.log:wait new; app.log.1:cc dd; app.log.2:aa bb", false},
	} {
		for _, buffer := range []int{0, 10} {
			t.Run(fmt.Sprintf("%s, buffer %d", tt.name, buffer), func(t *testing.T) {
				if tt.unix && runtime.GOOS == "windows" {
					t.Skip("Windows refuses to rename and delete open files")
				}
				synctest.Test(t, func(t *testing.T) {
					path := filepath.Join(t.TempDir(), "logs", "app.log")
					if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
						t.Fatal(err)
					}
					put(t, path+".1", "aa bb")
					f := open(t, path, logfile.Options{MaxSize: 10, Backups: 2, Buffer: buffer, FlushInterval: time.Hour})
					write(t, f, "cc")
					write(t, f, "dd")
					if err := f.Flush(); err != nil {
						t.Fatal(err)
					}
					if err := tt.change(path); err != nil {
						t.Fatal(err)
					}
					pass(time.Second)
					for _, line := range []string{wait, "new"} {
						write(t, f, line)
						if err := f.Flush(); err != nil {
							t.Fatal(err)
						}
					}
					if f.Lost() != 0 {
						t.Errorf("%d lines were lost", f.Lost())
					}
					if got := contents(t, filepath.Dir(path)); got != tt.want {
						t.Errorf("got  %s\nwant %s", got, tt.want)
					}
				})
			})
		}
	}
}

// A backup that is a directory, a link or a device is left alone, including its content.
func TestBackupThatIsNotARegularFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	if err := os.Mkdir(path+".1", 0o700); err != nil {
		t.Fatal(err)
	}
	precious := filepath.Join(t.TempDir(), "precious")
	put(t, precious, "data")
	if err := os.Symlink(precious, path+".3"); err != nil {
		t.Skip("cannot create links here:  ", err)
	}
	if info, err := os.Lstat(path + ".3"); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Skipf("cannot create links here:  %v", err)
	}
	f := open(t, path, logfile.Options{MaxSize: 2, Backups: 4})
	for _, line := range []string{"a", "b", "c", "d"} {
		write(t, f, line)
	}
	for file, want := range map[string]string{path: "d\n", path + ".2": "c\n", path + ".4": "b\n", path + ".3": "data\n"} {
		if got := read(t, file); got != want {
			t.Errorf("%s holds %q, want %q", file, got, want)
		}
	}
	if info, err := os.Lstat(path + ".1"); err != nil || !info.IsDir() {
		t.Errorf("the directory was removed: %v", err)
	}
}

// Lines that were written to a deleted file are also copied when the path is reopened for a
// reason other than the check.
func TestDeletedFileIsReopenedOrClosed(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be deleted on Windows")
	}
	for name, end := range map[string]func(*logfile.File) error{"reopened": (*logfile.File).Reopen, "closed": (*logfile.File).Close} {
		for _, buffer := range []int{0, 100} {
			t.Run(fmt.Sprintf("%s, buffer %d", name, buffer), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "logs", "app.log")
				f := open(t, path, logfile.Options{Buffer: buffer, FlushInterval: time.Hour})
				write(t, f, "a")
				remove(t, filepath.Dir(path))
				write(t, f, "b")
				if err := end(f); err != nil {
					t.Fatal(err)
				}
				if got := read(t, path); got != "a\nb\n" {
					t.Errorf("the file holds %q", got)
				}
			})
		}
	}
}

// A deleted file that cannot be created for a while has all of its lines when it is created;
// lines for which Write returned an error are counted.
func TestDeletedFileCannotBeCreatedForAWhile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be deleted on Windows")
	}
	for _, comesBack := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "logs", "app.log")
			var reported bytes.Buffer
			f, err := logfile.Open(path, &logfile.Options{Fallback: &reported})
			if err != nil {
				t.Fatal(err)
			}
			write(t, f, "a")
			write(t, f, "b")
			remove(t, filepath.Dir(path))
			put(t, filepath.Dir(path), "in-the-way")
			pass(time.Second)
			for range 3 {
				if _, err := io.WriteString(f, "c\n"); err == nil {
					t.Error("no error")
				}
				pass(time.Second)
			}
			if f.Lost() != 3 || f.LostLate() != 0 || strings.Count(reported.String(), "\n") != 1 {
				t.Errorf("lost %d, %d of them late, reported %q", f.Lost(), f.LostLate(), reported.String())
			}
			if !comesBack {
				if err := f.Close(); err == nil {
					t.Error("Close returned no error")
				}
				if f.Lost() != 5 || f.LostLate() != 2 {
					t.Errorf("lost %d, %d of them late, want 5 and 2", f.Lost(), f.LostLate())
				}
				return
			}
			remove(t, filepath.Dir(path))
			write(t, f, "d")
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			if got := read(t, path); got != "a\nb\nd\n" || f.Lost() != 3 {
				t.Errorf("the file holds %q, and %d are lost", got, f.Lost())
			}
		})
	}
}

// Of two Files on one path, the one that does not rotate finds the new file.
func TestTwoFilesOnOnePath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.log")
		opts := logfile.Options{MaxSize: 20, Backups: 100}
		a, b := open(t, path, opts), open(t, path, opts)
		for i := range 100 {
			f := a
			if i%3 == 0 {
				f = b
			}
			write(t, f, fmt.Sprintf("line-%d", i))
			if i%7 == 0 {
				pass(time.Second)
			}
		}
		all := strings.Fields(strings.NewReplacer(":", " ", ";", "").Replace(contents(t, dir)))
		for i := range 100 {
			n := 0
			for _, line := range all {
				if line == fmt.Sprintf("line-%d", i) {
					n++
				}
			}
			if n != 1 {
				t.Errorf("line %d exists %d times", i, n)
			}
		}
	})
}

// A MaxSize that is changed by a restart applies from the first line.
func TestMaxSizeChangesBetweenRestarts(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	put(t, path, "aaaa bbbb cccc")
	f := open(t, path, logfile.Options{MaxSize: 5, Backups: 1})
	write(t, f, "d")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, open(t, path, logfile.Options{MaxSize: 500, Backups: 1}), "e")
	if got, want := contents(t, dir), "app.log:d e; app.log.1:aaaa bbbb cccc"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A rotation that fails is reported once, and lines continue to be written.
func TestRotationThatFailsIsReportedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.log")
		if err := os.Mkdir(path+".0", 0o700); err != nil {
			t.Fatal(err)
		}
		var reported bytes.Buffer
		f := open(t, path, logfile.Options{MaxSize: 2, Backups: 1, Fallback: &reported})
		for i := range 20 {
			write(t, f, fmt.Sprint(i))
			pass(time.Second / 2)
		}
		want := "logfile: rotation of " + path + " failed, the file grows past 2 bytes until a rotation succeeds: "
		if got := reported.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, want) {
			t.Errorf("reported %q", got)
		}
		remove(t, path+".0")
		pass(time.Second)
		write(t, f, "x")
		if got := read(t, path); got != "x\n" || f.Lost() != 0 {
			t.Errorf("the file holds %q", got)
		}
	})
}
