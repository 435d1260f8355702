// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

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
		dst = jsonenc.AppendInt(dst, r.ThreadID)
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
		return jsonenc.AppendText(dst, body.AsString(), e.MaxText)
	case attribute.EMPTY:
		return jsonenc.AppendText(dst, r.EventName, e.MaxText)
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return jsonenc.AppendString(dst, body.String())
	}
	text := jsonenc.NewBuffer()
	defer text.Free()
	*text = jsonenc.AppendValueText(*text, &r.Body, e.MaxText)
	return jsonenc.AppendText(dst, string(*text), e.MaxText)
}

// appendTrace appends the correlation ID and the IDs of the span.
func (e *encoder) appendTrace(dst []byte, span trace.SpanContext) []byte {
	if (e.Filled | e.given).Has(logline.CorrelationID) {
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
	if e.given&fields == 0 {
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
	for set := fields & (e.Filled | e.given); set != 0; set = set.WithoutFirst() {
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
			return jsonenc.AppendMore(dst, e.Extra(i))
		}
		dst = jsonenc.AppendValueText(dst, &e.Attrs[i].Value, e.MaxText)
	}
	return dst
}
