// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package telemetryfile reads files of telemetry, as a stream and in bounded memory:
//
//   - lines of JSON: log lines of package jsonlog, requests of OTLP as the Collector's file exporter writes them, and
//     spans of OpenTelemetry's console exporters of Go and Python. Other lines are counted;
//   - traces that were downloaded from Tempo or Jaeger;
//   - the same objects, each over several lines, as they are when a person has formatted them. They are mixed with
//     other lines as they come;
//   - requests of OTLP with a length before each, as the Collector's file exporter writes them in protobuf or compressed;
//   - the segments of a spool, one or a directory of them;
//   - any of these but the spool compressed with gzip or zstd, and in UTF-16.
package telemetryfile

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

// Counts is what was read.
type Counts struct {
	Lines                  int // Lines, objects of several lines, or requests of a spool.
	Spans, Records, Points int
	// Other is the lines that are not telemetry, such as text.
	Other int
	// Broken is the lines that begin like an object but are not JSON, that are too long, or that are not what
	// they seem to be; and the requests of a spool that are damaged. FirstBroken says where the first is, and
	// what is wrong with it.
	Broken      int
	FirstBroken string
	// Cut reports that a file ends within a line, as one does that is being written. The line counts as broken
	// unless it is whole.
	Cut bool
	// Short is the names of the compressed files whose data end early. What is before was read.
	Short []string
	// Damaged is the names of the compressed files whose data are not what they should be, and why. What is before was
	// read.
	Damaged []string
}

// Reader reads files. Set Each first.
type Reader struct {
	// Each is called with what was read. An error ends the reading.
	Each func(*signal.Batch) error
	// Progress is called about once for each megabyte, if it is set. Size is -1 if it is unknown.
	Progress func(name string, read, size int64)
	// Stdin is what the name "-" means.
	Stdin io.Reader

	Counts
}

// Read reads a file, or a directory of a spool. It ends early with the context's error.
func (r *Reader) Read(ctx context.Context, name string) error {
	if name == "-" {
		return r.ReadFrom(ctx, "stdin", r.Stdin, -1)
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	if info.IsDir() {
		return r.spool(ctx, name)
	}
	if !info.Mode().IsRegular() {
		return r.ReadFrom(ctx, name, &Stream{Name: name}, -1)
	}
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	if s, ok := segmentSignal(f); ok {
		return r.segment(ctx, name, f, info.Size(), s)
	}
	return r.ReadFrom(ctx, name, f, info.Size())
}

// ReadFrom reads a stream. Size is -1 if it is unknown.
func (r *Reader) ReadFrom(ctx context.Context, name string, in io.Reader, size int64) error {
	if size < 0 {
		var stop func()
		in, stop = Interruptible(ctx, in)
		defer stop()
	}
	counted := &counter{ctx: ctx, in: in, told: func(n int64) {
		if r.Progress != nil {
			r.Progress(name, n, size)
		}
	}}
	plain, done, err := r.Plain(name, counted)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	defer done()
	read, buffered := r.lines, bufio.NewReaderSize(plain, 64<<10)
	if hasMessages(buffered) {
		read = r.messages
	}
	if err := read(name, buffered); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// take gives a batch on.
func (r *Reader) take(b *signal.Batch) error {
	r.Spans += len(b.Spans)
	r.Records += len(b.Records)
	r.Points += b.Points
	return r.Each(b)
}

func (r *Reader) broken(name string, line int, err error) {
	r.Broken++
	if r.Broken == 1 {
		r.FirstBroken = fmt.Sprintf("%s:%d: %v", name, line, err)
	}
}

// counter counts what is read, and ends when the context does.
type counter struct {
	ctx      context.Context
	in       io.Reader
	read, at int64
	told     func(int64)
}

const progressStep = 1 << 20

func (c *counter) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := c.in.Read(p)
	c.read += int64(n)
	if c.read-c.at >= progressStep {
		c.at = c.read
		c.told(c.read)
	}
	return n, err
}
