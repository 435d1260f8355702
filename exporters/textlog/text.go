// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	moduleWidth = 16
	timeLayout  = "15:04:05.000"
	// maxFrames is how many frames of a stack trace are shown; the JSON line has
	// all of them.
	maxFrames = 3
)

// line is a JSON line, sorted by where its fields go in the text.
type line struct {
	time, level, module, message string
	correlation, trace           string
	file, number                 string
	errorType, errorText         string
	chain, stack                 string

	fields, ids []field
}

type field struct{ key, value string }

// Append appends the text for a JSON line, with a line end.
func Append(dst, jsonLine []byte, opts Options) []byte {
	l, err := parse(jsonLine)
	if err != nil {
		return append(appendPlain(dst, strings.Trim(string(jsonLine), "\r\n")), '\n')
	}
	p := painter{on: opts.Colors}
	dst = p.open(dst, dim)
	dst = appendTime(dst, l.time, opts.Location)
	dst = p.close(dst)
	dst = append(dst, ' ')
	dst = p.open(dst, colorOf(l.level))
	dst = appendPadded(dst, l.level, len("ERROR"))
	dst = p.close(dst)
	dst = append(dst, ' ')
	dst = p.open(dst, cyan)
	dst = appendPadded(dst, l.module, moduleWidth)
	dst = p.close(dst)
	dst = append(dst, ' ')
	dst = appendPlain(dst, l.message)

	gap := "  "
	add := func(color, key, value string) {
		if value == "" {
			return
		}
		dst = append(dst, gap...)
		gap = " "
		dst = p.open(dst, color)
		dst = appendPlain(dst, key)
		dst = append(dst, '=')
		if color == dim {
			dst = appendValue(dst, value)
			dst = p.close(dst)
			return
		}
		dst = p.close(dst)
		dst = appendValue(dst, value)
	}
	for _, f := range l.fields {
		add(blue, f.key, f.value)
	}
	add(red, "error", strings.TrimPrefix(l.errorType+": "+l.errorText, ": "))
	add(red, "caused_by", l.chain)
	add(red, "stack", frames(l.stack))
	gap = "  "
	for _, f := range l.ids {
		add(dim, f.key, f.value)
	}
	if l.trace != "" && l.trace != strings.ReplaceAll(l.correlation, "-", "") {
		add(dim, "trace_id", l.trace)
	}
	if l.file != "" {
		add(dim, "at", strings.TrimSuffix(path.Base(strings.ReplaceAll(l.file, `\`, "/"))+":"+l.number, ":"))
	}
	return append(dst, '\n')
}

// parse sorts the fields of a line. They keep their order.
func parse(data []byte) (l line, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return l, fmt.Errorf("textlog: no JSON object: %w", err)
	}
	err = members(d, "", func(key, value string) { l.add(key, value) })
	return l, err
}

// members reads the members of an object up to its end; those of objects inside
// have their names joined by dots.
func members(d *json.Decoder, prefix string, add func(key, value string)) error {
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return err
		}
		name, _ := token.(string)
		key := prefix + name
		var raw json.RawMessage
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
			var text string
			if err := json.Unmarshal(raw, &text); err != nil {
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
	case "correlation_id":
		l.correlation = value
		l.ids = append(l.ids, field{key, value})
	case "trace_id":
		l.trace = value
	case "span_id", "request_id", "session_id", "turn_id", "user_id", "pipeline_id":
		l.ids = append(l.ids, field{key, value})
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
		key = strings.TrimPrefix(strings.TrimPrefix(key, extraPrefix), performancePrefix)
		l.fields = append(l.fields, field{key, value})
	}
}

// frames returns the first functions of a stack trace with where they are, in one
// line.
func frames(stack string) string {
	var list []string
	var function string
	for text := range strings.Lines(stack) {
		place, indented := strings.CutPrefix(strings.TrimRight(text, "\n"), "\t")
		if !indented {
			function = path.Base(strings.TrimRight(text, "\n"))
			if args := strings.LastIndexByte(function, '('); args > 0 && strings.HasSuffix(function, ")") {
				function = function[:args] // And not the receiver of agent.(*Agent).Think.
			}
			continue
		}
		if function == "panic" {
			list = list[:0] // Above it is what caught the panic.
			continue
		}
		place, _, _ = strings.Cut(place, " ")
		if len(list) == maxFrames {
			continue
		}
		list = append(list, function+" "+path.Base(place))
	}
	return strings.Join(list, " < ")
}

// appendTime appends the time of day. A time that cannot be read is shown as it
// is.
func appendTime(dst []byte, text string, in *time.Location) []byte {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return appendPadded(dst, text, len(timeLayout))
	}
	if in == nil {
		in = time.Local
	}
	return t.In(in).AppendFormat(dst, timeLayout)
}

func appendPadded(dst []byte, text string, width int) []byte {
	dst = appendPlain(dst, text)
	for n := utf8.RuneCountInString(text); n < width; n++ {
		dst = append(dst, ' ')
	}
	return dst
}

// appendValue appends a value, in quotes if it could be taken for more than one.
func appendValue(dst []byte, value string) []byte {
	if value == "" || strings.ContainsAny(value, " \"=") {
		return strconv.AppendQuote(dst, value)
	}
	return appendPlain(dst, value)
}

// appendPlain appends text in which what is not to be seen, or acts on a terminal,
// is escaped as in Go's strings.
func appendPlain(dst []byte, text string) []byte {
	for _, r := range text {
		if unicode.IsPrint(r) {
			dst = utf8.AppendRune(dst, r)
			continue
		}
		quoted := strconv.QuoteRune(r)
		dst = append(dst, quoted[1:len(quoted)-1]...)
	}
	return dst
}
