// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// entry is a log record as texts, sorted by their place in the text line. Numbers, lists and deep
// maps are JSON.
type entry struct {
	time                        time.Time
	level, module, message      string
	component, phase, stage     string
	duration                    string // In milliseconds.
	correlation, trace, session string
	file, number                string
	errorType, errorText        string
	chain, stack                string

	fields []field // The other fields.
	ids    []field // All ids, in full.
}

// field is a field with its name in the text.
type field struct {
	key, value string
	from       origin
}

// origin is the object of a JSON line that has the field.
type origin uint8

const (
	fromLine origin = iota
	fromExtra
	fromPerformance
)

// maxDots bounds how deep maps are flattened, by the dots in the path of a field. Deeper maps are
// JSON.
const maxDots = 16

// own reports whether the toolkit logged the record, and not the program.
func (e *entry) own() bool { return e.phase != "" }

// get returns a field of the extra data, or "".
func (e *entry) get(key string) string {
	for i := range e.fields {
		if f := &e.fields[i]; f.from == fromExtra && f.key == key {
			return f.value
		}
	}
	return ""
}

// seconds returns a field of the extra data that is a number of seconds, and whether it is one.
func (e *entry) seconds(key string) (float64, bool) { return parseNumber(e.get(key)) }

func parseNumber(text string) (float64, bool) {
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && n >= 0
}

// reader fills an entry from a record.
type reader struct {
	entry

	maxText int
	size    int // The approximate size as JSON; see [logline.MaxExtra].
}

// read fills the entry from a record that l has sorted.
func (r *reader) read(l *logline.Line, record *logrecord.Record, module string) {
	r.entry = entry{fields: r.fields[:0], ids: r.ids[:0]}
	r.maxText, r.size = l.MaxText, 0
	r.time = logline.InRange(logline.Time(record))
	r.level = string(logline.AppendLevel(nil, record))
	r.module = logline.CutText(module, r.maxText)
	r.message = r.body(record)

	tid, sid := record.Span.TraceID(), record.Span.SpanID()
	if tid.IsValid() {
		r.trace = hex.EncodeToString(tid[:])
	}
	switch {
	case l.Filled.Has(logline.CorrelationID):
		v, _ := l.Value(logline.CorrelationID)
		r.correlation = r.text(v)
		r.id("correlation_id", r.correlation)
	case tid.IsValid():
		r.correlation = string(logline.AppendUUID(nil, tid))
		r.id("correlation_id", r.correlation)
	}
	if sid.IsValid() {
		r.id("span_id", hex.EncodeToString(sid[:]))
	}
	for set := l.Filled; set != 0; set = set.WithoutFirst() {
		r.readField(l, set.First())
	}
	r.readExtra(l)
	if l.Filled.Has(logline.Performance) {
		v, _ := l.Value(logline.Performance)
		r.members(fromPerformance, "", v)
	}
	if text := l.Exception(logline.ExceptionType, record.Err); text != "" {
		r.errorType = logline.CutText(text, r.maxText)
	}
	if text := l.Exception(logline.ExceptionMessage, record.Err); text != "" {
		r.errorText = logline.CutText(text, r.maxText)
	}
}

// body returns the message of a record: the body as text, else as JSON, or the name of an event.
func (r *reader) body(record *logrecord.Record) string {
	switch body := record.Body; body.Type() {
	case attribute.STRING:
		return logline.CutText(body.AsString(), r.maxText)
	case attribute.EMPTY:
		return logline.CutText(record.EventName, r.maxText)
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return body.String()
	}
	return logline.CutText(string(logline.AppendValueText(nil, &record.Body, r.maxText)), r.maxText)
}

func (r *reader) id(key, value string) { r.ids = append(r.ids, field{key: key, value: value}) }

// readField reads a field that an attribute fills.
func (r *reader) readField(l *logline.Line, f logline.Field) {
	if notShown.Has(f) {
		return
	}
	v, seconds := l.Value(f)
	if seconds {
		r.duration = string(logline.AppendFloat(nil, logline.Milliseconds(v.AsFloat64())))
		return
	}
	text := r.text(v)
	switch f {
	case logline.Duration:
		r.duration = text
	case logline.RequestID:
		r.id("request_id", text)
	case logline.SessionID:
		r.session = text
		r.id("session_id", text)
	case logline.TurnID:
		r.id("turn_id", text)
	case logline.UserID:
		r.id("user_id", text)
	case logline.PipelineID:
		r.id("pipeline_id", text)
	case logline.Component:
		r.component = text
	case logline.ComponentType:
		r.fields = append(r.fields, field{key: "component_type", value: text})
	case logline.LineNumber:
		r.number = text
	case logline.FilePath:
		r.file = text
	case logline.Phase:
		r.phase = text
	case logline.Stage:
		r.stage = text
	case logline.ExceptionType:
		r.errorType = text
	case logline.ExceptionMessage:
		r.errorText = text
	case logline.ExceptionChain:
		r.chain = text
	case logline.ExceptionStacktrace:
		r.stack = text
	default: // The fields of notShown.
	}
}

// notShown are the fields that readField leaves out: read has the first two, and the last two are not
// shown.
const notShown logline.FieldSet = 1<<logline.CorrelationID | 1<<logline.Performance | 1<<logline.Function | 1<<logline.ThreadID

// readExtra reads the attributes that fill no field.
func (r *reader) readExtra(l *logline.Line) {
	for i := range l.Attrs {
		if !l.IsExtra(i) {
			continue
		}
		key := l.Keys[i].Name
		if r.size += len(l.Keys[i].JSON); r.size >= logline.MaxExtra {
			r.field(fromExtra, key, more(l.Extra(i)))
			return
		}
		r.value(fromExtra, key, &l.Attrs[i].Value)
	}
}

// value adds a value. Maps are flattened: the keys of their members are joined by dots.
func (r *reader) value(from origin, key string, v *attribute.Value) {
	const outer = 1 // The dot before the key in the path.
	switch {
	case v.Type() == attribute.MAP && outer+strings.Count(key, ".") < maxDots:
		r.members(from, key+".", v)
	case v.Type() == attribute.BYTESLICE && outer+strings.Count(key, ".") < maxDots:
		r.field(from, key+".size_bytes", strconv.Itoa(len(v.AsByteSlice())))
	default:
		r.field(from, key, r.text(v))
	}
}

// members adds the members of a map.
func (r *reader) members(from origin, prefix string, v *attribute.Value) {
	limit := r.size + logline.MaxValueBytes
	members := logline.Members(*v, r.maxText)
	for i := range members {
		m := &members[i]
		if r.size += len(m.Key) + len(`"":,`); r.size >= limit {
			r.field(from, prefix+string(m.Key), more(len(members)-i))
			return
		}
		r.value(from, prefix+string(m.Key), &m.Value)
	}
}

// field adds a field. The duration in the performance metrics is left out: it is a field of its own.
func (r *reader) field(from origin, key, value string) {
	r.size += len(value) + len(`""`)
	if from == fromPerformance && key == "duration_ms" {
		return
	}
	r.fields = append(r.fields, field{key: key, value: value, from: from})
}

// text returns a value as text.
func (r *reader) text(v *attribute.Value) string {
	switch v.Type() {
	case attribute.STRING:
		return logline.CutText(v.AsString(), r.maxText)
	case attribute.FLOAT64:
		return strings.Trim(string(logline.AppendFloat(nil, v.AsFloat64())), `"`) // NaN is a string in JSON.
	default:
		return string(logline.AppendValueText(nil, v, r.maxText))
	}
}

// more returns the text that stands for n values left out.
func more(n int) string { return strings.Trim(string(logline.AppendMore(nil, n)), `"`) }
