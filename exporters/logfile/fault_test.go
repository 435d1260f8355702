// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A crash before any step of a rotation loses no line, and the next process restores the order of
// the numbers.
func TestCrashBetweenTheStepsOfARotation(t *testing.T) {
	for step := 1; ; step++ {
		dir := t.TempDir()
		for name, line := range map[string]string{"app.log": "d", "app.log.1": "c", "app.log.2": "b", "app.log.3": "a"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(line+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		disk := &strictDisk{}
		f, err := openOn(disk, filepath.Join(dir, "app.log"), &Options{MaxSize: 2, Backups: 4})
		if err != nil {
			t.Fatal(err)
		}
		last := disk.step + step
		disk.before = func() {
			if disk.step == last {
				panic("crash")
			}
		}
		crashed := func() (crashed bool) {
			defer func() { crashed = recover() != nil }()
			_, _ = io.WriteString(f, "e\n")
			return
		}()
		f.file.Close() // The end of a process does the same.
		f, err = Open(filepath.Join(dir, "app.log"), &Options{MaxSize: 2, Backups: 4})
		if err != nil {
			t.Fatal(err)
		}
		if crashed {
			put(t, f, "e")
		}
		if got, want := files(t, dir), "app.log:e; app.log.1:d; app.log.2:c; app.log.3:b; app.log.4:a"; got != want {
			t.Errorf("a crash before step %d\ngot  %s\nwant %s", step, got, want)
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if !crashed {
			if step < 5 {
				t.Errorf("a rotation with three backups took %d steps", step)
			}
			return
		}
	}
}

// faultyDisk fails at one step.
type faultyDisk struct {
	realDisk

	at, step int
}

var errFault = errors.New("input/output error")

func (d *faultyDisk) fault() error {
	d.step++
	if d.step == d.at {
		return errFault
	}
	return nil
}

func (d *faultyDisk) open(path string, flag int, mode os.FileMode) (*os.File, error) {
	if err := d.fault(); err != nil {
		return nil, err
	}
	return d.realDisk.open(path, flag, mode)
}

func (d *faultyDisk) rename(from, to string) error {
	if err := d.fault(); err != nil {
		return err
	}
	return d.realDisk.rename(from, to)
}

func (d *faultyDisk) remove(path string) error {
	if err := d.fault(); err != nil {
		return err
	}
	return d.realDisk.remove(path)
}

// If any step of a rotation fails, every line is in a file or counted as lost.
func TestStepOfARotationFails(t *testing.T) {
	for at := 2; at < 60; at++ {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			disk := &faultyDisk{at: at}
			f, err := openOn(disk, filepath.Join(dir, "app.log"), &Options{MaxSize: 4, Backups: 50, Fallback: io.Discard})
			if err != nil {
				t.Fatal(err)
			}
			var written []string
			for i := range 20 {
				line := fmt.Sprintf("l%d", i)
				if _, err := io.WriteString(f, line+"\n"); err == nil {
					written = append(written, line)
				}
				<-time.After(checkAfter / 2)
			}
			if err := f.Close(); err != nil {
				t.Error(err)
			}
			all := strings.Fields(strings.NewReplacer(":", " ", ";", "").Replace(files(t, dir)))
			for _, line := range written {
				if count(all, line) != 1 {
					t.Errorf("step %d failed and %s exists %d times: %s", at, line, count(all, line), files(t, dir))
				}
			}
			if len(written)+int(f.Lost()) != 20 {
				t.Errorf("step %d failed: %d lines are written and %d counted", at, len(written), f.Lost())
			}
			if strings.Contains(files(t, dir), "app.log.0") {
				t.Errorf("step %d failed: %s", at, files(t, dir))
			}
		})
	}
}
