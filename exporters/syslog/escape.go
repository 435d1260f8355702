// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package syslog

import (
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// unsafe reports whether a character could end a message for some receiver, control a terminal, or
// change the visible order of text: control characters (RFC 5424, section 6.4, asks senders to avoid
// them), line and paragraph separators, and bidirectional controls.
func unsafe(r rune) bool {
	switch {
	case r < ' ', 0x7f <= r && r <= 0x9f:
		return true
	case r < 0x061c:
		return false
	case r == 0x061c, r == 0x200e, r == 0x200f, 0x2028 <= r && r <= 0x202e, 0x2066 <= r && r <= 0x2069:
		return true
	}
	return false
}

// clean reports whether text is valid UTF-8 without unsafe characters.
func clean(text []byte) bool {
	for i := 0; i < len(text); {
		if c := text[i]; ' ' <= c && c <= '~' {
			i++
			continue
		}
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size < 2 || unsafe(r) {
			return false
		}
		i += size
	}
	return true
}

// escaped returns text as one line of valid UTF-8 without unsafe characters. In JSON, unsafe characters
// in strings become \u escapes and line ends between values become spaces, so that it has the same
// values. In other text, each byte of an unsafe character becomes #ooo, its octal value, as rsyslog
// writes it. Invalid UTF-8 becomes U+FFFD.
func escaped(text []byte) []byte {
	if clean(text) {
		return text
	}
	isJSON := json.Valid(text)
	dst := make([]byte, 0, len(text)+32)
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		i += size
		switch {
		case !isJSON:
			dst = appendEscaped(dst, r)
		case r < ' ':
			dst = append(dst, ' ') // In JSON, they are between values only.
		case unsafe(r):
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// appendEscaped appends a character, or #ooo for each byte of an unsafe character.
func appendEscaped(dst []byte, r rune) []byte {
	if !unsafe(r) {
		return utf8.AppendRune(dst, r)
	}
	var encoded [utf8.UTFMax]byte
	for _, c := range encoded[:utf8.EncodeRune(encoded[:], r)] {
		dst = append(dst, '#', '0'+c>>6, '0'+c>>3&7, '0'+c&7)
	}
	return dst
}
