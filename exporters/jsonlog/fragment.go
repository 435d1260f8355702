// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// fragments is a block as it is written: what is the same in a thousand lines is encoded
// for the first of them.
type fragments struct {
	maxText int
	fields  []fragment
	extra   string // Members of extra_data, with a comma before each.
	names   fieldSet
	apart   bool // The block is to be read attribute by attribute.
}

type fragment struct {
	field field
	text  string // With its name.
}

// fieldSet has a bit for each field.
type fieldSet uint32

// maxFragments bounds the text that is kept of a block.
const maxFragments = 4 << 10

// fragments returns the fragments of a block.
func (p *Provider) fragments(b *logrecord.Block) *fragments {
	return logrecord.Encoded(b, logrecord.JSON,
		func(f *fragments) bool { return f.maxText == p.maxText }, p.newFragments)
}

func (p *Provider) newFragments(b *logrecord.Block) *fragments {
	e := newEncoder(p)
	defer e.free()
	e.collect(b.Attributes())
	out := &fragments{maxText: p.maxText, names: e.names, apart: e.renamed != nil}
	text := jsonenc.NewBuffer()
	defer text.Free()
	for f := noField + 1; f < fieldCount; f++ {
		if e.filled[f] == 0 {
			continue
		}
		if f >= exceptionType {
			out.apart = true // An exception's members are written together.
			break
		}
		*text = e.appendField((*text)[:0], f)
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
	e.collect(r.Attributes)
	names, apart := e.names, e.renamed != nil
	var found [len(r.Blocks)]*fragments
	for i, b := range r.Blocks {
		if b == nil {
			continue
		}
		found[i] = p.fragments(b)
		apart = apart || found[i].apart || names&found[i].names != 0
		names |= found[i].names
	}
	if apart {
		r.Expand()
		e.reset()
		e.collect(r.Attributes)
		return
	}
	for _, fs := range found {
		if fs == nil {
			continue
		}
		for i := range fs.fields {
			e.fragments[fs.fields[i].field] = fs.fields[i].text
		}
	}
	e.blocks = found
}
