// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// meddler is a disk on which others change files in the middle of a compression.
type meddler struct {
	realDisk

	renamed func(from, to string) // Called after a rename.
}

func (m meddler) rename(from, to string) error {
	err := m.realDisk.rename(from, to)
	m.renamed(from, to)
	return err
}

// A backup that others change while it is compressed is not removed.
func TestBackupThatOthersChangeWhileItIsCompressed(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(path string) error
		want   string
	}{
		{"nothing", func(string) error { return nil }, "app.log:b; app.log.1.gz:a"},
		{"another process still appends", func(path string) error { return os.WriteFile(path, []byte("a\nlate\n"), 0o600) }, "app.log:b; app.log.1:a late"},
		{"deleted", os.Remove, "app.log:b"},
		{"replaced", func(path string) error {
			return os.Rename(filepath.Join(filepath.Dir(path), "o"), path)
		}, "app.log:b; app.log.1:o"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if tt.name == "replaced" {
				if err := os.WriteFile(filepath.Join(dir, "o"), []byte("o\n"), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			disk := meddler{renamed: func(from, to string) {
				if strings.HasSuffix(from, partSuffix) {
					if err := tt.change(strings.TrimSuffix(to, gzipSuffix)); err != nil {
						t.Error(err)
					}
				}
			}}
			var told bytes.Buffer
			f, err := openOn(disk, filepath.Join(dir, "app.log"), &Options{MaxSize: 2, Backups: 3, Compress: true, Fallback: &told})
			if err != nil {
				t.Fatal(err)
			}
			put(t, f, "a")
			put(t, f, "b")
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
			if got := files(t, dir); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if changed := tt.name != "nothing"; changed != (told.Len() > 0) {
				t.Errorf("told %q", told.String())
			}
		})
	}
}

// What a crash left of a compression is no obstacle to the next one.
func TestCrashInTheMiddleOfACompression(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	f, err := Open(path, &Options{MaxSize: 2, Backups: 3, Compress: true})
	if err != nil {
		t.Fatal(err)
	}
	put(t, f, "a")
	if err := os.WriteFile(path+".1.gz.part", []byte("half"), 0o400); err != nil {
		t.Fatal(err)
	}
	put(t, f, "b")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := files(t, dir), "app.log:b; app.log.1.gz:a"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A compression that fails is reported once, and the backups stay as they are.
func TestCompressionThatFailsIsReportedOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	told := &lockedBuffer{}
	f, err := Open(path, &Options{MaxSize: 2, Backups: 3, Compress: true, Fallback: told})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(path+".1.gz.part", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(path+".1.gz.part", "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a", "b", "c", "d"} {
		put(t, f, line)
		f.archiver.wait()
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(path + ".1.gz.part"); err != nil {
		t.Fatal(err)
	}
	if got, want := files(t, dir), "app.log:d; app.log.1:c; app.log.2:b; app.log.3:a"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := told.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "logfile: compressing failed, backups of "+path+" stay uncompressed until it succeeds: ") {
		t.Errorf("told %q", got)
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.Buffer.Write(p)
}

// Only the exact name of a backup is that of one that may be removed.
func FuzzLeftover(f *testing.F) {
	for _, rest := range []string{"6", "5", "06", "6.gz", "1.gz.part", "6.part", "20240101", "+6", "", "٦", "6.gz.gz"} {
		f.Add(rest)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		if !(backups{keep: 5}).leftover(rest) {
			return
		}
		for n := 1; n <= maxLeftover; n++ {
			number := strconv.Itoa(n)
			if rest == number+gzipSuffix+partSuffix || n > 5 && (rest == number || rest == number+gzipSuffix) {
				return
			}
		}
		if rest != "0"+gzipSuffix+partSuffix {
			t.Errorf("%q would be removed", rest)
		}
	})
}
