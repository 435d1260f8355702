// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonscan

// A Kind is the type of a value.
type Kind uint8

// The kinds of values.
const (
	String Kind = iota + 1
	Number
	True
	False
	Null
	Object
	Array
)

// DocumentEnd is the Field of the value that reports the end of a document.
const DocumentEnd = -1

// A Value is a value of a field, or a piece of one.
type Value struct {
	// Field is the ID of the field, or [DocumentEnd].
	Field int
	// Kind is the type of the value.
	Kind Kind
	// Text is the text of a scalar without quotes and escapes, the bytes of a piece, or the JSON
	// of a raw value. It is valid until the report returns. UTF-8 that is invalid in the
	// document is invalid here.
	Text []byte
	// Runes is how many code points a string has in all, not only in Text.
	Runes int
	// More is true for a piece after which the string continues.
	More bool
	// Cut is true if Text is only the start of the value.
	Cut bool
	// Index holds the array indexes on the path, from the outermost.
	Index [maxIndexes]int
}

// endScalar reports a scalar.
func (s *Scanner) endScalar(kind Kind) {
	if n := s.at; n != nil && n.field != none && n.mode != Raw && (n.mode != Pieces || kind == String) {
		text := s.text
		if n.mode == Pieces {
			text = nil
		}
		s.send(kind, text)
	}
	s.value.Kind = kind
	s.ended()
}

// send reports a value of the current place.
func (s *Scanner) send(kind Kind, text []byte) {
	s.sendOf(s.at, kind, text)
}

func (s *Scanner) sendOf(n *node, kind Kind, text []byte) {
	s.value = Value{Field: n.field, Kind: kind, Text: text, Index: s.indexes()}
	switch {
	case n.mode == Raw:
		s.value.Cut = s.raw.cut
	case kind == String:
		s.value.Runes, s.value.Cut = s.str.runes, s.str.cut
	}
	s.draft.add(&s.value)
	s.report(&s.value)
}

func (s *Scanner) indexes() (index [maxIndexes]int) {
	n := 0
	for i := range s.stack {
		if s.stack[i].isArray && n < maxIndexes {
			index[n] = s.stack[i].index
			n++
		}
	}
	return index
}
