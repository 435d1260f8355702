// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/consolespan"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/jaegertrace"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/logline"
	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal/otlpdata"
)

// maxLine is the longest line that is read, and the longest object that goes over several. A collector writes a batch of
// spans in one.
const maxLine = 64 << 20

var (
	errLong = fmt.Errorf("a line of more than %d MB", maxLine>>20)
	errCut  = errors.New("the file ends within the line")

	// byteOrderMark begins the text of some editors and consoles, and each part of what is joined of their files.
	byteOrderMark = []byte("\uFEFF")
)

// Kind is what a line is.
type Kind int

// The kinds of lines.
const (
	Text        Kind = iota // Not telemetry.
	OTLP                    // A request of OTLP in JSON.
	LogLine                 // A line of package jsonlog.
	ConsoleSpan             // A span of a console exporter of OpenTelemetry.
	Jaeger                  // Traces that were downloaded from Jaeger.
	Broken                  // It begins like an object of JSON, but is none.
)

// Line reads one line, or an object that goes over several, with or without its end. The batch is nil for Text and Broken, err is nil except for Broken.
func Line(line []byte) (*signal.Batch, Kind, error) {
	line = bytes.TrimSpace(bytes.TrimPrefix(line, byteOrderMark))
	switch {
	case bytes.HasPrefix(line, []byte("[")):
		return list(line)
	case !bytes.HasPrefix(line, []byte("{")):
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
	case !errors.Is(err, consolespan.ErrOther):
		return nil, Broken, err
	}
	switch batch, err := jaegertrace.Parse(line); {
	case err == nil:
		return batch, Jaeger, nil
	case !errors.Is(err, jaegertrace.ErrOther):
		return nil, Broken, err
	}
	return nil, Text, nil
}

// list reads a list of objects on one line. Its kind is that of the first that is telemetry. A list of others is text, as
// is a line of a log that begins with a bracket.
func list(line []byte) (*signal.Batch, Kind, error) {
	var objects []json.RawMessage
	if json.Unmarshal(line, &objects) != nil {
		return nil, Text, nil //nolint:nilerr // It is a line of a log that begins with a bracket.
	}
	all, kind := new(signal.Batch), Text
	for _, object := range objects {
		if !bytes.HasPrefix(object, []byte("{")) {
			continue
		}
		batch, of, err := Line(object)
		if err != nil {
			return nil, Broken, err
		}
		if batch == nil {
			continue
		}
		all.Spans, all.Records, all.Points = append(all.Spans, batch.Spans...), append(all.Records, batch.Records...), all.Points+batch.Points
		if kind == Text {
			kind = of
		}
	}
	if kind == Text {
		return nil, Text, nil
	}
	return all, kind, nil
}

// lines reads lines of JSON and of text, and objects that go over several lines, as they come.
func (r *Reader) lines(name string, in io.Reader) error {
	l := &lineReader{in: bufio.NewReaderSize(in, 64<<10)}
	lost := -1 // The indent of an object that broke off. Until the next one of this indent, what begins with { is of it.
	for {
		line, err := l.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLong):
			r.Lines++
			r.broken(name, l.number, err)
			continue
		case err != nil:
			return fmt.Errorf("line %d: %w", l.number, err)
		}
		r.Lines++
		r.Cut = r.Cut || l.atEnd
		number := l.number
		batch, kind, err := Line(line)
		if kind == Broken {
			at := indentOf(line)
			if lost >= 0 && at > lost {
				r.Other++
				continue
			}
			lost = -1
			var v *value
			batch, kind, v, err = readValue(l, line, err)
			if v.failure != nil {
				return fmt.Errorf("line %d: %w", l.number, v.failure)
			}
			r.Cut = r.Cut || v.isCut
			if number = max(number, v.brokenAt); v.isLost {
				lost = at
			}
		}
		switch kind {
		case Text:
			r.Other++
		case Broken:
			r.broken(name, number, err)
		case OTLP, LogLine, ConsoleSpan, Jaeger:
			lost = -1
			if err := r.take(batch); err != nil {
				return err
			}
		}
	}
}

// lineReader reads lines of any length.
type lineReader struct {
	in     *bufio.Reader
	number int    // Of the last line.
	atEnd  bool   // The last line has no end.
	back   []byte // A line that is read again.
	long   []byte // A line that is longer than the buffer.
}

// next returns a line with its end. It is valid until the next call. The error is io.EOF after the last line, or
// errLong for a line that is skipped.
func (l *lineReader) next() ([]byte, error) {
	if line := l.back; line != nil {
		l.back = nil
		return line, nil
	}
	if cap(l.long) > 1<<20 { // One long line does not hold its memory until the end of the file.
		l.long = nil
	}
	l.number++
	line, err := l.in.ReadSlice('\n')
	tooLong := false
	if errors.Is(err, bufio.ErrBufferFull) {
		l.long = append(l.long[:0], line...)
		for errors.Is(err, bufio.ErrBufferFull) {
			line, err = l.in.ReadSlice('\n')
			if tooLong = tooLong || len(l.long)+len(line) > maxLine; !tooLong {
				l.long = append(l.long, line...)
			}
		}
		line = l.long
	}
	switch {
	case err != nil && (err != io.EOF || len(line) == 0):
		return nil, err
	case tooLong:
		return nil, errLong
	}
	l.atEnd = err != nil
	return bytes.TrimPrefix(line, byteOrderMark), nil
}

// unread lets the next call return a line again, or the rest of it.
func (l *lineReader) unread(line []byte) { l.back = line }

// indentOf returns how many characters are before the text of a line.
func indentOf(line []byte) int { return len(line) - len(bytes.TrimLeft(line, " \t")) }
