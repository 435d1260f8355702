// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// changingDisk is a disk on which other programs change files during a compression.
type changingDisk struct {
	realDisk

	renamed func(from, to string) // Called after a rename.
}

func (m changingDisk) rename(from, to string) error {
	err := m.realDisk.rename(from, to)
	m.renamed(from, to)
	return err
}

// A backup that another program changes during its compression is not removed.
func TestBackupChangedDuringCompression(t *testing.T) {
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
			disk := changingDisk{renamed: func(from, to string) {
				if strings.HasSuffix(from, partSuffix) {
					if err := tt.change(strings.TrimSuffix(to, gzipSuffix)); err != nil {
						t.Error(err)
					}
				}
			}}
			var reported bytes.Buffer
			f, err := openOn(disk, filepath.Join(dir, "app.log"), &Options{MaxSize: 2, Backups: 3, Compress: true, Fallback: &reported})
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
			if changed := tt.name != "nothing"; changed != (reported.Len() > 0) {
				t.Errorf("reported %q", reported.String())
			}
		})
	}
}

// A compression that fails is reported once, and the backups stay unchanged.
func TestCompressionThatFailsIsReportedOnce(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "app.log")
	reported := &lockedBuffer{}
	f, err := openOn(fullDisk{}, path, &Options{MaxSize: 2, Backups: 3, Compress: true, Fallback: reported})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"a", "b", "c", "d"} {
		put(t, f, line)
		f.archiver.wait()
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := files(t, dir), "app.log:d; app.log.1:c; app.log.2:b; app.log.3:a"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := reported.String(); strings.Count(got, "\n") != 1 || !strings.HasPrefix(got, "logfile: compressing failed, backups of "+path+" stay uncompressed until it succeeds: ") {
		t.Errorf("reported %q", got)
	}
}

// fullDisk is a disk without space for compressed files.
type fullDisk struct{ realDisk }

func (d fullDisk) open(path string, flag int, mode os.FileMode) (*os.File, error) {
	if strings.HasSuffix(path, partSuffix) {
		return nil, errFault
	}
	return d.realDisk.open(path, flag, mode)
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

// backupName matches the name of a backup, or of a file that a crash left during its compression.
var backupName = regexp.MustCompile(`^(0|[1-9]\d{0,3})(\.gz|\.gz(?:\.\d+)?\.part)?$`)

// Only a file with the exact name of a backup may be removed.
func FuzzLeftover(f *testing.F) {
	for _, rest := range []string{"6", "5", "06", "6.gz", "1.gz.part", "1.gz.42.part", "1.gz..part", "1.gzx.part", "6.part", "20240101", "+6", "", "٦", "6.gz.gz"} {
		f.Add(rest)
	}
	f.Fuzz(func(t *testing.T, rest string) {
		if !(backups{keep: 5}).leftover(rest) {
			return
		}
		parts := backupName.FindStringSubmatch(rest)
		if parts == nil {
			t.Fatalf("%q would be removed", rest)
		}
		if n, _ := strconv.Atoi(parts[1]); n > maxLeftover || n <= 5 && !strings.HasSuffix(rest, partSuffix) {
			t.Errorf("%q would be removed", rest)
		}
	})
}
