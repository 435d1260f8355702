// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package logfile_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// logrotate runs the real program on a file once.
func logrotate(t *testing.T, path, directives string) {
	t.Helper()
	program, err := exec.LookPath("logrotate")
	if err != nil {
		program, err = exec.LookPath("/usr/sbin/logrotate")
	}
	if err != nil {
		t.Skip("logrotate is not installed: it is in the Debian package logrotate")
	}
	dir := t.TempDir()
	config := filepath.Join(dir, "config")
	text := fmt.Sprintf("%s {\n\trotate 100\n\tmissingok\n\t%s\n}\n", path, directives)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), program, "-f", "-s", filepath.Join(dir, "state"), config).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// logrotate with copytruncate beside the package's own rotation loses no line and leaves no hole
// in the file.
func TestLogrotateCopytruncate(t *testing.T) {
	for _, buffer := range []int{0, 1000} {
		for _, size := range []int64{0, 1000} {
			t.Run(fmt.Sprintf("buffer %d, size %d", buffer, size), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					dir := t.TempDir()
					path := filepath.Join(dir, "app.log")
					f := open(t, path, logfile.Options{MaxSize: size, Backups: 50, Buffer: buffer, FlushInterval: time.Second})
					n := 0
					for round := range 4 {
						for range 60 {
							write(t, f, strings.TrimSuffix(childLine("p", n), "\n"))
							n++
						}
						if err := f.Flush(); err != nil { // Otherwise lines may come between its copy and its truncation.
							t.Fatal(err)
						}
						if round < 3 {
							logrotate(t, path, "copytruncate\n\tnodateext")
						}
					}
					if err := f.Close(); err != nil {
						t.Error(err)
					}
					if got := linesOf(t, dir, "p"); got != n || f.Lost() != 0 {
						t.Errorf("got %d lines of %d, %d counted as lost", got, n, f.Lost())
					}
					if text := read(t, path); strings.Contains(text, "\x00") {
						t.Error("the file contains zero bytes")
					}
				})
			})
		}
	}
}

// logrotate renames the file and sends SIGHUP; without delaycompress it compresses the renamed
// file at once.
func TestLogrotateRenamesAndSignals(t *testing.T) {
	for _, buffer := range []int{0, 1000} {
		dir := t.TempDir()
		path := filepath.Join(dir, "app.log")
		f := open(t, path, logfile.Options{Buffer: buffer, FlushInterval: time.Hour})
		f.ReopenOnHangup()
		n := 0
		for range 3 {
			for range 60 {
				write(t, f, strings.TrimSuffix(childLine("p", n), "\n"))
				n++
			}
			if err := f.Flush(); err != nil {
				t.Fatal(err)
			}
			logrotate(t, path, fmt.Sprintf("compress\n\tdelaycompress\n\tnocreate\n\tpostrotate\n\t\tkill -HUP %d\n\tendscript", os.Getpid()))
			for { // The signal is asynchronous; the test's own deadline bounds this loop.
				if _, err := os.Stat(path); err == nil {
					break
				}
				runtime.Gosched()
			}
		}
		if err := f.Close(); err != nil {
			t.Error(err)
		}
		if got := linesOf(t, dir, "p"); got != n || f.Lost() != 0 {
			t.Errorf("buffer %d: got %d lines of %d, %d counted as lost", buffer, got, n, f.Lost())
		}
	}
}
