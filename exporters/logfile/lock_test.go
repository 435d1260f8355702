// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package logfile_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// While another process holds the lock on the directory the file grows. This is reported once if
// it takes long.
func TestDirectoryIsLockedByAnotherProcess(t *testing.T) {
	for _, tt := range []struct {
		hold     time.Duration
		reported int
	}{{time.Second, 0}, {time.Minute, 1}} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			var reported bytes.Buffer
			f := open(t, filepath.Join(dir, "app.log"), logfile.Options{MaxSize: 2, Backups: 3, Fallback: &reported})
			write(t, f, "a")
			other, err := os.Open(dir)
			if err != nil {
				t.Fatal(err)
			}
			if err := syscall.Flock(int(other.Fd()), syscall.LOCK_EX); err != nil {
				t.Skip("cannot lock directories here: ", err)
			}
			want := "a"
			for until := time.Now().Add(tt.hold); time.Now().Before(until); pass(time.Second / 2) {
				write(t, f, "b")
				want += " b"
			}
			if err := other.Close(); err != nil {
				t.Fatal(err)
			}
			pass(time.Second)
			write(t, f, "c")
			if got := contents(t, dir); got != "app.log:c; app.log.1:"+want {
				t.Errorf("got %s", got)
			}
			if got := reported.String(); strings.Count(got, "\n") != tt.reported || tt.reported > 0 && !strings.Contains(got, "another process has a lock on the directory") {
				t.Errorf("reported %q", got)
			}
		})
	}
}
