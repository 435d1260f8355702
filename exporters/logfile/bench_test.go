// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logfile_test

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/voice-agents/telemetry/exporters/logfile"
)

// locked is the alternative without this package: a buffer behind a mutex. It may cut a line in
// two, and a line waits in it until another is written.
type locked struct {
	mu sync.Mutex
	w  *bufio.Writer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func BenchmarkWrite(b *testing.B) {
	const buffer = 64 << 10
	line := []byte(strings.Repeat("x", 511) + "\n")
	create := func(b *testing.B) *os.File {
		b.Helper()
		f, err := os.Create(filepath.Join(b.TempDir(), "app.log"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = f.Close() })
		return f
	}
	rotated := func(b *testing.B, size int) *logfile.File {
		b.Helper()
		f, err := logfile.Open(filepath.Join(b.TempDir(), "app.log"), &logfile.Options{MaxSize: 10 << 20, Backups: 2, Buffer: size})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = f.Close() })
		return f
	}
	b.Run("os.File", func(b *testing.B) {
		f := create(b)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = f.Write(line)
		}
	})
	b.Run("logfile", func(b *testing.B) {
		f := rotated(b, 0)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = f.Write(line)
		}
	})
	b.Run("bufio with a mutex", func(b *testing.B) {
		f := &locked{w: bufio.NewWriterSize(create(b), buffer)}
		b.ReportAllocs()
		for b.Loop() {
			_, _ = f.Write(line)
		}
	})
	b.Run("logfile with a buffer", func(b *testing.B) {
		f := rotated(b, buffer)
		b.ReportAllocs()
		for b.Loop() {
			_, _ = f.Write(line)
		}
	})
}
