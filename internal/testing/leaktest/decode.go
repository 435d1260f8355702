// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"bytes"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxEncodings is the number of nested encodings that are decoded.
const maxEncodings = 8

// Skeleton returns the letters and digits of a text after decoding it.
func Skeleton(text []byte) []byte {
	text = bytes.Clone(text)
	for range maxEncodings {
		next, changed := decoded(text)
		if text = next; !changed {
			break
		}
	}
	skeleton := text[:0]
	for i := 0; i < len(text); {
		c := text[i]
		if c < utf8.RuneSelf {
			if isASCIILetter(c) || '0' <= c && c <= '9' {
				skeleton = append(skeleton, c)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			skeleton = append(skeleton, text[i:i+size]...)
		}
		i += size
	}
	return skeleton
}

func isASCIILetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// decoded removes one encoding from a text, and reports whether it had one: percent, XML entities, backslashes.
// It writes to its argument.
func decoded(text []byte) (out []byte, changed bool) {
	out = text[:0]
	for i := 0; i < len(text); {
		with, size := escape(text[i:])
		if size == 0 {
			out = append(out, text[i])
			i++
			continue
		}
		out = utf8.AppendRune(out, with)
		if with < 0 { // A byte of a multi-byte character.
			out = append(out[:len(out)-utf8.RuneLen(utf8.RuneError)], byte(-with))
		}
		i += size
		changed = true
	}
	return out, changed
}

// escape returns the value of the escape at the beginning of a text and its size, which is 0 if there is no
// escape. A byte that is not a character is negative.
func escape(text []byte) (with rune, size int) {
	switch text[0] {
	case '+':
		return ' ', 1
	case '%':
		if n, ok := hexNumber(text, 1, 2); ok {
			if n >= utf8.RuneSelf {
				return -n, 3
			}
			return n, 3
		}
	case '&':
		return entity(text)
	case '\\':
		if len(text) < 2 {
			return 0, 0
		}
		switch text[1] {
		case '\\', '"', '\'', '/':
			return rune(text[1]), 2
		case 'n', 'r', 't':
			return ' ', 2
		case 'u':
			if n, ok := hexNumber(text, 2, 4); ok {
				return n, 6
			}
		}
	}
	return 0, 0
}

// entity returns the value of an entity such as &amp;.
func entity(text []byte) (with rune, size int) {
	const longest = 8
	end := bytes.IndexByte(text[:min(len(text), longest)], ';')
	if end < 0 {
		return 0, 0
	}
	name := string(text[1:end])
	if i := strings.Index(" amp=& lt=< gt=> quot=\" apos='", " "+name+"="); i >= 0 {
		return rune(" amp=& lt=< gt=> quot=\" apos='"[i+len(name)+2]), end + 1
	}
	if digits, ok := strings.CutPrefix(name, "#"); ok {
		base := 10
		if x, ok := strings.CutPrefix(strings.ToLower(digits), "x"); ok {
			digits, base = x, 16
		}
		if n, err := strconv.ParseUint(digits, base, 16); err == nil {
			return rune(n), end + 1
		}
	}
	return 0, 0
}

// hexNumber returns the number in the n hexadecimal digits at an index.
func hexNumber(text []byte, from, n int) (value rune, ok bool) {
	if len(text) < from+n {
		return 0, false
	}
	for _, c := range text[from : from+n] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		value = value<<4 | rune(c)
	}
	return value, true
}
