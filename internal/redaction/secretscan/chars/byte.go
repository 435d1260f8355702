// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

import "strings"

// IsWord reports whether a byte may be inside a word or a number. Bytes that are not ASCII are.
func IsWord(c byte) bool { return IsLetter(c) || IsDigit(c) || c == '_' || c >= 0x80 }

// StartsWord reports whether position i is not in the middle of a word. Text that is not ASCII may be
// in a script without spaces.
func StartsWord(s string, i int) bool { return i == 0 || !IsWord(s[i-1]) || s[i-1] >= 0x80 }

// IsSpace reports whether a byte is a space or a tab.
func IsSpace(c byte) bool { return c == ' ' || c == '\t' }

// IsQuote reports whether a byte is a quotation mark.
func IsQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// IsEnd reports whether a byte ends a line.
func IsEnd(c byte) bool { return c == '\n' || c == '\r' }

// IsBackslash reports whether a byte is a backslash.
func IsBackslash(c byte) bool { return c == '\\' }

// Skip returns the first position from i on whose byte is not of a kind.
func Skip(s string, i int, is func(byte) bool) int {
	for i < len(s) && is(s[i]) {
		i++
	}
	return i
}

// SkipBack returns where the run of bytes of a kind begins that ends at i. It goes back at most so many
// bytes.
func SkipBack(s string, i, most int, is func(byte) bool) int {
	for least := max(0, i-most); i > least && is(s[i-1]); {
		i--
	}
	return i
}

// IndexFrom returns the position of a byte from i on, or the length of the text.
func IndexFrom(s string, i int, c byte) int {
	if n := strings.IndexByte(s[i:], c); n >= 0 {
		return i + n
	}
	return len(s)
}

// IsName reports whether a byte may be part of a name: user_id, x-api-key, http.header.
func IsName(c byte) bool { return IsWord(c) || c == '-' || c == '.' }

// IsHexPair reports whether two hexadecimal digits begin at i.
func IsHexPair(s string, i int) bool { _, ok := HexAt(s, i, 2); return ok }

// HexAt returns the value of the n hexadecimal digits that begin at i.
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

// IsJoint reports whether a byte may join the words of a name.
func IsJoint(c byte) bool { return c == '-' || c == '_' || c == ' ' || c == '.' }

// IsLower reports whether a byte is a small ASCII letter.
func IsLower(c byte) bool { return 'a' <= c && c <= 'z' }

// IsLetter reports whether a byte is an ASCII letter.
func IsLetter(c byte) bool { return IsLower(Lower(c)) }

// IsDigit reports whether a byte is a decimal digit.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }

// Lower returns a byte in lower case.
func Lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// IsCamel reports whether a small letter is followed by a capital more than once, as in no English word.
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

// Continues reports whether a number or word that ends at i is part of something longer.
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

// IsToken reports whether a byte is in the alphabet of base64url.
func IsToken(c byte) bool { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_' }

// IsHex reports whether a byte is a hexadecimal digit.
func IsHex(c byte) bool { _, ok := hexDigit(c); return ok }

// IsDigits reports whether a text is one or more digits.
func IsDigits(s string) bool { return s != "" && Skip(s, 0, IsDigit) == len(s) }

// Closes reports whether the bracket or the quote at i ends a value: no part of a word follows.
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
