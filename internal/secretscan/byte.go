// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// isWord reports whether a byte may be inside a name or a number with more to it.
func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c >= 0x80 }

// startsWord reports whether position i is not in the middle of a word. What is not ASCII may
// be a word of a script that has no spaces.
func startsWord(s string, i int) bool { return i == 0 || !isWord(s[i-1]) || s[i-1] >= 0x80 }

func isSpace(c byte) bool { return c == ' ' || c == '\t' }
func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
func isEnd(c byte) bool   { return c == '\n' || c == '\r' }

func isBackslash(c byte) bool { return c == '\\' }

// skip returns where the bytes end, from i on, that are of a kind.
func skip(s string, i int, is func(byte) bool) int {
	for i < len(s) && is(s[i]) {
		i++
	}
	return i
}

// skipBack returns where the bytes begin, up to i, that are of a kind, at most most of them.
func skipBack(s string, i, most int, is func(byte) bool) int {
	for least := max(0, i-most); i > least && is(s[i-1]); {
		i--
	}
	return i
}

// indexFrom returns where the byte is, from i on; the length of the text if it is not there.
func indexFrom(s string, i int, c byte) int {
	if n := strings.IndexByte(s[i:], c); n >= 0 {
		return i + n
	}
	return len(s)
}

func isName(c byte) bool { return isWord(c) || c == '-' || c == '.' }

const shortestKey = 16 // Of a key that says itself that it is one.

// longestForm bounds how far back from a plus the name of a parameter is looked for.
const longestForm = 256

func isHexPair(s string, i int) bool { _, ok := hexAt(s, i, 2); return ok }

// hexAt reads n hexadecimal digits.
func hexAt(s string, i, n int) (r rune, ok bool) {
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
	switch c := lower(c); {
	case isDigit(c):
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	}
	return 0, false
}

func isJoint(c byte) bool { return c == '-' || c == '_' || c == ' ' || c == '.' }

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isLetter(c byte) bool { return isLower(lower(c)) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// longestValue bounds how far the end of a value is looked for that may be none.
const longestValue = 4 << 10

// isCamel reports whether capitals and small letters are mixed as in no word.
func isCamel(word string) bool {
	changes := 0
	for i := 1; i < len(word); i++ {
		if isLower(word[i-1]) && 'A' <= word[i] && word[i] <= 'Z' {
			changes++
		}
	}
	return changes > 1
}

// isGap reports whether a byte may stand between the digits of a number.
func isGap(c byte) bool {
	switch c {
	case ' ', '\t', '-', '.', '/', '(', ')':
		return true
	}
	return false
}

// goesOn reports whether a number that ends at i is part of something longer.
func goesOn(s string, i int) bool {
	if i == len(s) {
		return false
	}
	switch c := s[i]; {
	case c >= 0x80:
		return false
	case isWord(c):
		return true
	case c == '.', c == '-':
		return i+1 < len(s) && isWord(s[i+1]) && s[i+1] < 0x80
	case c == ':':
		return i+1 < len(s) && isDigit(s[i+1])
	}
	return false
}

// isToken reports whether a byte is one of base64's for URLs.
func isToken(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }

func isHex(c byte) bool { _, ok := hexDigit(c); return ok }

// maxName bounds how far back from its end a name is looked for.
const maxName = 64

func isDigits(s string) bool { return s != "" && skip(s, 0, isDigit) == len(s) }

// mask is the byte that takes the place of what was found. It is part of no word and of no number.
// It is the one that clear writes.
const mask = 0

// closes reports whether the bracket or the quote at i ends something: nothing follows that is part of a
// word.
func closes(s string, i int) bool {
	if isQuote(s[i]) && i+1 < len(s) && strings.IndexByte(")}]>", s[i+1]) >= 0 {
		return true
	}
	for end := min(len(s), i+maxName); i+1 < end; {
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

// fewestDigits are those of a phone number.
const fewestDigits = 8
