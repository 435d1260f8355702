// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// A terminal shows text in cells: one for most runes, two for wide runes such as Chinese and most
// emoji, and none for combining marks.

// cellsOf returns the cells of a printable rune.
func cellsOf(r rune) int {
	switch {
	case r < 0x300: // Latin has neither combining marks nor wide runes.
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() { //nolint:exhaustive // The other kinds are narrow.
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// escaped returns the Go escape of a rune that is invisible or controls the terminal. Other runes are
// printable.
func escaped(r rune) (text string, cells int, printable bool) {
	if unicode.IsPrint(r) {
		return "", cellsOf(r), true
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1], len(quoted) - 2, false
}

// cells returns the cells of a text, or a number above most if there are more.
func cells(text string, most int) (n int) {
	for _, r := range text {
		_, c, _ := escaped(r)
		if n += c; n > most {
			break
		}
	}
	return n
}

// appendCut appends text with escapes, cut to most cells with an ellipsis. It returns the number of
// cells.
func appendCut(dst []byte, text string, most int) (_ []byte, taken int) {
	room := most
	if cells(text, most) > most {
		room = most - 1
	}
	for _, r := range text {
		escape, c, printable := escaped(r)
		if taken+c > room {
			return append(dst, "…"...), taken + 1
		}
		taken += c
		if printable {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = append(dst, escape...)
		}
	}
	return dst, taken
}

// whole is more cells than a line can have.
const whole = 1 << 30
