// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/jsonenc"
	"github.com/voice-agents/telemetry/internal/logrecord"
)

// encoder sorts a record's attributes into a line's fields and extra_data. It is
// for one record at a time. What the sets of fields do not name is left over from
// records before, and means nothing.
type encoder struct {
	maxText int
	table   *logrecord.KeyCache     // For renamed.
	attrs   []attribute.KeyValue // The record's own, or renamed's.
	members []*member            // What is known of the keys of attrs.
	renamed *logrecord.Record    // Has attributes with other keys than the record's; mostly nil.

	// The fields that have candidates among attrs, by the spelling of their keys, and
	// where they are.
	conventional, plain     fieldSet
	conventionalAt, plainAt [fieldCount]int

	// The fields that an attribute fills, and where it is.
	filled   fieldSet
	filledAt [fieldCount]int
	taken    []bool // Which of attrs are not part of extra_data; only if there are candidates.

	// The record's blocks, and the fields that they fill: mostly those of one come behind
	// those of another, save for the mixed ones.
	blocks       [len(logrecord.Record{}.Groups)]*fragments
	given, mixed fieldSet
	spread       bool // The blocks' fields are in fragments, as they are written.
	fragments    [fieldCount]string

	clock clock
	line  []byte
}

const (
	lineSize = 1 << 10 // A usual line's, so that a new encoder's seldom grows.

	// maxPooled bounds the attributes whose room a pooled encoder keeps, and maxLine the
	// line: one huge record must not pin its memory for as long as the process runs.
	maxPooled = 256
	maxLine   = 16 << 10
)

var encoders = sync.Pool{New: func() any { return &encoder{line: make([]byte, 0, lineSize)} }}

func newEncoder(p *Provider) *encoder {
	e := encoders.Get().(*encoder)
	e.maxText, e.table = p.maxText, &p.keys
	return e
}

// free gives the encoder back, without what it knows of the record.
func (e *encoder) free() {
	if cap(e.members) > maxPooled || cap(e.line) > maxLine {
		return
	}
	if e.renamed != nil {
		e.renamed.Free()
		e.renamed = nil
	}
	e.attrs = nil
	encoders.Put(e)
}

// candidates are the fields that an attribute may fill.
func (e *encoder) candidates() fieldSet { return e.conventional | e.plain }

// collect reads the record's attributes and finds out which fill a field.
func (e *encoder) collect(attrs []attribute.KeyValue, keys []*logrecord.Key) {
	e.attrs, e.members = attrs, e.members[:0]
	e.conventional, e.plain, e.filled = 0, 0, 0
	e.given, e.mixed, e.spread = 0, 0, false
	e.blocks = [len(e.blocks)]*fragments{}
	for i, k := range keys {
		m := e.member(k)
		if m.renamed && e.renamed == nil {
			e.rename()
			return
		}
		e.members = append(e.members, m)
		switch {
		case m.field == noField:
		case m.plain:
			e.plain |= m.field.set()
			e.plainAt[m.field] = i
		default:
			e.conventional |= m.field.set()
			e.conventionalAt[m.field] = i
		}
	}
	if e.candidates() != 0 {
		e.fill()
	}
}

// fill decides which of the candidates fills a field.
func (e *encoder) fill() {
	e.taken = append(e.taken[:0], make([]bool, len(e.attrs))...)
	for set := e.candidates(); set != 0; set = set.withoutFirst() {
		f := set.first()
		if e.conventional.has(f) {
			at := e.conventionalAt[f]
			value := e.attrs[at].Value
			if f.fits(value, false) {
				e.fillWith(f, at)
				continue
			}
			e.taken[at] = f.unknown(value)
		}
		if e.plain.has(f) && f.fits(e.attrs[e.plainAt[f]].Value, true) {
			e.fillWith(f, e.plainAt[f])
		}
	}
}

func (e *encoder) fillWith(f field, at int) {
	e.filled |= f.set()
	e.filledAt[f] = at
	e.taken[at] = true
}

// isTaken reports whether the i-th attribute is not part of extra_data.
func (e *encoder) isTaken(i int) bool { return e.candidates() != 0 && e.taken[i] }

// rename gives the attributes the keys that are written. Two may become one.
func (e *encoder) rename() {
	e.renamed = logrecord.New(e.table)
	for _, kv := range e.attrs {
		kv.Key = written(kv.Key, e.maxText)
		e.renamed.Add(&kv)
	}
	e.collect(e.renamed.Attributes, e.renamed.Keys)
}

// member is what an attribute's key decides.
type member struct {
	maxText int
	field   field
	plain   bool
	renamed bool   // It is written by another key.
	text    string // As a member of extra_data, with a comma before it.
}

func (e *encoder) member(k *logrecord.Key) *member {
	if m, ok := k.Load(logrecord.JSON).(*member); ok && m.maxText == e.maxText {
		return m
	}
	m := &member{maxText: e.maxText, renamed: written(k.Name, e.maxText) != k.Name}
	m.field, m.plain = fieldOf(k.Name)
	m.text = string(append(jsonenc.AppendString([]byte(","), string(k.Name)), ':'))
	k.Store(logrecord.JSON, m)
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
