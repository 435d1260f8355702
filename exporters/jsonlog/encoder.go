// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonlog

import (
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/log"

	"github.com/voice-agents/telemetry/internal/jsonenc"
)

const (
	// maxScanned is how many attributes are compared one by one to find a
	// duplicate key. With more of them a map is faster.
	maxScanned = 32
	// maxPooled bounds the attributes whose room a pooled encoder keeps.
	maxPooled = 256
)

// encoder sorts a record's attributes into a line's fields and extra_data. It is
// for one record at a time.
type encoder struct {
	maxText int
	attrs   []entry
	seen    uint64                // A bit for each key in attrs, by mark.
	index   map[attribute.Key]int // Keys in attrs, once they are many; else empty.

	// Where in attrs a field's candidates are, counted from 1: the attribute
	// with the conventions' key, that with the plain one, and the one that fills
	// the field.
	conventional, plain, filled [fieldCount]int

	clock clock
}

// entry is an attribute of the record.
type entry struct {
	attribute.KeyValue
	field field
	plain bool
	taken bool // Not part of extra_data.
}

var encoders = sync.Pool{New: func() any { return &encoder{attrs: make([]entry, 0, maxScanned)} }}

func newEncoder(maxText int) *encoder {
	e := encoders.Get().(*encoder)
	e.maxText = maxText
	return e
}

// free gives the encoder back, without what it knows of the record.
func (e *encoder) free() {
	if cap(e.attrs) > maxPooled {
		return
	}
	clear(e.attrs)
	e.attrs = e.attrs[:0]
	e.seen = 0
	clear(e.index)
	e.conventional, e.plain, e.filled = [fieldCount]int{}, [fieldCount]int{}, [fieldCount]int{}
	encoders.Put(e)
}

// collect reads the record's attributes and finds out which fill a field.
func (e *encoder) collect(r *log.Record) {
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		e.add(kv)
		return true
	})
	for f := noField + 1; f < fieldCount; f++ {
		if at := e.conventional[f]; at != 0 {
			a := &e.attrs[at-1]
			if f.fits(a.Value, false) {
				e.filled[f] = at
				a.taken = true
				continue
			}
			a.taken = f.unknown(a.Value)
		}
		if at := e.plain[f]; at != 0 && f.fits(e.attrs[at-1].Value, true) {
			e.filled[f] = at
			e.attrs[at-1].taken = true
		}
	}
}

// add adds the attribute, or its value if the key is there already.
func (e *encoder) add(kv attribute.KeyValue) {
	if kv.Key == "" {
		return
	}
	f, plain := fieldOf(kv.Key)
	if f != noField {
		at := &e.conventional[f]
		if plain {
			at = &e.plain[f]
		}
		if *at != 0 {
			e.attrs[*at-1].Value = kv.Value
			return
		}
		e.attrs = append(e.attrs, entry{KeyValue: kv, field: f, plain: plain})
		*at = len(e.attrs)
		return
	}

	kv.Key = shortened(kv.Key)
	if len(kv.Key) > e.maxText || !utf8.ValidString(string(kv.Key)) {
		kv.Key = attribute.Key(jsonenc.Key(string(kv.Key), e.maxText))
	}
	if i := e.find(kv.Key); i >= 0 {
		e.attrs[i].Value = kv.Value
		return
	}
	e.attrs = append(e.attrs, entry{KeyValue: kv})
	e.seen |= mark(kv.Key)
	if len(e.index) > 0 {
		e.index[kv.Key] = len(e.attrs) - 1
	}
}

// find returns where in attrs the key is, or -1. Only keys of no field are asked
// for; a field's key is never equal to one of them.
func (e *encoder) find(key attribute.Key) int {
	if e.seen&mark(key) == 0 {
		return -1
	}
	if len(e.attrs) <= maxScanned {
		for i := range e.attrs {
			if e.attrs[i].Key == key {
				return i
			}
		}
		return -1
	}
	if len(e.index) == 0 {
		if e.index == nil {
			e.index = make(map[attribute.Key]int, 2*maxScanned)
		}
		for i := range e.attrs {
			e.index[e.attrs[i].Key] = i
		}
	}
	if i, ok := e.index[key]; ok {
		return i
	}
	return -1
}

// mark returns one bit of 64 for a key that is not empty. Keys of different
// bits differ, which spares most keys the comparison with all others.
func mark(key attribute.Key) uint64 {
	n := len(key)
	return 1 << ((uint(n)*31 + uint(key[0])*7 + uint(key[n/2])*5 + uint(key[n-1])*3) & 63)
}
