// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package logsql compares the records in VictoriaLogs with the JSON lines that an agent prints, and reads
// the documented LogsQL queries.
package logsql

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/voice-agents/telemetry/e2e/backend"
)

// A Line is a line that an agent prints.
type Line map[string]any

// Lines reads the output of an agent.
func Lines(printed []byte) (lines []Line, err error) {
	for text := range bytes.Lines(printed) {
		d := json.NewDecoder(bytes.NewReader(text))
		d.UseNumber()
		var l Line
		if err := d.Decode(&l); err != nil {
			return nil, fmt.Errorf("read a line: %w: %.200s", err, text)
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// Text returns a field of the line that is text, or "".
func (l Line) Text(field string) string {
	text, _ := l[field].(string)
	return text
}

// names are the names in VictoriaLogs of a line's fields.
var names = map[string]string{
	"level": "severity_text", "message": "_msg", "correlation_id": "voice.correlation.id", "trace_id": "trace_id", "span_id": "span_id",
	"request_id": "voice.request.id", "session_id": "session.id", "turn_id": "voice.turn.id", "user_id": "user.id",
	"component": "voice.component.name", "component_type": "voice.component.type", "module": "scope.name",
	"function": "code.function.name", "line_number": "code.line.number", "file_path": "code.file.path", "process_id": "process.pid",
	"thread_id": "thread.id", "pipeline_id": "voice.pipeline.id", "phase": "voice.phase", "stage": "voice.stage",
	"extra_data": "", "performance_metrics": "voice.performance", "exception": "exception",
	"extra_data.error_code": "voice.error.code", "extra_data.recovery_action": "voice.error.recovery_action", "exception.chain": "voice.exception.chain",
}

// reserved are the names that VictoriaLogs gives to a record's own fields and those of its resource. The
// collector's configurations rename attributes that have such a name.
var reserved = []string{
	"_msg", "_time", "_stream", "_stream_id", "trace_id", "span_id", "severity_text", "severity_number", "event_name", "scope.name", "scope.version",
	"service.name", "service.namespace", "service.instance.id", "deployment.environment.name",
}

// fields returns the line's values by their names in VictoriaLogs. A value in a group has the
// names of both, with a dot between them.
func (l Line) fields() map[string]any {
	fields := make(map[string]any)
	for key, value := range l {
		if name, ok := names[key]; ok {
			flatten(fields, key, name, value)
		}
	}
	return fields
}

func flatten(to map[string]any, path, name string, value any) {
	group, ok := value.(map[string]any)
	if !ok {
		to[name] = value
		return
	}
	for key, member := range group {
		inner := strings.TrimPrefix(name+"."+key, ".")
		if name == "" && slices.Contains(reserved, key) {
			inner = "attribute." + key
		}
		if other, ok := names[path+"."+key]; ok {
			inner = other
		}
		flatten(to, path+"."+key, inner, member)
	}
}

// Differences returns the fields of a line that a record does not have with the same value.
// VictoriaLogs does not store empty text.
func (l Line) Differences(r backend.Record) (found []string) {
	fields := l.fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if want, got := fields[name], r[name]; !equal(want, got) {
			found = append(found, fmt.Sprintf("%s is %q, the line has %v", name, got, want))
		}
	}
	printed, err := time.Parse(time.RFC3339, l.Text("timestamp"))
	stored, storedErr := time.Parse(time.RFC3339, r["_time"])
	if err := cmp.Or(err, storedErr); err != nil || !stored.Truncate(time.Millisecond).Equal(printed) {
		found = append(found, fmt.Sprintf("_time is %q, the line has %q", r["_time"], l.Text("timestamp")))
	}
	if ms, ok := l["duration_ms"].(json.Number); ok {
		want, _ := ms.Float64()
		if seconds, err := strconv.ParseFloat(r["voice.duration"], 64); err != nil || math.Abs(seconds*1000-want) > 0.001 {
			found = append(found, fmt.Sprintf("voice.duration is %q, the line has %v ms", r["voice.duration"], ms))
		}
	}
	return found
}

func equal(want any, got string) bool {
	switch want := want.(type) {
	case nil:
		return got == ""
	case string:
		return got == want
	case bool:
		return got == strconv.FormatBool(want)
	case json.Number:
		if got == want.String() {
			return true
		}
		a, err := want.Float64()
		b, storedErr := strconv.ParseFloat(got, 64)
		return err == nil && storedErr == nil && a == b
	}
	text, err := json.Marshal(want)
	return err == nil && sameJSON(text, got)
}

// sameJSON compares two texts of JSON without regard to how characters are escaped.
func sameJSON(a []byte, b string) bool {
	var x, y any
	if json.Unmarshal(a, &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

// Compare compares all lines with all records: each line is one record with the same values, and no
// record is left over.
func Compare(lines []Line, records []backend.Record) error {
	key := func(values ...string) string { return strings.Join(values, "\x00") }
	stored := make(map[string][]backend.Record)
	for _, r := range records {
		k := key(r["span_id"], r["scope.name"], r["_msg"])
		stored[k] = append(stored[k], r)
	}
	var errs []error
	for _, l := range lines {
		k := key(l.Text("span_id"), l.Text("module"), l.Text("message"))
		var nearest []string
		i := slices.IndexFunc(stored[k], func(r backend.Record) bool {
			found := l.Differences(r)
			if nearest == nil || len(found) < len(nearest) {
				nearest = found
			}
			return len(found) == 0
		})
		switch {
		case i >= 0:
			stored[k] = slices.Delete(stored[k], i, i+1)
		case nearest != nil:
			errs = append(errs, fmt.Errorf("%.200q differs: %v", l.Text("message"), nearest))
		default:
			errs = append(errs, fmt.Errorf("%.200q of %s is missing", l.Text("message"), l.Text("module")))
		}
	}
	if len(records) != len(lines) {
		errs = append(errs, fmt.Errorf("%d lines and %d records", len(lines), len(records)))
	}
	return errors.Join(errs...)
}
