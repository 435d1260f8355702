// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package escapes

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// invisible is the decoded value of an invisible character, which has no byte.
const invisible rune = -1

// RawByte is added to a decoded byte that may not be a character.
const RawByte rune = utf8.MaxRune + 1

// AppendDecoded appends the bytes of a decoded value.
func AppendDecoded(dst []byte, r rune) []byte {
	switch {
	case r == invisible:
		return dst
	case r >= RawByte:
		return append(dst, byte(r-RawByte))
	}
	return utf8.AppendRune(dst, r)
}

// A Reader returns the value of the escape at i and its length, which is 0 if there is no escape.
type Reader func(s string, i int) (r rune, n int)

// A Layer is one way of escaping a text.
type Layer struct {
	Reader      Reader
	PlusIsSpace bool // A plus may stand for a space.
	paired      bool // The escapes come in pairs.
}

// Outermost returns the layer to decode first and the position of its first escape: its escapes would
// be escaped themselves in the other layers. Without escapes, the position is the length of the text.
func Outermost(s string) (_ Layer, first int) {
	for _, e := range [...]Layer{{Reader: Backslash}, {Reader: doubledQuote, paired: true}, {Reader: Entity}, {Reader: formEncoding, PlusIsSpace: true}} {
		i := NextEscape(s, 0, e.Reader)
		if i == len(s) || e.paired && (chars.IsWord(s[i-1]) || s[i-1] == ':') {
			continue // The first of a pair of doubled quotes is in front of a word.
		}
		return e, i
	}
	return Layer{}, len(s)
}

// NextEscape returns the position of the next escape, or the length of the text.
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

// doubledQuote reads the quotes of JSON in a CSV field: {""name"":""x""}. An empty string is no escape.
func doubledQuote(s string, i int) (r rune, n int) {
	if s[i] != '"' || i+2 >= len(s) || s[i+1] != '"' || i == 0 || s[i-1] == '"' || chars.IsWord(s[i-1]) == chars.IsWord(s[i+2]) {
		return 0, 0
	}
	return '"', 2
}

// Percent reads percent-encoding.
func Percent(s string, i int) (r rune, n int) {
	if s[i] == '%' {
		if c, ok := chars.HexAt(s, i+1, 2); ok {
			return RawByte + c, 3
		}
	}
	return 0, 0
}

// formEncoding reads percent-encoding, and as a space a plus after a parameter or another escape.
func formEncoding(s string, i int) (r rune, n int) { return plusOr(s, i, "=%") }

// PathEncoding reads percent-encoding, and as a space a plus in the value of a parameter.
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

// Backslash reads the escapes of JSON, Go and C.
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
	case '0': // Octal, as shells write the escape character: \033[31m.
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

// Entity reads the character references of XML and HTML.
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

// Lookalike reads characters that look like ASCII ones: other spaces, dashes and quotes, and the wide
// forms of East Asian text. It also reads invisible characters and terminal colours.
func Lookalike(s string, i int) (r rune, n int) {
	if s[i] == '\x1b' { // A terminal colour.
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
	case c == 0xB7, c == 0x2022, c == 0x2219: // Middle dots.
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
