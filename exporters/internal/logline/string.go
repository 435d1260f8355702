// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package logline

import (
	"strconv"
	"unicode/utf8"
)

const hexDigits = "0123456789abcdef"

// maxNote is the length of the longest note at the end of a cut text, "…(+N bytes)". A text that exceeds
// its limit by at most this is not cut: that would save nothing, and would damage the note of a text that
// was cut before.
const maxNote = 32

// AppendString appends s as a JSON string. Each byte of invalid UTF-8 becomes \ufffd, as in
// encoding/json. It escapes control characters, and U+2028 and U+2029, which some readers treat as line
// ends. It does not escape HTML.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	dst = appendEscaped(dst, s)
	return append(dst, '"')
}

// AppendText appends s like [AppendString], but cuts s after about maxBytes bytes, at a rune boundary. A
// cut text ends in "…(+N bytes)". If maxBytes <= 0, there is no limit.
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

// CutText returns the text that a reader gets for s from [AppendText]. Two keys of an object are the same if
// their results are. For nearly all keys, it returns s itself.
func CutText(s string, maxBytes int) string {
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

// cut returns the length of the part of s that is within the limit.
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

// appendEscaped copies runs of bytes that need no escape. Most texts are one such run.
func appendEscaped(dst []byte, s string) []byte {
	i := unescapedPrefix(s)
	if i == len(s) {
		return append(dst, s...)
	}
	start := 0
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if unescaped[c] {
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

// unescapedPrefix returns the length of a prefix of s that needs no escape. It tests eight bytes at once,
// like
// https://graphics.stanford.edu/~seander/bithacks.html#HasLessInWord.
func unescapedPrefix(s string) int {
	const ones, tops = 0x0101010101010101, 0x8080808080808080
	i := 0
	for ; i+8 <= len(s); i += 8 {
		w := s[i : i+8]
		x := uint64(w[0]) | uint64(w[1])<<8 | uint64(w[2])<<16 | uint64(w[3])<<24 |
			uint64(w[4])<<32 | uint64(w[5])<<40 | uint64(w[6])<<48 | uint64(w[7])<<56
		quote, slash := x^ones*'"', x^ones*'\\'
		// The top bit of a byte is set if it is not ASCII, less than a space, a quote or a backslash.
		if (x|(x-ones*' ')|(quote-ones)|(slash-ones))&tops != 0 {
			break
		}
	}
	for ; i < len(s) && s[i] < utf8.RuneSelf && unescaped[s[i]]; i++ {
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

// unescaped has the ASCII characters that need no escape in a JSON string.
var unescaped = func() (table [utf8.RuneSelf]bool) {
	for c := range table {
		table[c] = c >= ' ' && c != '"' && c != '\\'
	}
	return table
}()
