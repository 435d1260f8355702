// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package terminal

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Clean returns text that a terminal shows and does not obey: control characters, and those that change the
// direction of text or are not seen, are escaped as in Go, and so is what is not UTF-8. Text of more than limit
// columns is cut, and ends with "…".
func Clean(text string, limit int) string {
	var b strings.Builder
	columns, end := 0, 0 // End is where the text is cut if it is too long.
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		piece := text[i : i+size]
		switch {
		case r == utf8.RuneError && size <= 1:
			piece = fmt.Sprintf(`\x%02x`, text[i])
		case r == '\n':
			piece = `\n`
		case r == '\t':
			piece = " "
		case !unicode.IsPrint(r):
			piece = escape(r)
		}
		i += size
		n := 0
		for _, r := range piece {
			n += columnsOf(r)
		}
		if columns+n > limit {
			return b.String()[:end] + "…"
		}
		b.WriteString(piece)
		if columns += n; columns < limit {
			end = b.Len()
		}
	}
	return b.String()
}

// escape returns a character as Go writes it in a string.
func escape(r rune) string {
	if r > 0xFFFF {
		return fmt.Sprintf(`\U%08x`, r)
	}
	if r < 0x100 {
		return fmt.Sprintf(`\x%02x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// Columns returns how many columns clean text takes.
func Columns(text string) (n int) {
	for _, r := range text {
		n += columnsOf(r)
	}
	return n
}

func columnsOf(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	default:
		return 1
	}
}

// Pad adds spaces to clean text until it has as many columns.
func Pad(text string, columns int) string {
	return text + strings.Repeat(" ", max(0, columns-Columns(text)))
}

// Left adds spaces before clean text until it has as many columns.
func Left(text string, columns int) string {
	return strings.Repeat(" ", max(0, columns-Columns(text))) + text
}
