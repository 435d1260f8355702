// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// Several processes that rotate one file concurrently lose nothing.
func TestProcessesRotateTheSameFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that another process has open is not rotated on Windows")
	}
	const processes, each = 4, 5000
	for _, tt := range []struct {
		name, buffer string
	}{
		{"each line is written", "0"},
		{"lines wait", "500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			var wg sync.WaitGroup
			for p := range processes {
				cmd := start(t, fmt.Sprintf("%s|p%d|%d|3000|1000|%s", filepath.Join(dir, "app.log"), p, each, tt.buffer))
				wg.Go(func() {
					if out, err := cmd.Output(); err != nil {
						t.Errorf("%v: %s", err, out)
					}
				})
			}
			wg.Wait()
			everyLine(t, dir, processes, each)
		})
	}
}

// Several Files of one process that rotate one file lose nothing.
func TestFilesOfOneProcessRotateTheSameFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a file that another File has open is not rotated on Windows")
	}
	const writers, each = 4, 3000
	dir := t.TempDir()
	var wg sync.WaitGroup
	for p := range writers {
		f := open(t, filepath.Join(dir, "app.log"), logfile.Options{MaxSize: 3000, Backups: 1000})
		wg.Go(func() {
			for i := range each {
				if _, err := io.WriteString(f, childLine(fmt.Sprintf("p%d", p), i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	everyLine(t, dir, writers, each)
}

// everyLine checks that the files of a directory have every line of every writer.
func everyLine(t *testing.T, dir string, writers, each int) {
	t.Helper()
	found := make(map[string]int)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) < 5 {
		t.Errorf("%d files: no rotation took place", len(entries))
	}
	for _, e := range entries {
		for line := range strings.Lines(read(t, filepath.Join(dir, e.Name()))) {
			found[line]++
		}
	}
	for p := range writers {
		for i := range each {
			line := childLine(fmt.Sprintf("p%d", p), i)
			if n := found[line]; n != 1 {
				t.Fatalf("%q exists %d times", line, n)
			}
			delete(found, line)
		}
	}
	for line := range found {
		t.Errorf("%q was never written", line)
	}
}
