// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// maxExtraBytes is about how much JSON extra_data becomes. An attribute that
// would begin after it is written as "…(+N more)" and is the last one.
const maxExtraBytes = 1 << 20

// appendLine appends the line that says what the record says, between two line
// ends; [Provider.write] says what the first is for.
func (e *encoder) appendLine(dst []byte, l *logger, r *logrecord.Record) []byte {
	dst = append(dst, "\n{\"timestamp\":\""...)
	dst = e.clock.appendTime(dst, timeOf(r))
	dst = append(dst, `","level":"`...)
	dst = appendLevel(dst, r.SeverityText, r.Severity)
	dst = append(dst, `","message":`...)
	dst = e.appendMessage(dst, r)

	dst = e.appendTrace(dst, r.Span)
	dst = e.appendGroup(dst, whoseGroup)
	dst = append(dst, l.module...)
	dst = e.appendGroup(dst, placeGroup)
	dst = append(dst, l.provider.processID...)
	if r.ThreadID != 0 {
		dst = append(dst, labels[threadID]...)
		dst = jsonenc.AppendInt(dst, r.ThreadID)
	}
	dst = e.appendGroup(dst, workGroup)
	dst = e.appendExtra(dst)
	dst = e.appendGroup(dst, figuresGroup)
	dst = e.appendException(dst, r.Err)
	return append(dst, "}\n"...)
}

// appendMessage appends the body, as the text it is or else the JSON of it, in a
// string.
func (e *encoder) appendMessage(dst []byte, r *logrecord.Record) []byte {
	switch body := r.Body; body.Type() {
	case attribute.STRING:
		return jsonenc.AppendText(dst, body.AsString(), e.maxText)
	case attribute.EMPTY:
		return jsonenc.AppendText(dst, r.EventName, e.maxText)
	case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		return jsonenc.AppendString(dst, body.String())
	}
	text := jsonenc.NewBuffer()
	defer text.Free()
	*text = jsonenc.AppendValueText(*text, &r.Body, e.maxText)
	return jsonenc.AppendText(dst, string(*text), e.maxText)
}

// appendTrace appends the correlation ID and the IDs of the span.
func (e *encoder) appendTrace(dst []byte, span trace.SpanContext) []byte {
	if (e.filled | e.given).has(correlationID) {
		dst = e.appendGroup(dst, callGroup)
	} else if id := span.TraceID(); id.IsValid() {
		dst = append(dst, labels[correlationID]...)
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

// appendHex appends the bytes in hexadecimal. It is half of what a line's ids cost otherwise.
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

// appendGroup appends those of the group's fields that are filled, with their names.
func (e *encoder) appendGroup(dst []byte, g group) []byte {
	fields := groups[g]
	if e.filled&fields != 0 || e.mixed&fields != 0 {
		return e.appendFields(dst, fields)
	}
	if e.given&fields == 0 {
		return dst
	}
	for _, at := range blockOrder {
		if fs := e.blocks[at]; fs != nil && fs.filled&fields != 0 {
			dst = append(dst, fs.groupText(g)...)
		}
	}
	return dst
}

// appendFields does it field by field.
func (e *encoder) appendFields(dst []byte, fields fieldSet) []byte {
	if !e.spread {
		e.spread = true
		for _, fs := range e.blocks {
			if fs != nil {
				fs.giveTo(e)
			}
		}
	}
	for set := fields & (e.filled | e.given); set != 0; set = set.withoutFirst() {
		f := set.first()
		if e.filled.has(f) {
			dst = e.appendFilled(dst, f)
		} else {
			dst = append(dst, e.fragments[f]...)
		}
	}
	return dst
}

// appendFilled appends a field that an attribute fills, with its name.
func (e *encoder) appendFilled(dst []byte, f field) []byte {
	at := e.filledAt[f]
	a := &e.attrs[at]
	dst = append(dst, labels[f]...)
	if f == duration && e.conventional.has(f) && at == e.conventionalAt[f] {
		return appendMilliseconds(dst, a.Value.AsFloat64())
	}
	return jsonenc.AppendValueText(dst, &a.Value, e.maxText)
}

// appendExtra appends the attributes that fill no field.
func (e *encoder) appendExtra(dst []byte) []byte {
	// The name ends where the first member's comma is, which becomes the brace.
	const name = `,"extra_data":`
	begin, limit := len(dst), len(dst)+maxExtraBytes
	dst = append(dst, name...)
	for _, fs := range e.blocks[:len(e.blocks)-1] {
		if fs != nil {
			dst = append(dst, fs.members()...)
		}
	}
	dst = e.appendMembers(dst, limit)
	if last := e.blocks[len(e.blocks)-1]; last != nil {
		dst = append(dst, last.members()...)
	}
	members := begin + len(name)
	if len(dst) == members {
		return dst[:begin]
	}
	dst[members] = '{'
	return append(dst, '}')
}

// appendMembers appends the attributes that fill no field, each with a comma before it, until
// dst is as long as limit.
func (e *encoder) appendMembers(dst []byte, limit int) []byte {
	for i := range e.attrs {
		if e.isTaken(i) {
			continue
		}
		dst = append(dst, e.members[i].text...)
		if len(dst) >= limit {
			return jsonenc.AppendMore(dst, e.untaken(i))
		}
		dst = jsonenc.AppendValueText(dst, &e.attrs[i].Value, e.maxText)
	}
	return dst
}

// untaken counts the attributes from the i-th on that fill no field.
func (e *encoder) untaken(i int) (n int) {
	for ; i < len(e.attrs); i++ {
		if !e.isTaken(i) {
			n++
		}
	}
	return n
}
