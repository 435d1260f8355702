// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"slices"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// encoder encodes one record at a time. Its Line has the record's own attributes; those of the
// record's groups are encoded already.
type encoder struct {
	logline.Line

	// The encoded groups of the record and the fields that they fill. In the sections of
	// interleaved, the fields of the groups must be written one by one.
	groups      [logrecord.GroupCount]*encodedGroup
	groupFilled logline.FieldSet
	interleaved logline.FieldSet

	// The fields of the groups, once split.
	split  bool
	fields [logline.FieldCount]string

	clock clock
	line  []byte
}

const (
	lineSize = 1 << 10 // The size of a usual line, so that a new buffer seldom grows.
	// maxLine bounds the line for which a pooled encoder keeps its buffer.
	maxLine = 16 << 10
)

var encoders = sync.Pool{New: func() any { return &encoder{line: make([]byte, 0, lineSize)} }}

func newEncoder(p *Provider) *encoder {
	e := encoders.Get().(*encoder)
	e.MaxText, e.KeyCache = p.maxText, &p.keys
	e.groupFilled, e.interleaved, e.split = 0, 0, false
	e.groups = [len(e.groups)]*encodedGroup{}
	return e
}

// free returns the encoder to the pool, without what it holds of the record.
func (e *encoder) free() {
	if cap(e.line) <= maxLine && e.Release() {
		encoders.Put(e)
	}
}

// sort sorts the record's own attributes and looks up its encoded groups. If a group cannot be
// written as encoded, it expands the record's groups into attributes.
func (e *encoder) sort(p *Provider, r *logrecord.Record) {
	e.Sort(r.Attributes, r.Keys)
	candidates, expand := e.Candidates(), e.Renamed()
	for i, g := range r.Groups {
		if g == nil {
			continue
		}
		var span trace.SpanContext
		if i == logrecord.ContextGroup { // Only the context's ids belong to a span.
			span = r.Span
		}
		encoded := p.encode(g, span)
		e.groups[i] = encoded
		expand = expand || encoded.expand || candidates&encoded.candidates != 0
		candidates |= encoded.candidates
		e.groupFilled |= encoded.filled
	}
	if expand {
		r.Expand()
		e.groupFilled, e.groups = 0, [len(e.groups)]*encodedGroup{}
		e.Restore()
		e.Sort(r.Attributes, r.Keys)
		return
	}
	e.findInterleaved()
}

// The fields that the groups usually fill. Then the groups' fields of a section can be written one
// group after the other.
const (
	loggerFields  logline.FieldSet = 1<<logline.Component | 1<<logline.ComponentType
	sourceFields  logline.FieldSet = 1<<(logline.FilePath+1) - 1<<logline.Function
	contextFields                  = ^(loggerFields | sourceFields)
)

// groupOrder is the usual order of the groups' fields in a section.
var groupOrder = [...]int{logrecord.ContextGroup, logrecord.LoggerGroup, logrecord.SourceGroup}

// findInterleaved finds the sections in which a field of one group comes before a field of a group
// that is earlier in groupOrder.
func (e *encoder) findInterleaved() {
	usual := true
	for i, fields := range [...]logline.FieldSet{logrecord.SourceGroup: sourceFields, logrecord.LoggerGroup: loggerFields, logrecord.ContextGroup: contextFields} {
		usual = usual && (e.groups[i] == nil || e.groups[i].filled&^fields == 0)
	}
	if usual {
		return
	}
	for _, fields := range sections {
		var before logline.FieldSet
		for _, i := range groupOrder {
			if e.groups[i] == nil {
				continue
			}
			within := e.groups[i].filled & fields
			if within != 0 && before >= within.First().Set() {
				e.interleaved |= fields
			}
			before |= within
		}
	}
}

// appendLine appends the line of a record between two line ends, for [logline.Writer.Write].
func (e *encoder) appendLine(dst []byte, l *logger, r *logrecord.Record) []byte {
	dst = append(dst, "\n{\"timestamp\":\""...)
	dst = e.clock.appendTime(dst, logline.Time(r))
	dst = append(dst, `","level":"`...)
	dst = logline.AppendLevel(dst, r)
	dst = append(dst, `","message":`...)
	dst = e.appendMessage(dst, r)

	dst = e.appendTrace(dst, r.Span)
	dst = e.appendSection(dst, idSection)
	dst = append(dst, l.encodedModule...)
	dst = e.appendSection(dst, sourceSection)
	dst = append(dst, l.provider.processID...)
	if r.ThreadID != 0 {
		dst = append(dst, labels[logline.ThreadID]...)
		dst = logline.AppendInt(dst, r.ThreadID)
	}
	dst = e.appendSection(dst, stageSection)
	dst = e.appendExtra(dst)
	dst = e.appendSection(dst, performanceSection)
	dst = e.appendException(dst, r.Err)
	return append(dst, "}\n"...)
}

// appendMessage appends the body as a JSON string: its text, or else its JSON.
func (e *encoder) appendMessage(dst []byte, r *logrecord.Record) []byte {
	switch body := r.Body; body.Type() {
	case attribute.STRING:
		return logline.AppendText(dst, body.AsString(), e.MaxText)
	case attribute.EMPTY:
		return logline.AppendText(dst, r.EventName, e.MaxText)
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return logline.AppendString(dst, body.String())
	}
	text := logline.NewBuffer()
	defer text.Free()
	*text = logline.AppendValueText(*text, &r.Body, e.MaxText)
	return logline.AppendText(dst, string(*text), e.MaxText)
}

// appendTrace appends the correlation ID and the IDs of the span.
func (e *encoder) appendTrace(dst []byte, span trace.SpanContext) []byte {
	if (e.Filled | e.groupFilled).Has(logline.CorrelationID) {
		dst = e.appendSection(dst, correlationSection)
	} else if id := span.TraceID(); id.IsValid() {
		dst = append(dst, labels[logline.CorrelationID]...)
		dst = append(dst, '"')
		dst = appendUUID(dst, id)
		dst = append(dst, '"')
	}
	return e.appendSpan(dst, span)
}

func appendSpanIDs(dst []byte, tid trace.TraceID, sid trace.SpanID) []byte {
	if tid.IsValid() {
		dst = append(dst, `,"trace_id":"`...)
		dst = appendHex(dst, tid[:])
		dst = append(dst, '"')
	}
	if sid.IsValid() {
		dst = append(dst, `,"span_id":"`...)
		dst = appendHex(dst, sid[:])
		dst = append(dst, '"')
	}
	return dst
}

// appendHex appends the bytes in hexadecimal, twice as fast as [hex.AppendEncode].
func appendHex(dst, src []byte) []byte {
	const digits = "0123456789abcdef"
	at := len(dst)
	dst = slices.Grow(dst, 2*len(src))[:at+2*len(src)]
	for _, b := range src {
		dst[at], dst[at+1] = digits[b>>4], digits[b&0xF]
		at += 2
	}
	return dst
}

func appendUUID(dst []byte, id trace.TraceID) []byte {
	dst = appendHex(dst, id[:4])
	for i := 4; i < 10; i += 2 {
		dst = append(dst, '-')
		dst = appendHex(dst, id[i:i+2])
	}
	dst = append(dst, '-')
	return appendHex(dst, id[10:])
}

// appendSection appends the fields of a section that are filled, with their names.
func (e *encoder) appendSection(dst []byte, s section) []byte {
	fields := sections[s]
	if (e.Filled|e.interleaved)&fields != 0 {
		return e.appendFields(dst, fields)
	}
	if e.groupFilled&fields == 0 {
		return dst
	}
	for _, i := range groupOrder {
		if g := e.groups[i]; g != nil && g.filled&fields != 0 {
			dst = append(dst, g.section(s)...)
		}
	}
	return dst
}

// appendFields appends fields one by one.
func (e *encoder) appendFields(dst []byte, fields logline.FieldSet) []byte {
	if !e.split {
		e.split = true
		for _, g := range e.groups {
			if g != nil {
				g.splitInto(e)
			}
		}
	}
	for set := fields & (e.Filled | e.groupFilled); set != 0; set = set.WithoutFirst() {
		f := set.First()
		if e.Filled.Has(f) {
			dst = e.appendField(dst, f)
		} else {
			dst = append(dst, e.fields[f]...)
		}
	}
	return dst
}

// appendExtra appends the attributes that fill no field.
func (e *encoder) appendExtra(dst []byte) []byte {
	// The comma of the first member becomes the opening brace.
	const name = `,"extra_data":`
	begin, limit := len(dst), len(dst)+logline.MaxExtra
	dst = append(dst, name...)
	for _, g := range e.groups[:logrecord.ContextGroup] {
		if g != nil {
			dst = append(dst, g.members()...)
		}
	}
	dst = e.appendMembers(dst, limit)
	if g := e.groups[logrecord.ContextGroup]; g != nil {
		dst = append(dst, g.members()...)
	}
	members := begin + len(name)
	if len(dst) == members {
		return dst[:begin]
	}
	dst[members] = '{'
	return append(dst, '}')
}

// appendMembers appends the attributes that fill no field, with a comma before each. The attribute
// at which dst reaches the limit is the last one, and stands for all that follow.
func (e *encoder) appendMembers(dst []byte, limit int) []byte {
	for i := range e.Attrs {
		if !e.IsExtra(i) {
			continue
		}
		dst = append(dst, e.Keys[i].JSON...)
		if len(dst) >= limit {
			return logline.AppendMore(dst, e.Extra(i))
		}
		dst = logline.AppendValueText(dst, &e.Attrs[i].Value, e.MaxText)
	}
	return dst
}
