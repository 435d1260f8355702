// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"slices"
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// encoder sorts a record's attributes into a line's fields and extra_data. It is
// for one record at a time.
type encoder struct {
	maxText int
	attrs   []attribute.KeyValue // The record's own, or renamed's.
	taken   []bool               // Which of attrs are not part of extra_data.
	keys    *logrecord.KeyCache[member]
	members []*member         // What is known of the keys of attrs.
	renamed *logrecord.Record // Has attributes with other keys than the record's; mostly nil.

	// Where in attrs a field's candidates are, counted from 1: the attribute
	// with the conventions' key, that with the plain one, and the one that fills
	// the field.
	conventional, plain, filled [fieldCount]int
	names                       fieldSet // The fields that have candidates.

	// Of the record's blocks: the fields, which have no candidates then, and all of it.
	fragments [fieldCount]string
	blocks    [len(logrecord.Record{}.Blocks)]*fragments

	clock clock
}

// maxPooled bounds the attributes whose room a pooled encoder keeps.
const maxPooled = 256

var encoders = sync.Pool{New: func() any { return &encoder{} }}

func newEncoder(p *Provider) *encoder {
	e := encoders.Get().(*encoder)
	e.maxText, e.keys = p.maxText, &p.keys
	return e
}

// free gives the encoder back, without what it knows of the record.
func (e *encoder) free() {
	if cap(e.taken) > maxPooled {
		return
	}
	e.reset()
	encoders.Put(e)
}

// reset forgets the record.
func (e *encoder) reset() {
	if e.renamed != nil {
		e.renamed.Free()
		e.renamed = nil
	}
	e.attrs = nil
	if e.names != 0 {
		e.conventional, e.plain, e.filled = [fieldCount]int{}, [fieldCount]int{}, [fieldCount]int{}
		e.names = 0
	}
	for i, fs := range e.blocks {
		if fs == nil {
			continue
		}
		for k := range fs.fields {
			e.fragments[fs.fields[k].field] = ""
		}
		e.blocks[i] = nil
	}
}

// collect reads the record's attributes and finds out which fill a field.
func (e *encoder) collect(attrs []attribute.KeyValue) {
	e.attrs = attrs
	e.members = e.members[:0]
	for i := range attrs {
		m := e.keys.Of(attrs[i].Key, e.member)
		if m.renamed && e.renamed == nil {
			e.rename()
			return
		}
		e.members = append(e.members, m)
		if m.field == noField {
			continue
		}
		e.names |= 1 << m.field
		if m.plain {
			e.plain[m.field] = i + 1
		} else {
			e.conventional[m.field] = i + 1
		}
	}
	e.taken = slices.Grow(e.taken[:0], len(e.attrs))[:len(e.attrs)]
	clear(e.taken)
	if e.names == 0 {
		return
	}
	for f := noField + 1; f < fieldCount; f++ {
		if at := e.conventional[f]; at != 0 {
			value := e.attrs[at-1].Value
			if f.fits(value, false) {
				e.filled[f] = at
				e.taken[at-1] = true
				continue
			}
			e.taken[at-1] = f.unknown(value)
		}
		if at := e.plain[f]; at != 0 && f.fits(e.attrs[at-1].Value, true) {
			e.filled[f] = at
			e.taken[at-1] = true
		}
	}
}

// rename gives the attributes the keys that are written. Two may become one.
func (e *encoder) rename() {
	e.renamed = logrecord.New()
	for _, kv := range e.attrs {
		kv.Key = written(kv.Key, e.maxText)
		e.renamed.Add(&kv)
	}
	e.conventional, e.plain, e.names = [fieldCount]int{}, [fieldCount]int{}, 0
	e.collect(e.renamed.Attributes)
}

// member is what an attribute's key decides.
type member struct {
	field   field
	plain   bool
	renamed bool   // It is written by another key.
	text    string // As a member of extra_data, with a comma before it.
}

func (e *encoder) member(key attribute.Key) member {
	m := member{renamed: written(key, e.maxText) != key}
	m.field, m.plain = fieldOf(key)
	m.text = string(append(jsonenc.AppendString([]byte(","), string(key)), ':'))
	return m
}

// written returns the key as it is written, which for nearly all keys is the key.
func written(key attribute.Key, maxText int) attribute.Key {
	key = shortened(key)
	if len(key) > maxText || !utf8.ValidString(string(key)) {
		return attribute.Key(jsonenc.Key(string(key), maxText))
	}
	return key
}
