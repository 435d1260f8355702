// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/exporters/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// encodedGroup is an attribute group as JSON. It is encoded for its first record and used for all
// others. It is one text, so that a line reads little memory: with ten thousand calls, groups are
// rarely in a CPU cache.
type encodedGroup struct {
	maxText    int
	candidates logline.FieldSet
	filled     logline.FieldSet
	expand     bool // The group must be written attribute by attribute.

	text     string                     // The fields with their names, then extra data, then the span's ids.
	ends     [logline.FieldCount]uint16 // The ends of the fields in text.
	sections [sectionCount][2]uint16    // The begin and end of each section in text.
	extra    uint16                     // The end of extra data in text, which has a comma before each member.

	trace trace.TraceID // The span of the first record.
	span  trace.SpanID
}

// maxGroupText bounds the text of an encoded group.
const maxGroupText = 16 << 10

// encode returns the encoded group, with the ids of the record's span.
func (p *Provider) encode(g *logrecord.Group, span trace.SpanContext) *encodedGroup {
	if e, ok := g.Load(logrecord.JSON).(*encodedGroup); ok && e.maxText == p.maxText {
		return e
	}
	e := p.newEncodedGroup(g, span)
	g.Store(logrecord.JSON, e)
	return e
}

func (p *Provider) newEncodedGroup(g *logrecord.Group, span trace.SpanContext) *encodedGroup {
	e := newEncoder(p)
	defer e.free()
	e.Sort(g.Attributes(), g.Keys())
	out := &encodedGroup{
		maxText: p.maxText, candidates: e.Candidates(), filled: e.Filled, expand: e.Renamed(),
		trace: span.TraceID(), span: span.SpanID(),
	}
	text := logline.NewBuffer()
	defer text.Free()
	var ends [logline.FieldCount]int
	for set := e.Filled; set != 0; set = set.WithoutFirst() {
		f := set.First()
		if f >= logline.ExceptionType {
			out.expand = true // The fields of an exception are one object.
		}
		*text = e.appendField(*text, f)
		ends[f] = len(*text)
	}
	*text = e.appendMembers(*text, len(*text)+logline.MaxExtra)
	extra := len(*text)
	*text = appendSpanIDs(*text, out.trace, out.span)
	if len(*text) > maxGroupText {
		out.expand = true
	}
	if out.expand {
		return out
	}
	out.text, out.extra = string(*text), uint16(extra)
	for f, end := range ends {
		out.ends[f] = uint16(end)
	}
	begin := uint16(0)
	for s, fields := range sections {
		end := begin
		if within := out.filled & fields; within != 0 {
			end = out.ends[within.Last()]
		}
		out.sections[s] = [2]uint16{begin, end}
		begin = end
	}
	return out
}

// section returns the fields of a section.
func (g *encodedGroup) section(s section) string {
	at := &g.sections[s]
	return g.text[at[0]:at[1]]
}

// splitInto stores each field in an encoder.
func (g *encodedGroup) splitInto(e *encoder) {
	begin := uint16(0)
	for set := g.filled; set != 0; set = set.WithoutFirst() {
		f := set.First()
		end := g.ends[f]
		e.fields[f] = g.text[begin:end]
		begin = end
	}
}

// members returns the members of extra_data, with a comma before each.
func (g *encodedGroup) members() string {
	begin := uint16(0)
	if g.filled != 0 {
		begin = g.ends[g.filled.Last()]
	}
	return g.text[begin:g.extra]
}

// appendSpan appends the ids of the span. Most records of a turn or a stage have its own span, for
// which the ids are encoded in the context's group.
func (e *encoder) appendSpan(dst []byte, span trace.SpanContext) []byte {
	tid, sid := span.TraceID(), span.SpanID()
	context := e.groups[logrecord.ContextGroup]
	if context == nil || context.span != sid || context.trace != tid {
		return appendSpanIDs(dst, tid, sid)
	}
	return append(dst, context.text[context.extra:]...)
}
