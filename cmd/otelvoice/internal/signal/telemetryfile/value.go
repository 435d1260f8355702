// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package telemetryfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/signal"
)

var (
	errLongValue = fmt.Errorf("an object of more than %d MB", maxLine>>20)
	errCutValue  = errors.New("the file ends within the object")
)

// A value is the text of an object of JSON that begins on a line, and the lines over which it goes. It reads no further
// than the object does.
type value struct {
	lines  *lineReader
	indent int    // Of the first line.
	line   []byte // The last line that was read.
	rest   []byte // What of it was not given yet.
	count  int    // The lines that were read.
	size   int
	isFlat bool  // The lines of the object are not indented.
	ended  error // Why no further line is read.

	isCut    bool  // The file ends within the object.
	isLost   bool  // It is unknown where the object ends.
	brokenAt int   // The line at which the object is broken, if that is not its first.
	failure  error // Of the file.
}

// readValue reads an object whose first line was read and is none by itself. The batch and the kind are as those of
// [Line]. Why is what is wrong with the first line, if no further line belongs to it.
func readValue(l *lineReader, line []byte, why error) (batch *signal.Batch, kind Kind, v *value, err error) {
	v = &value{lines: l, indent: indentOf(line), line: line, rest: line, count: 1, size: len(line)}
	in := json.NewDecoder(v)
	var object json.RawMessage
	err = in.Decode(&object)
	var syntax *json.SyntaxError
	switch {
	case v.failure != nil:
		return nil, Broken, v, err
	case err == nil && v.count > 1:
		v.unreadAfter(in.Buffered())
		batch, kind, err = Line(object)
		return batch, kind, v, err
	case v.isCut && v.count == 1:
		return nil, Broken, v, errCut
	case v.ended != nil: // There is no further line, or it is of the next object.
		return nil, Broken, v, v.ended
	case v.count == 1:
		return nil, Broken, v, why
	case errors.As(err, &syntax):
		v.isLost, v.brokenAt = true, l.number
		if v.isNext(v.line) {
			l.unread(v.line)
		}
	}
	return nil, Broken, v, err
}

// Read gives a line, or a part of it.
func (v *value) Read(p []byte) (int, error) {
	if len(v.rest) == 0 {
		if err := v.further(); err != nil {
			v.ended = err
			return 0, io.EOF
		}
	}
	n := copy(p, v.rest)
	v.rest = v.rest[n:]
	return n, nil
}

// further reads the next line.
func (v *value) further() error {
	line, err := v.lines.next()
	switch {
	case errors.Is(err, io.EOF):
		v.isCut = true
		return errCutValue
	case errors.Is(err, errLong):
		v.isLost = true
		return errLongValue
	case err != nil:
		v.failure = err
		return err
	}
	if v.count == 1 {
		v.isFlat = indentOf(line) <= v.indent && bytes.HasPrefix(bytes.TrimSpace(line), []byte(`"`))
	}
	if !v.isFlat && v.isNext(line) {
		v.lines.unread(line)
		return fmt.Errorf("the object does not end before that of line %d", v.lines.number)
	}
	v.count++
	if v.size += len(line); v.size > maxLine {
		v.isLost = true
		return errLongValue
	}
	v.line, v.rest = line, line
	return nil
}

// isNext reports whether a line begins an object that is not within this one, because it is indented no further.
func (v *value) isNext(line []byte) bool {
	at := indentOf(line)
	return at <= v.indent && at < len(line) && line[at] == '{'
}

// unreadAfter lets the reader go on with what is behind the object on its last line, but for the comma or bracket of a
// list of objects.
func (v *value) unreadAfter(buffered io.Reader) {
	after, _ := io.ReadAll(buffered)
	after = append(after, v.rest...)
	if len(bytes.Trim(after, ",] \t\r\n")) > 0 {
		v.lines.unread(bytes.TrimLeft(after, ",] \t"))
	}
}
