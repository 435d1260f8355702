// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package openai

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"iter"
	"time"
)

// event is a server-sent event whose data is a JSON value.
type event struct {
	name string // "" for most.
	data []byte
}

// events returns the events of a stream up to the marker [DONE]. Without the marker, the
// sequence ends with [io.ErrUnexpectedEOF].
//
// Servers differ: lines end with LF, CRLF or CR, a value may have several data lines, the empty
// line between values may be missing, and events may be empty. An event is yielded as soon as
// its value is complete.
func events(r io.Reader) iter.Seq2[event, error] {
	const maxLine, maxTries = 1 << 20, 16
	return func(yield func(event, error) bool) {
		lines := bufio.NewScanner(r)
		lines.Buffer(nil, maxLine)
		lines.Split(new(lineSplitter).split)
		var e event
		tries := 0 // How often e was incomplete.
		for first := true; lines.Scan(); first = false {
			line := lines.Bytes()
			if first {
				line = bytes.TrimPrefix(line, []byte("\ufeff"))
			}
			name, value, _ := bytes.Cut(line, []byte(":"))
			value = bytes.TrimPrefix(value, []byte(" "))
			end := len(line) == 0
			switch string(name) {
			case "event":
				e.name = string(value)
			case "error": // Of older llama.cpp servers.
				e.name, e.data = "error", append(e.data, value...)
			case "data":
				if string(bytes.TrimSpace(value)) == "[DONE]" {
					if len(e.data) > 0 {
						yield(e, nil)
					}
					return
				}
				if len(e.data)+len(value) > maxLine {
					yield(event{}, bufio.ErrTooLong)
					return
				}
				e.data = append(append(e.data, value...), '\n')
			}
			if e.data = bytes.TrimLeft(e.data, " \n"); len(e.data) == 0 {
				if end {
					e.name = ""
				}
				continue
			}
			if !end && tries < maxTries && !json.Valid(e.data) {
				tries++
				continue
			}
			if end || tries < maxTries {
				if !yield(e, nil) {
					return
				}
				e, tries = event{}, 0
			}
		}
		err := lines.Err()
		if err == nil {
			err = io.ErrUnexpectedEOF
		}
		if whole := e.name == "error" || json.Valid(e.data); len(e.data) > 0 && whole && !yield(e, nil) {
			return
		}
		yield(event{}, err)
	}
}

// lineSplitter splits at LF, CRLF and CR, without waiting for more data.
type lineSplitter struct{ cr bool }

func (s *lineSplitter) split(data []byte, atEOF bool) (advance int, token []byte, err error) {
	skipped := 0
	if s.cr && len(data) > 0 {
		s.cr = false
		if data[0] == '\n' {
			skipped, data = 1, data[1:]
		}
	}
	if i := bytes.IndexAny(data, "\r\n"); i >= 0 {
		s.cr = data[i] == '\r'
		return skipped + i + 1, data[:i:i], nil
	}
	if atEOF && len(data) > 0 {
		return skipped + len(data), data, nil
	}
	return skipped, nil, nil
}

// finish reads the rest of the stream, so that the connection can be reused. It does not wait
// for a server that keeps the stream open.
func finish(body io.ReadCloser) {
	const drainTimeout = 100 * time.Millisecond
	timer := time.AfterFunc(drainTimeout, func() { _ = body.Close() })
	defer timer.Stop()
	_, _ = io.Copy(io.Discard, io.LimitReader(body, 1<<16))
}
