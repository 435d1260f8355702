// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"sync"

	"go.opentelemetry.io/otel/trace"

	"github.com/voice-agents/telemetry/internal/logline"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// encoder encodes one record at a time. Its Line has the record's own attributes; those of the
// record's groups are encoded already.
type encoder struct {
	logline.Line

	// The encoded groups of the record and the fields that they fill. In the sections of
	// interleaved, the fields of the groups must be written one by one.
	groups      [logrecord.GroupCount]*encodedGroup
	given       logline.FieldSet
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
	e.given, e.interleaved, e.split = 0, 0, false
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
		e.given |= encoded.filled
	}
	if expand {
		r.Expand()
		e.given, e.groups = 0, [len(e.groups)]*encodedGroup{}
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
