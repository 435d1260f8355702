// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

// class is what a byte is.
type class uint16

const (
	classAt class = 1 << iota
	classPair
	classDigit
	classDash
	classUnderscore
	classSpace
	classForeign // Not ASCII.
	classWord    // Inside a name or a number with more to it; see isWord.
	classGap     // What may stand between the digits of a number.
	classEscape  // Escapes begin so, or characters that are written for others.
	classTag     // The end of an element's tag, or of an arrow.
	classQuote
)

var classes = func() (table [256]class) {
	for i := range table {
		c := byte(i)
		if isWord(c) {
			table[i] |= classWord
		}
		if isDigit(c) {
			table[i] |= classDigit
		}
		if c >= 0x80 || c == '\x1b' {
			table[i] |= classForeign
		}
		if isGap(c) {
			table[i] |= classGap
		}
		switch c {
		case '\\', '%', '&', '+', '\x1b', 0xC2, 0xE2, 0xE3, 0xEF:
			table[i] |= classEscape
		}
	}
	table['@'] |= classAt
	table['='] |= classPair
	table[':'] |= classPair
	table['>'] |= classTag
	table['"'] |= classQuote
	table['\''] |= classQuote
	table['-'] |= classDash
	table['_'] |= classUnderscore
	table[' '] |= classSpace
	table['\t'] |= classSpace
	return table
}()

// classesOf returns what the bytes of a text are.
func classesOf(s string) (seen class) {
	for i := range len(s) {
		seen |= classes[s[i]]
	}
	return seen
}
