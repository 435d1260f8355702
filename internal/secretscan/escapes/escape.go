// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package escapes

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/secretscan/chars"
)

// invisible is the value of an invisible character.
const invisible rune = -1

// RawByte is added to what is a byte and may be no character.
const RawByte rune = utf8.MaxRune + 1

func AppendDecoded(dst []byte, r rune) []byte {
	switch {
	case r == invisible:
		return dst
	case r >= RawByte:
		return append(dst, byte(r-RawByte))
	}
	return utf8.AppendRune(dst, r)
}

// An escapeReader returns the character that is escaped at i, and the length of the escape, which
// is 0 if there is none.
type Reader func(s string, i int) (r rune, n int)

// layer are one of the ways to write characters as others.
type layer struct {
	Reader      Reader
	PlusIsSpace bool // A plus may be a space.
	paired      bool // They come in pairs.
}

// Outermost returns the escapes that are taken off first, and where the first is: those that would
// themselves be escaped in the others. There are none if that is the length of the text.
func Outermost(s string) (_ layer, first int) {
	for _, e := range [...]layer{{Reader: Backslash}, {Reader: doubledQuote, paired: true}, {Reader: Entity}, {Reader: formEncoding, PlusIsSpace: true}} {
		i := NextEscape(s, 0, e.Reader)
		if i == len(s) || e.paired && (chars.IsWord(s[i-1]) || s[i-1] == ':') {
			continue // The first of doubled quotes is before a word.
		}
		return e, i
	}
	return layer{}, len(s)
}

// NextEscape returns where the next escape begins, or the length of the text.
func NextEscape(s string, i int, escape Reader) int {
	for ; i < len(s); i++ {
		if chars.Classes[s[i]]&(chars.ClassEscape|chars.ClassQuote) == 0 {
			continue
		}
		if _, n := escape(s, i); n > 0 {
			return i
		}
	}
	return i
}

// doubledQuote reads the quotes of JSON in a field of CSV: {""name"":""x""}. An empty string is none.
func doubledQuote(s string, i int) (r rune, n int) {
	if s[i] != '"' || i+2 >= len(s) || s[i+1] != '"' || i == 0 || s[i-1] == '"' || chars.IsWord(s[i-1]) == chars.IsWord(s[i+2]) {
		return 0, 0
	}
	return '"', 2
}

// Percent reads the escapes of URLs.
func Percent(s string, i int) (r rune, n int) {
	if s[i] == '%' {
		if c, ok := chars.HexAt(s, i+1, 2); ok {
			return RawByte + c, 3
		}
	}
	return 0, 0
}

// formEncoding reads the escapes of URLs, and a plus that may be a space: behind either.
func formEncoding(s string, i int) (r rune, n int) { return plusOr(s, i, "=%") }

// PathEncoding reads the same where a plus is a space only in the value of a parameter.
func PathEncoding(s string, i int) (r rune, n int) { return plusOr(s, i, "=") }

func plusOr(s string, i int, behind string) (r rune, n int) {
	if s[i] != '+' {
		return Percent(s, i)
	}
	begin := chars.SkipBack(s, i, chars.MaxLookBack, func(c byte) bool { return !chars.IsSpace(c) && !chars.IsEnd(c) })
	if strings.ContainsAny(s[begin:i], behind) {
		return ' ', 1
	}
	return 0, 0
}

// Backslash reads the escapes of JSON, and those that Go and C have besides.
func Backslash(s string, i int) (r rune, n int) {
	if s = s[i:]; s[0] != '\\' || len(s) < 2 {
		return 0, 0
	}
	switch s[1] {
	case '"', '\'', '\\', '/', '`', ' ':
		return rune(s[1]), 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case '0': // Octal, as shells write what begins a colour: \033[31m.
		if strings.HasPrefix(s[2:], "33") {
			return '\x1b', 4
		}
	case 'u':
		if c, ok := chars.HexAt(s, 2, 4); ok {
			return c, 6
		}
	case 'x':
		if c, ok := chars.HexAt(s, 2, 2); ok {
			return RawByte + c, 4
		}
	}
	return 0, 0
}

// maxEntity is the length of &#x10FFFF;.
const maxEntity = 10

// Entity reads the escapes of XML and HTML.
func Entity(s string, i int) (r rune, n int) {
	s = s[i:]
	if s[0] != '&' {
		return 0, 0
	}
	end := strings.IndexByte(s[:min(len(s), maxEntity)], ';')
	if end < 0 {
		return 0, 0
	}
	switch name := s[1:end]; name {
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	case "amp":
		return '&', end + 1
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "nbsp":
		return ' ', end + 1
	case "":
	default:
		if name[0] != '#' {
			break
		}
		digits, base := name[1:], 10
		if hex, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
			digits, base = hex, 16
		}
		if c, err := strconv.ParseUint(digits, base, 21); err == nil && c <= utf8.MaxRune {
			return rune(c), end + 1
		}
	}
	return 0, 0
}

// Lookalike reads characters that are written where ASCII has one of its own: other spaces,
// dashes and quotes, the wide forms of East Asian text, and invisible ones.
func Lookalike(s string, i int) (r rune, n int) {
	if s[i] == '\x1b' { // The colour of a terminal.
		if end := chars.Skip(s, i+1, func(c byte) bool { return chars.IsDigit(c) || c == ';' || c == '[' }); end < len(s) && s[end] == 'm' {
			return invisible, end + 1 - i
		}
	}
	if s[i] < utf8.RuneSelf {
		return 0, 0
	}
	c, n := utf8.DecodeRuneInString(s[i:])
	switch {
	case c >= 0xFF01 && c <= 0xFF5E: // The wide forms, in the order of ASCII.
		return c - 0xFF01 + '!', n
	case c >= 0x2000 && c <= 0x200A, c == 0xA0, c == 0x202F, c == 0x3000:
		return ' ', n
	case c == 0xB7, c == 0x2022, c == 0x2219: // Dots in the middle.
		return '.', n
	case c >= 0x2190 && c <= 0x2194, c == 0x21A6, c == 0x21D2: // Arrows.
		return '=', n
	case c >= 0x2010 && c <= 0x2015:
		return '-', n
	case c == 0x2018 || c == 0x2019:
		return '\'', n
	case c == 0x201C || c == 0x201D || c == 0x201E:
		return '"', n
	case c >= 0x200B && c <= 0x200F, c >= 0x202A && c <= 0x202E, c == 0x2060, c == 0xFEFF, c == 0xAD:
		return invisible, n
	}
	return 0, 0
}
