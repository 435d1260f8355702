// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package textlog

import (
	"strconv"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// A terminal shows text in cells: one for most runes, two for wide ones, such as those of
// Chinese and most emoji, and none for marks that stand on the rune before.

// cellsOf returns how many cells a rune takes that is shown as it is.
func cellsOf(r rune) int {
	switch {
	case r < 0x300: // Latin, which has neither marks of its own nor wide runes.
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	}
	switch width.LookupRune(r).Kind() { //nolint:exhaustive // The others are narrow.
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

// escaped returns how a rune is shown: as it is, or as a Go escape if it is not to be seen
// or acts on a terminal.
func escaped(r rune) (text string, cells int, plain bool) {
	if unicode.IsPrint(r) {
		return "", cellsOf(r), true
	}
	quoted := strconv.QuoteRune(r)
	return quoted[1 : len(quoted)-1], len(quoted) - 2, false
}

// cells returns how many cells a text takes, or a number above most if they are more.
func cells(text string, most int) (n int) {
	for _, r := range text {
		_, c, _ := escaped(r)
		if n += c; n > most {
			break
		}
	}
	return n
}

// appendCut appends text in which what is not to be seen, or acts on a terminal, is escaped
// as in Go's strings. What exceeds the cells becomes an ellipsis. It returns the cells that
// the text takes.
func appendCut(dst []byte, text string, most int) (_ []byte, taken int) {
	room := most
	if cells(text, most) > most {
		room = most - 1
	}
	for _, r := range text {
		escape, c, plain := escaped(r)
		if taken+c > room {
			return append(dst, "…"...), taken + 1
		}
		taken += c
		if plain {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = append(dst, escape...)
		}
	}
	return dst, taken
}

// whole is more cells than any line has.
const whole = 1 << 30
