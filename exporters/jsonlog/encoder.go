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
	renamed *logrecord.Record    // Has attributes with other keys than the record's; mostly nil.

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

func newEncoder(maxText int) *encoder {
	e := encoders.Get().(*encoder)
	e.maxText = maxText
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
	e.attrs, e.taken = nil, e.taken[:0]
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
	if slices.ContainsFunc(attrs, func(kv attribute.KeyValue) bool { return e.written(kv.Key) != kv.Key }) {
		e.rename()
	}
	e.taken = slices.Grow(e.taken, len(e.attrs))[:len(e.attrs)]
	clear(e.taken)
	for i := range e.attrs {
		f, plain := fieldOf(e.attrs[i].Key)
		if f == noField {
			continue
		}
		e.names |= 1 << f
		if plain {
			e.plain[f] = i + 1
		} else {
			e.conventional[f] = i + 1
		}
	}
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
		kv.Key = e.written(kv.Key)
		e.renamed.Add(kv)
	}
	e.attrs = e.renamed.Attributes
}

// written returns the key as it is written, which for nearly all keys is the key.
func (e *encoder) written(key attribute.Key) attribute.Key {
	key = shortened(key)
	if len(key) > e.maxText || !utf8.ValidString(string(key)) {
		return attribute.Key(jsonenc.Key(string(key), e.maxText))
	}
	return key
}
