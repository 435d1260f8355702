// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build unix

package provider

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// A file that takes nothing, here a pipe that nobody reads, does not hold a flush up
// longer than its context.
func TestFlushIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	file, err := logfile.Open(path, &logfile.Options{Buffer: 1 << 20, FlushInterval: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	const lines, width = 512, 1024 // More than a pipe holds.
	for range lines {
		if _, err := io.WriteString(file, strings.Repeat("x", width-1)+"\n"); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, do := range []func(context.Context) error{flushedFile{file}.ForceFlush, flushedFile{file}.Shutdown} {
		if err := do(ctx); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
	if n, err := io.CopyN(io.Discard, reader, lines*width); err != nil {
		t.Errorf("read %d bytes, %v", n, err)
	}
	if err := errors.Join(file.Close(), reader.Close()); err != nil || file.Lost() > 0 {
		t.Errorf("%v, lost %d", err, file.Lost())
	}
}
