// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

// Class is what a byte is.
type Class uint16

const (
	ClassAt Class = 1 << iota
	ClassSeparator
	ClassDigit
	ClassDash
	ClassUnderscore
	ClassSpace
	ClassNonASCII // Not ASCII.
	ClassWord     // Inside a name or a number with more to it; see isWord.
	ClassGap      // What may stand between the digits of a number.
	ClassEscape   // Escapes begin so, or characters that are written for others.
	ClassTag      // The end of an element's tag, or of an arrow.
	ClassQuote
)

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

// ClassesOf returns what the bytes of a text are.
func ClassesOf(s string) (seen Class) {
	for i := range len(s) {
		seen |= Classes[s[i]]
	}
	return seen
}
