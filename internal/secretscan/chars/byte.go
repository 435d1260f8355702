// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

import "strings"

// IsWord reports whether a byte may be inside a name or a number with more to it.
func IsWord(c byte) bool { return IsLetter(c) || IsDigit(c) || c == '_' || c >= 0x80 }

// StartsWord reports whether position i is not in the middle of a word. What is not ASCII may
// be a word of a script that has no spaces.
func StartsWord(s string, i int) bool { return i == 0 || !IsWord(s[i-1]) || s[i-1] >= 0x80 }

func IsSpace(c byte) bool { return c == ' ' || c == '\t' }
func IsQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
func IsEnd(c byte) bool   { return c == '\n' || c == '\r' }

func IsBackslash(c byte) bool { return c == '\\' }

// Skip returns where the bytes end, from i on, that are of a kind.
func Skip(s string, i int, is func(byte) bool) int {
	for i < len(s) && is(s[i]) {
		i++
	}
	return i
}

// SkipBack returns where the bytes begin, up to i, that are of a kind, at most most of them.
func SkipBack(s string, i, most int, is func(byte) bool) int {
	for least := max(0, i-most); i > least && is(s[i-1]); {
		i--
	}
	return i
}

// IndexFrom returns where the byte is, from i on; the length of the text if it is not there.
func IndexFrom(s string, i int, c byte) int {
	if n := strings.IndexByte(s[i:], c); n >= 0 {
		return i + n
	}
	return len(s)
}

func IsName(c byte) bool { return IsWord(c) || c == '-' || c == '.' }

const MinKey = 16 // Of a key that says itself that it is one.

// MaxLookBack bounds how far back from a plus the name of a parameter is looked for.
const MaxLookBack = 256

func IsHexPair(s string, i int) bool { _, ok := HexAt(s, i, 2); return ok }

// HexAt reads n hexadecimal digits.
func HexAt(s string, i, n int) (r rune, ok bool) {
	if i+n > len(s) {
		return 0, false
	}
	for _, c := range []byte(s[i : i+n]) {
		d, ok := hexDigit(c)
		if !ok {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

func hexDigit(c byte) (byte, bool) {
	switch c := Lower(c); {
	case IsDigit(c):
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

func IsJoint(c byte) bool { return c == '-' || c == '_' || c == ' ' || c == '.' }

func IsLower(c byte) bool { return 'a' <= c && c <= 'z' }

func IsLetter(c byte) bool { return IsLower(Lower(c)) }

func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

func Lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// MaxValue bounds how far the end of a value is looked for that may be none.
const MaxValue = 4 << 10

// IsCamel reports whether capitals and small letters are mixed as in no word.
func IsCamel(word string) bool {
	changes := 0
	for i := 1; i < len(word); i++ {
		if IsLower(word[i-1]) && 'A' <= word[i] && word[i] <= 'Z' {
			changes++
		}
	}
	return changes > 1
}

// IsGap reports whether a byte may stand between the digits of a number.
func IsGap(c byte) bool {
	switch c {
	case ' ', '\t', '-', '.', '/', '(', ')':
		return true
	}
	return false
}

// Continues reports whether a number that ends at i is part of something longer.
func Continues(s string, i int) bool {
	if i == len(s) {
		return false
	}
	switch c := s[i]; {
	case c >= 0x80:
		return false
	case IsWord(c):
		return true
	case c == '.', c == '-':
		return i+1 < len(s) && IsWord(s[i+1]) && s[i+1] < 0x80
	case c == ':':
		return i+1 < len(s) && IsDigit(s[i+1])
	}
	return false
}

// IsToken reports whether a byte is one of base64's for URLs.
func IsToken(c byte) bool { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_' }

func IsHex(c byte) bool { _, ok := hexDigit(c); return ok }

// MaxName bounds how far back from its end a name is looked for.
const MaxName = 64

func IsDigits(s string) bool { return s != "" && Skip(s, 0, IsDigit) == len(s) }

// MaskByte is the byte that takes the place of what was found. It is part of no word and of no number.
// It is the one that clear writes.
const MaskByte = 0

// Closes reports whether the bracket or the quote at i ends something: nothing follows that is part of a
// word.
func Closes(s string, i int) bool {
	if IsQuote(s[i]) && i+1 < len(s) && strings.IndexByte(")}]>", s[i+1]) >= 0 {
		return true
	}
	for end := min(len(s), i+MaxName); i+1 < end; {
		i++
		switch s[i] {
		case ')', '}', ']', '>', '"', '\'', '`':
			continue
		case ' ', '\t', '\r', '\n', ',', ';', '.', ':', '\\', '/', '<', '|', '&', '=':
			return true
		}
		return false
	}
	return true
}

// MinPhoneDigits are those of a phone number.
const MinPhoneDigits = 8
