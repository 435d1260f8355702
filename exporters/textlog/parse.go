// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// line is a JSON line, sorted by where its fields go in the text.
type line struct {
	time, level, module, message string
	component, phase, stage      string
	duration                     string // In milliseconds.
	correlation, trace, session  string
	file, number                 string
	errorType, errorText         string
	chain, stack                 string

	fields []field // Those that are none of the above.
	ids    []field // All ids, whole.
}

// field is a field with its name in the text.
type field struct {
	key, value string
	from       origin
}

// origin is the object that a field stands in.
type origin uint8

const (
	fromLine origin = iota
	fromExtra
	fromFigures
)

// parse sorts the fields of a line. They keep their order.
func parse(data []byte) (l line, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return l, fmt.Errorf("textlog: no JSON object: %w", err)
	}
	l.fields = make([]field, 0, 32)
	err = members(d, "", func(key, value string) { l.add(key, value) })
	return l, err
}

// members reads the members of an object up to its end; those of objects inside
// have their names joined by dots.
func members(d *json.Decoder, prefix string, add func(key, value string)) error {
	var raw json.RawMessage // Its memory is used again for each value.
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		key := prefix + name
		raw = raw[:0]
		if err := d.Decode(&raw); err != nil {
			return err
		}
		switch {
		case len(raw) == 0:
		case raw[0] == '{' && strings.Count(key, ".") < maxNested:
			inner := json.NewDecoder(bytes.NewReader(raw))
			inner.UseNumber()
			_, _ = inner.Token() // The brace that was seen.
			if err := members(inner, key+".", add); err != nil {
				return err
			}
		case raw[0] == '"':
			text, err := textOf(raw)
			if err != nil {
				return err
			}
			add(key, text)
		default:
			add(key, string(raw))
		}
	}
	_, err := d.Token()
	return err
}

// textOf returns the text of a JSON string.
func textOf(raw []byte) (text string, err error) {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1]), nil
	}
	err = json.Unmarshal(raw, &text)
	return text, err
}

// maxNested bounds how deep objects are taken apart; deeper ones stay JSON.
const maxNested = 16

const (
	extraPrefix       = "extra_data."
	performancePrefix = "performance_metrics."
)

func (l *line) add(key, value string) {
	switch key {
	case "timestamp":
		l.time = value
	case "level":
		l.level = value
	case "module":
		l.module = value
	case "message":
		l.message = value
	case "component":
		l.component = value
	case "phase":
		l.phase = value
	case "stage":
		l.stage = value
	case "duration_ms":
		l.duration = value
	case "correlation_id":
		l.correlation = value
		l.ids = append(l.ids, field{key: key, value: value})
	case "session_id":
		l.session = value
		l.ids = append(l.ids, field{key: key, value: value})
	case "trace_id":
		l.trace = value
	case "span_id", "request_id", "turn_id", "user_id", "pipeline_id":
		l.ids = append(l.ids, field{key: key, value: value})
	case "file_path":
		l.file = value
	case "line_number":
		l.number = value
	case "function", "process_id", "thread_id", performancePrefix + "duration_ms":
		// The first says what at= says; the others tell a reader nothing; the
		// duration is a field of its own.
	case "exception.type":
		l.errorType = value
	case "exception.message":
		l.errorText = value
	case "exception.chain":
		l.chain = value
	case "exception.stacktrace":
		l.stack = value
	default:
		f := field{key: key, value: value}
		if rest, ok := strings.CutPrefix(key, extraPrefix); ok {
			f.key, f.from = rest, fromExtra
		} else if rest, ok := strings.CutPrefix(key, performancePrefix); ok {
			f.key, f.from = rest, fromFigures
		}
		l.fields = append(l.fields, f)
	}
}

// own reports whether the toolkit wrote the line, and not the program.
func (l *line) own() bool { return l.phase != "" }

// get returns a field of extra_data, or "".
func (l *line) get(key string) string {
	for i := range l.fields {
		if f := &l.fields[i]; f.from == fromExtra && f.key == key {
			return f.value
		}
	}
	return ""
}

// seconds returns a field of extra_data that is a number of seconds, and whether it is.
func (l *line) seconds(key string) (float64, bool) { return parseNumber(l.get(key)) }

func parseNumber(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n >= 0
}
