// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"sync/atomic"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/attrkey"
	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// fragments is a block as it is written: what is the same in a thousand lines is encoded
// for the first of them.
type fragments struct {
	maxText int
	fields  []fragment
	filled  fieldSet // Those of fields.
	names   fieldSet // All that have candidates.
	extra   string   // Members of extra_data, with a comma before each.
	apart   bool     // The block is to be read attribute by attribute.

	span atomic.Pointer[spanText] // That of the block's first record.
}

type fragment struct {
	field field
	text  string // With its name.
}

// spanText is the ids of a span as they are written.
type spanText struct {
	trace trace.TraceID
	span  trace.SpanID
	text  string
}

// maxFragments bounds the text that is kept of a block.
const maxFragments = 4 << 10

// fragments returns the fragments of a block.
func (p *Provider) fragments(b *logrecord.Block) *fragments {
	if f, ok := b.Recall(attrkey.JSON).(*fragments); ok && f.maxText == p.maxText {
		return f
	}
	f := p.newFragments(b)
	b.Remember(attrkey.JSON, f)
	return f
}

func (p *Provider) newFragments(b *logrecord.Block) *fragments {
	e := newEncoder(p)
	defer e.free()
	e.collect(b.Attributes(), b.Keys())
	out := &fragments{maxText: p.maxText, names: e.candidates(), filled: e.filled, apart: e.renamed != nil}
	text := jsonenc.NewBuffer()
	defer text.Free()
	for f := range e.filled.all {
		if f >= exceptionType {
			out.apart = true // An exception's members are written together.
			break
		}
		*text = e.appendFilled((*text)[:0], f)
		out.fields = append(out.fields, fragment{f, string(*text)})
		out.apart = out.apart || len(*text) > maxFragments
	}
	*text = e.appendMembers((*text)[:0], maxExtraBytes)
	out.extra = string(*text)
	out.apart = out.apart || len(out.extra) > maxFragments
	return out
}

// useBlocks has the record's blocks written as fragments, unless they and the attributes
// have to do with each other: then all become attributes.
func (e *encoder) useBlocks(p *Provider, r *logrecord.Record) {
	e.collect(r.Attributes, r.Keys)
	names, apart := e.candidates(), e.renamed != nil
	for i, b := range r.Blocks {
		if b == nil {
			continue
		}
		fs := p.fragments(b)
		e.blocks[i] = fs
		apart = apart || fs.apart || names&fs.names != 0
		names |= fs.names
		e.given |= fs.filled
		for k := range fs.fields {
			e.fragments[fs.fields[k].field] = fs.fields[k].text
		}
	}
	if apart {
		r.Expand()
		if e.renamed != nil {
			e.renamed.Free()
			e.renamed = nil
		}
		e.collect(r.Attributes, r.Keys)
	}
}

// appendSpan appends the ids of the span. Most records of a turn or a stage are written in its
// own span, so they are encoded once.
func (e *encoder) appendSpan(dst []byte, span trace.SpanContext) []byte {
	tid, sid := span.TraceID(), span.SpanID()
	context := e.blocks[len(e.blocks)-1]
	if context == nil {
		return appendSpanIDs(dst, tid, sid)
	}
	known := context.span.Load()
	if known == nil {
		known = &spanText{tid, sid, string(appendSpanIDs(nil, tid, sid))}
		context.span.Store(known)
	}
	if known.span != sid || known.trace != tid {
		return appendSpanIDs(dst, tid, sid)
	}
	return append(dst, known.text...)
}
