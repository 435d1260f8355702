// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// fragments is a block as it is written: what is the same in a thousand lines is encoded
// for the first of them. It is one text, so that of the contexts of ten thousand calls a
// line reads no more memory than it must.
type fragments struct {
	maxText int
	names   fieldSet // The fields that have candidates.
	filled  fieldSet
	apart   bool // The block is to be read attribute by attribute.

	text   string                // The fields with their names, in their order, then the rest.
	ends   [fieldCount]uint16    // Of the fields in text.
	groups [groupCount][2]uint16 // Where in text the fields of a group begin and end.
	extra  uint16                // Where in text the members of extra_data end, with a comma before each; the span's ids follow.

	trace trace.TraceID // Of the block's first record.
	span  trace.SpanID
}

// maxFragments bounds the text that is kept of a block.
const maxFragments = 16 << 10

// fragments returns the fragments of a block, with the ids of the span that a record is of.
func (p *Provider) fragments(b *logrecord.Group, span trace.SpanContext) *fragments {
	if f, ok := b.Load(logrecord.JSON).(*fragments); ok && f.maxText == p.maxText {
		return f
	}
	f := p.newFragments(b, span)
	b.Store(logrecord.JSON, f)
	return f
}

func (p *Provider) newFragments(b *logrecord.Group, span trace.SpanContext) *fragments {
	e := newEncoder(p)
	defer e.free()
	e.collect(b.Attributes(), b.Keys())
	out := &fragments{
		maxText: p.maxText, names: e.candidates(), filled: e.filled, apart: e.renamed != nil,
		trace: span.TraceID(), span: span.SpanID(),
	}
	text := jsonenc.NewBuffer()
	defer text.Free()
	var ends [fieldCount]int
	for set := e.filled; set != 0; set = set.withoutFirst() {
		f := set.first()
		if f >= exceptionType {
			out.apart = true // An exception's members are written together.
		}
		*text = e.appendFilled(*text, f)
		ends[f] = len(*text)
	}
	*text = e.appendMembers(*text, len(*text)+maxExtraBytes)
	extra := len(*text)
	*text = appendSpanIDs(*text, out.trace, out.span)
	if len(*text) > maxFragments {
		out.apart = true
	}
	if out.apart {
		return out
	}
	out.text, out.extra = string(*text), uint16(extra)
	for f, end := range ends {
		out.ends[f] = uint16(end)
	}
	begin := uint16(0)
	for g, fields := range groups {
		end := begin
		if within := out.filled & fields; within != 0 {
			end = out.ends[within.last()]
		}
		out.groups[g] = [2]uint16{begin, end}
		begin = end
	}
	return out
}

// groupText returns the fields of a group.
func (f *fragments) groupText(g group) string {
	at := &f.groups[g]
	return f.text[at[0]:at[1]]
}

// giveTo lets an encoder write the fields.
func (f *fragments) giveTo(e *encoder) {
	begin := uint16(0)
	for set := f.filled; set != 0; set = set.withoutFirst() {
		name := set.first()
		end := f.ends[name]
		e.fragments[name] = f.text[begin:end]
		begin = end
	}
}

// members returns the members of extra_data, with a comma before each.
func (f *fragments) members() string {
	begin := uint16(0)
	if f.filled != 0 {
		begin = f.ends[f.filled.last()]
	}
	return f.text[begin:f.extra]
}

// useBlocks has the record's blocks written as fragments, unless they and the attributes
// have to do with each other: then all become attributes.
func (e *encoder) useBlocks(p *Provider, r *logrecord.Record) {
	e.collect(r.Attributes, r.Keys)
	names, apart := e.candidates(), e.renamed != nil
	for i, b := range r.Groups {
		if b == nil {
			continue
		}
		var span trace.SpanContext
		if i == contextBlock { // Only what the context knows is of a span.
			span = r.Span
		}
		fs := p.fragments(b, span)
		e.blocks[i] = fs
		apart = apart || fs.apart || names&fs.names != 0
		names |= fs.names
		e.given |= fs.filled
	}
	if apart {
		r.Expand()
		if e.renamed != nil {
			e.renamed.Free()
			e.renamed = nil
		}
		e.collect(r.Attributes, r.Keys)
		return
	}
	e.mix()
}

// The blocks of a record, and the fields that they mostly fill: what the context knows comes
// before what the logger was given, save for what is done, which comes behind the place.
const (
	placeBlock, givenBlock, contextBlock = 0, 1, 2

	givenFields   fieldSet = 1<<component | 1<<componentType
	placeFields   fieldSet = 1<<(filePath+1) - 1<<function
	contextFields          = ^(givenFields | placeFields)
)

var blockOrder = [...]int{contextBlock, givenBlock, placeBlock}

// mix finds the groups in which the fields of one block do not all come behind those of
// another.
func (e *encoder) mix() {
	usual := true
	for at, fields := range [...]fieldSet{placeBlock: placeFields, givenBlock: givenFields, contextBlock: contextFields} {
		usual = usual && (e.blocks[at] == nil || e.blocks[at].filled&^fields == 0)
	}
	if usual {
		return
	}
	for _, fields := range groups {
		var before fieldSet
		for _, at := range blockOrder {
			if e.blocks[at] == nil {
				continue
			}
			within := e.blocks[at].filled & fields
			if within != 0 && before >= within.first().set() {
				e.mixed |= fields
			}
			before |= within
		}
	}
}

// appendSpan appends the ids of the span. Most records of a turn or a stage are written in its
// own span, so they are encoded once.
func (e *encoder) appendSpan(dst []byte, span trace.SpanContext) []byte {
	tid, sid := span.TraceID(), span.SpanID()
	context := e.blocks[contextBlock]
	if context == nil || context.span != sid || context.trace != tid {
		return appendSpanIDs(dst, tid, sid)
	}
	return append(dst, context.text[context.extra:]...)
}
