// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

// Class is a set of properties of a byte.
type Class uint16

// The properties.
const (
	ClassAt        Class = 1 << iota
	ClassSeparator       // = and :
	ClassDigit
	ClassDash
	ClassUnderscore
	ClassSpace
	ClassNonASCII // Or the escape character of terminals.
	ClassWord     // See IsWord.
	ClassGap      // See IsGap.
	ClassEscape   // The first byte of an escape, or of a character that looks like an ASCII one.
	ClassTag      // The end of an XML tag, or of an arrow.
	ClassQuote
)

// Classes has the class of each byte.
var Classes = func() (table [256]Class) {
	for i := range table {
		c := byte(i)
		if IsWord(c) {
			table[i] |= ClassWord
		}
		if IsDigit(c) {
			table[i] |= ClassDigit
		}
		if c >= 0x80 || c == '\x1b' {
			table[i] |= ClassNonASCII
		}
		if IsGap(c) {
			table[i] |= ClassGap
		}
		switch c {
		case '\\', '%', '&', '+', '\x1b', 0xC2, 0xE2, 0xE3, 0xEF:
			table[i] |= ClassEscape
		}
	}
	table['@'] |= ClassAt
	table['='] |= ClassSeparator
	table[':'] |= ClassSeparator
	table['>'] |= ClassTag
	table['"'] |= ClassQuote
	table['\''] |= ClassQuote
	table['-'] |= ClassDash
	table['_'] |= ClassUnderscore
	table[' '] |= ClassSpace
	table['\t'] |= ClassSpace
	return table
}()

// ClassesOf returns the classes of all bytes of a text.
func ClassesOf(s string) (seen Class) {
	for i := range len(s) {
		seen |= Classes[s[i]]
	}
	return seen
}
