// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// AppendJSON appends the text for a line of package jsonlog. It is the reference that text from records
// is compared with.
func AppendJSON(dst, jsonLine []byte, opts Options) []byte {
	e, err := parseJSON(jsonLine)
	if err != nil {
		return strconv.AppendQuote(dst, err.Error())
	}
	r := row{dst: dst, painter: painter{on: opts.Colors}}
	r.entry(&e, &opts)
	return r.dst
}

// parseJSON sorts the fields of a JSON line. They keep their order.
func parseJSON(data []byte) (l entry, err error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return l, fmt.Errorf("textlog: no JSON object: %w", err)
	}
	l.fields = make([]field, 0, 32)
	err = membersJSON(d, "", func(key, value string) { addJSON(&l, key, value) })
	return l, err
}

// membersJSON reads the members of an object up to its end; those of objects inside
// have their names joined by dots.
func membersJSON(d *json.Decoder, prefix string, add func(key, value string)) error {
	var raw json.RawMessage // Its memory is reused for each value.
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
		case raw[0] == '{' && strings.Count(key, ".") < maxDots:
			inner := json.NewDecoder(bytes.NewReader(raw))
			inner.UseNumber()
			_, _ = inner.Token() // The brace that was peeked at.
			if err := membersJSON(inner, key+".", add); err != nil {
				return err
			}
		case raw[0] == '"':
			text, err := textJSON(raw)
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

// textJSON returns the text of a JSON string.
func textJSON(raw []byte) (text string, err error) {
	if bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : len(raw)-1]), nil
	}
	err = json.Unmarshal(raw, &text)
	return text, err
}

const (
	extraPrefix       = "extra_data."
	performancePrefix = "performance_metrics."
)

func addJSON(l *entry, key, value string) {
	switch key {
	case "timestamp":
		l.time, _ = time.Parse(time.RFC3339Nano, value)
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
		// They are not shown.
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
			f.key, f.from = rest, fromPerformance
		}
		l.fields = append(l.fields, f)
	}
}
