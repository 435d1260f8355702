// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"

	"github.com/voice-agents/telemetry/internal/logrecord"
)

// DefaultMaxText is the default limit of a message, a string value and a key, in bytes.
const DefaultMaxText = 64 << 10

// MaxExtra is the approximate limit of all extra data, in bytes.
const MaxExtra = 1 << 20

// Line is a log record sorted into fields. It is for one record at a time, and may be used again.
type Line struct {
	// MaxText is the limit of a message, a string value and a key, in bytes.
	MaxText int
	// KeyCache caches keys that differ from the record's; see Renamed.
	KeyCache *logrecord.KeyCache

	// Attrs are the record's attributes, or those of renamed, and Keys their keys.
	Attrs []attribute.KeyValue
	Keys  []*Key
	// Filled are the fields that an attribute fills.
	Filled FieldSet

	filledAt [FieldCount]int
	renamed  *logrecord.Record // Has attributes with other keys than the record's; mostly nil.
	taken    []bool            // The attributes that are not extra data; valid if there are candidates.

	// The fields that have candidates among the attributes, by the kind of the key, and the
	// indexes of the candidates. Indexes of fields that are not in a set are stale.
	conventional, short     FieldSet
	conventionalAt, shortAt [FieldCount]int

	// Buffers for SortRecord.
	attrs []attribute.KeyValue
	keys  []*logrecord.Key
}

// maxPooledAttrs bounds the attributes for which a pooled Line keeps its capacity.
const maxPooledAttrs = 256

// Release drops what the line holds of the record. It returns false if the line's buffers are too
// large to be kept.
func (l *Line) Release() bool {
	if cap(l.Keys) > maxPooledAttrs || cap(l.attrs) > maxPooledAttrs {
		return false
	}
	l.Restore()
	clear(l.attrs)
	l.Attrs, l.attrs, l.keys = nil, l.attrs[:0], l.keys[:0]
	return true
}

// Restore drops the attributes with other keys, so that Sort can be called again.
func (l *Line) Restore() {
	if l.renamed != nil {
		l.renamed.Free()
		l.renamed = nil
	}
}

// Renamed reports whether the line has other keys than the record.
func (l *Line) Renamed() bool { return l.renamed != nil }

// Candidates returns the fields that have a candidate among the attributes.
func (l *Line) Candidates() FieldSet { return l.conventional | l.short }

// Conventional reports whether the record has the field's key of the conventions.
func (l *Line) Conventional(f Field) bool { return l.conventional.Has(f) }

// Value returns the value of a field that is filled. It reports whether a duration is in seconds,
// instead of milliseconds.
func (l *Line) Value(f Field) (v *attribute.Value, seconds bool) {
	at := l.filledAt[f]
	return &l.Attrs[at].Value, f == Duration && l.conventional.Has(f) && at == l.conventionalAt[f]
}

// IsExtra reports whether the i-th attribute is extra data.
func (l *Line) IsExtra(i int) bool { return l.Candidates() == 0 || !l.taken[i] }

// Extra returns the number of attributes from the i-th on that are extra data.
func (l *Line) Extra(i int) (n int) {
	for ; i < len(l.Attrs); i++ {
		if l.IsExtra(i) {
			n++
		}
	}
	return n
}

// SortRecord sorts all attributes of a record, including those of its groups.
func (l *Line) SortRecord(r *logrecord.Record) {
	l.attrs, l.keys = l.attrs[:0], l.keys[:0]
	for _, g := range r.Groups[:logrecord.ContextGroup] {
		l.attrs, l.keys = append(l.attrs, g.Attributes()...), append(l.keys, g.Keys()...)
	}
	l.attrs, l.keys = append(l.attrs, r.Attributes...), append(l.keys, r.Keys...)
	g := r.Groups[logrecord.ContextGroup]
	l.attrs, l.keys = append(l.attrs, g.Attributes()...), append(l.keys, g.Keys()...)
	l.Sort(l.attrs, l.keys)
}

// Sort sorts attributes into fields and extra data.
func (l *Line) Sort(attrs []attribute.KeyValue, keys []*logrecord.Key) {
	l.Attrs, l.Keys = attrs, l.Keys[:0]
	l.conventional, l.short, l.Filled = 0, 0, 0
	for i, key := range keys {
		k := l.key(key)
		if k.renamed && l.renamed == nil {
			l.rename()
			return
		}
		l.Keys = append(l.Keys, k)
		switch {
		case k.field == NoField:
		case k.short:
			l.short |= k.field.Set()
			l.shortAt[k.field] = i
		default:
			l.conventional |= k.field.Set()
			l.conventionalAt[k.field] = i
		}
	}
	if l.Candidates() != 0 {
		l.fill()
	}
}

// fill decides which of the candidates fills a field.
func (l *Line) fill() {
	l.taken = append(l.taken[:0], make([]bool, len(l.Attrs))...)
	for set := l.Candidates(); set != 0; set = set.WithoutFirst() {
		f := set.First()
		if l.conventional.Has(f) {
			at := l.conventionalAt[f]
			value := l.Attrs[at].Value
			if f.fits(value, false) {
				l.fillWith(f, at)
				continue
			}
			l.taken[at] = f.unknown(value)
		}
		if l.short.Has(f) && f.fits(l.Attrs[l.shortAt[f]].Value, true) {
			l.fillWith(f, l.shortAt[f])
		}
	}
}

func (l *Line) fillWith(f Field, at int) {
	l.Filled |= f.Set()
	l.filledAt[f] = at
	l.taken[at] = true
}

// rename gives the attributes the keys that are written. Two keys may become one.
func (l *Line) rename() {
	l.renamed = logrecord.New(l.KeyCache)
	for _, kv := range l.Attrs {
		kv.Key = written(kv.Key, l.MaxText)
		l.renamed.Add(&kv)
	}
	l.Sort(l.renamed.Attributes, l.renamed.Keys)
}

// Key is a key of an attribute as lines have it.
type Key struct {
	Name string
	// JSON is the key as JSON, between a comma and a colon.
	JSON string

	maxText int
	field   Field
	short   bool
	renamed bool // The attribute is written with another key.
}

func (l *Line) key(key *logrecord.Key) *Key {
	if k, ok := key.Load(logrecord.JSON).(*Key); ok && k.maxText == l.MaxText {
		return k
	}
	k := &Key{Name: string(key.Name), maxText: l.MaxText, renamed: written(key.Name, l.MaxText) != key.Name}
	k.field, k.short = fieldOf(key.Name)
	k.JSON = string(append(AppendString([]byte(","), k.Name), ':'))
	key.Store(logrecord.JSON, k)
	return k
}

// written returns the key as it is written. Nearly all keys stay the same.
func written(key attribute.Key, maxText int) attribute.Key {
	key = shortened(key)
	if len(key) > maxText || !utf8.ValidString(string(key)) {
		return attribute.Key(CutText(string(key), maxText))
	}
	return key
}
