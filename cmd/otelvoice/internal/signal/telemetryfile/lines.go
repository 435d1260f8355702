// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/consolespan"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/logline"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

// maxLine is the longest line that is read. A collector writes a batch of spans in one.
const maxLine = 64 << 20

// maxWindow bounds the memory of a zstd file.
const maxWindow = 128 << 20

var (
	errLong = fmt.Errorf("a line of more than %d MB", maxLine>>20)
	errCut  = errors.New("the file ends within the line")
)

// Kind is what a line is.
type Kind int

// The kinds of lines.
const (
	Text        Kind = iota // Not telemetry.
	OTLP                    // A request of OTLP in JSON.
	LogLine                 // A line of package jsonlog.
	ConsoleSpan             // A span of OpenTelemetry's console exporter.
	Broken                  // It begins like an object of JSON, but is none.
)

// Line reads one line, without its end. The batch is nil for Text and Broken, err is nil except for Broken.
func Line(line []byte) (*signal.Batch, Kind, error) {
	line = bytes.TrimSpace(line)
	if len(line) == 0 || line[0] != '{' {
		return nil, Text, nil
	}
	batch, err := otlpdata.JSON(line)
	switch {
	case err == nil:
		return batch, OTLP, nil
	case !errors.Is(err, otlpdata.ErrNotOTLP):
		return nil, Broken, err
	}
	record, err := logline.Parse(line)
	switch {
	case err == nil:
		return &signal.Batch{Records: []*signal.Record{record}}, LogLine, nil
	case !errors.Is(err, logline.ErrOther):
		return nil, Broken, err
	}
	span, err := consolespan.Parse(line)
	switch {
	case err == nil:
		return &signal.Batch{Spans: []*signal.Span{span}}, ConsoleSpan, nil
	case errors.Is(err, consolespan.ErrOther):
		return nil, Text, nil
	}
	return nil, Broken, err
}

// lines reads lines, or objects that go over several.
func (r *Reader) lines(name string, in io.Reader) error {
	buffered := bufio.NewReaderSize(in, 64<<10)
	if first, _ := buffered.Peek(4 << 10); overSeveralLines(first) {
		return r.objects(name, buffered)
	}
	var long []byte // A line that is longer than the buffer.
	for number := 1; ; number++ {
		line, err := buffered.ReadSlice('\n')
		tooLong := false
		if errors.Is(err, bufio.ErrBufferFull) {
			long = append(long[:0], line...)
			for errors.Is(err, bufio.ErrBufferFull) {
				line, err = buffered.ReadSlice('\n')
				if tooLong = tooLong || len(long)+len(line) > maxLine; !tooLong {
					long = append(long, line...)
				}
			}
			line = long
		}
		if err != nil && err != io.EOF {
			return fmt.Errorf("line %d: %w", number, err)
		}
		atEnd := err != nil
		if atEnd && len(line) == 0 {
			return nil
		}
		r.Lines++
		r.Cut = r.Cut || atEnd
		if tooLong {
			r.broken(name, number, errLong)
		} else if err := r.line(name, number, line, atEnd); err != nil {
			return err
		}
		if atEnd {
			return nil //nolint:nilerr // The error is the end of the file.
		}
		if cap(long) > 1<<20 { // One long line does not hold its memory until the end of the file.
			long = nil
		}
	}
}

func (r *Reader) line(name string, number int, line []byte, cut bool) error {
	batch, kind, err := Line(line)
	switch kind {
	case Text:
		r.Other++
		if r.Text != nil {
			r.Text(bytes.TrimRight(line, "\r\n"))
		}
	case Broken:
		if cut {
			err = errCut
		}
		r.broken(name, number, err)
		if r.Text != nil {
			r.Text(bytes.TrimRight(line, "\r\n"))
		}
	case OTLP, LogLine, ConsoleSpan:
		return r.take(batch)
	}
	return nil
}

// overSeveralLines reports whether the text begins with an object that goes over several lines, as that of a
// person who formatted it does.
func overSeveralLines(text []byte) bool {
	first, rest, ok := bytes.Cut(text, []byte("\n"))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	return ok && string(bytes.TrimSpace(first)) == "{" && len(rest) > 0 && rest[0] == '"'
}

// objects reads objects that follow each other. Nothing tells where the next one begins if one is broken, so that
// the reading ends there.
func (r *Reader) objects(name string, in io.Reader) error {
	limited := &limit{in: in, left: maxLine}
	decoder := json.NewDecoder(limited)
	for {
		var object json.RawMessage
		err := decoder.Decode(&object)
		if err == io.EOF {
			return nil
		}
		r.Lines++
		if err != nil {
			var syntax *json.SyntaxError
			switch {
			case errors.Is(err, io.ErrUnexpectedEOF):
				r.Cut = true
				r.broken(name, r.Lines, errCut)
				return nil
			case errors.As(err, &syntax), errors.Is(err, errLong):
				r.broken(name, r.Lines, err)
				return nil
			}
			return err
		}
		limited.left = maxLine
		if err := r.line(name, r.Lines, object, false); err != nil {
			return err
		}
	}
}

// limit bounds what is read for one object.
type limit struct {
	in   io.Reader
	left int
}

func (l *limit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, errLong
	}
	n, err := l.in.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// decompress returns the text of a stream that may be compressed.
func (r *Reader) decompress(in io.Reader) (plain io.Reader, done func(), err error) {
	buffered := bufio.NewReaderSize(in, 64<<10)
	start, _ := buffered.Peek(4)
	switch {
	case bytes.HasPrefix(start, []byte{0x1F, 0x8B}):
		unzipped, err := gzip.NewReader(buffered)
		if err != nil {
			return nil, nil, err
		}
		return &cutShort{unzipped, &r.Cut}, func() {}, nil
	case bytes.Equal(start, []byte{0x28, 0xB5, 0x2F, 0xFD}):
		unzipped, err := zstd.NewReader(buffered, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			return nil, nil, err
		}
		return &cutShort{unzipped, &r.Cut}, unzipped.Close, nil
	}
	return buffered, func() {}, nil
}

// cutShort ends where a compressed stream was cut: what is before is read.
type cutShort struct {
	in  io.Reader
	cut *bool
}

func (c *cutShort) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		*c.cut, err = true, io.EOF
	}
	return n, err
}
