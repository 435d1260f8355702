// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonenc

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// maxNote is the longest note that a cut text ends in, "…(+N bytes)". A text
// that is over its limit by no more than this is kept whole: cutting it would
// save nothing, and would garble the note of a text that was cut before.
const maxNote = 32

// AppendString appends s as a JSON string. Bytes that are no UTF-8 become
// \ufffd, one for each byte, as in encoding/json. Control characters are escaped, and
// so are U+2028 and U+2029, which are line ends to some readers. HTML is left
// as it is.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// AppendText appends s as [AppendString] does, but cut after about maxBytes
// bytes of s, at a rune boundary; a cut text ends in "…(+N bytes)". Without a
// limit (maxBytes <= 0) it is AppendString.
func AppendText(dst []byte, s string, maxBytes int) []byte {
	end := cut(s, maxBytes)
	if end == len(s) {
		return AppendString(dst, s)
	}
	dst = append(dst, '"')
	dst = appendEscaped(dst, s[:end])
	dst = appendNote(dst, len(s)-end)
	return append(dst, '"')
}

// Key returns s as it reads back once it was appended by [AppendText], which is
// what has to be compared to know whether two keys of an object are the same.
// For nearly all keys that is s itself.
func Key(s string, maxBytes int) string {
	end := cut(s, maxBytes)
	if end == len(s) && utf8.ValidString(s) {
		return s
	}
	clean := make([]byte, 0, end+maxNote)
	for _, r := range s[:end] { // A range yields U+FFFD for each bad byte.
		clean = utf8.AppendRune(clean, r)
	}
	if end < len(s) {
		clean = appendNote(clean, len(s)-end)
	}
	return string(clean)
}

// cut returns how much of s is within the limit.
func cut(s string, maxBytes int) int {
	if maxBytes <= 0 || len(s)-maxNote <= maxBytes {
		return len(s)
	}
	end := maxBytes
	for end > 0 && end > maxBytes-utf8.UTFMax && !utf8.RuneStart(s[end]) {
		end--
	}
	return end
}

func appendNote(dst []byte, missing int) []byte {
	dst = append(dst, "…(+"...)
	dst = strconv.AppendInt(dst, int64(missing), 10)
	return append(dst, " bytes)"...)
}

// appendEscaped copies runs of bytes that need no escape as they are: most
// texts are one such run.
func appendEscaped(dst []byte, s string) []byte {
	i := plainUntil(s)
	if i == len(s) {
		return append(dst, s...)
	}
	start := 0
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if plain[c] {
				i++
				continue
			}
			dst = append(dst, s[start:i]...)
			dst = appendControl(dst, c)
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\ufffd`...)
		case r == '\u2028' || r == '\u2029':
			dst = append(dst, s[start:i]...)
			dst = append(dst, `\u202`...)
			dst = append(dst, hexDigits[r&0xF])
		default:
			i += size
			continue
		}
		i += size
		start = i
	}
	return append(dst, s[start:]...)
}

// plainUntil returns up to where the bytes of s are sure to stand for themselves. It looks
// at eight of them at once, in the manner of
// https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord.
func plainUntil(s string) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := s[i : i+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		quote, slash := x^ones*'"', x^ones*'\\'
		// A byte's top bit: it is not ASCII, less than a space, a quote, a backslash.
		if (x|(x-ones*' ')|(quote-ones)|(slash-ones))&tops != 0 {
			break
		}
	}
	for ; i < len(s) && s[i] < utf8.RuneSelf && plain[s[i]]; i++ {
	}
	return i
}

func appendControl(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\f':
		return append(dst, `\f`...)
	case '\n':
		return append(dst, `\n`...)
	case '\r':
		return append(dst, `\r`...)
	case '\t':
		return append(dst, `\t`...)
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&0xF])
}

// plain tells the ASCII characters that stand for themselves in a JSON string.
var plain = func() (table [utf8.RuneSelf]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()
