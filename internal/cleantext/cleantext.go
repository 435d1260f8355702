// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package cleantext makes text valid UTF-8 and bounds its size and depth before export.
//
// Protocol buffers reject a request with one string that is not UTF-8: one invalid byte in one attribute
// loses 512 records. Collectors also reject requests of more than a few megabytes, and messages that are
// nested too deeply. Clean text, which is nearly all text, is returned unchanged and without allocation.
package cleantext

import (
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxBytes is the size of the longest text that is recorded, without the note about truncation.
const MaxBytes = 64 << 10

const replacement = "\uFFFD"

// maxNote is the size of the longest note.
const maxNote = len("…(+") + 19 + len(" bytes)")

// String returns s as valid UTF-8 of at most [MaxBytes]. Each run of bytes that are not UTF-8 becomes U+FFFD.
// A truncated text ends with a note: "…(+123 bytes)". String returns its own results unchanged.
func String(s string) string {
	if IsClean(s) {
		return s
	}
	return cleaned(s)
}

// IsClean reports whether [String] returns s unchanged.
func IsClean(s string) bool {
	return (len(s) <= MaxBytes || len(s) <= MaxBytes+maxNote && hasNote(s)) && IsValid(s)
}

// Valid returns s as valid UTF-8 of any length.
func Valid(s string) string {
	if IsValid(s) {
		return s
	}
	return strings.ToValidUTF8(s, replacement)
}

// IsValid reports whether s is UTF-8. Most text is ASCII and short; for that it takes half the time of
// [utf8.ValidString].
func IsValid(s string) bool { return isASCII(s) || utf8.ValidString(s) }

// isASCII reads eight bytes at a time. It may read the last eight twice.
func isASCII(s string) bool {
	const high = 0x8080808080808080
	if len(s) < 8 {
		var all byte
		for i := range len(s) {
			all |= s[i]
		}
		return all < utf8.RuneSelf
	}
	end := len(s) - 8
	all := eight(s[end:])
	for i := 0; i < end; i += 8 {
		all |= eight(s[i:])
	}
	return all&high == 0
}

// eight returns the first eight bytes. The compiler turns it into one load.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// hasNote reports whether the text was truncated before.
func hasNote(s string) bool {
	at := strings.LastIndex(s, "…(+")
	if at < 0 || at > MaxBytes {
		return false
	}
	digits, ok := strings.CutSuffix(s[at+len("…(+"):], " bytes)")
	if !ok || digits == "" {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

// cleaned makes a text clean. U+FFFD has three bytes, so the length is known only while writing.
func cleaned(s string) string {
	var b strings.Builder
	b.Grow(min(len(s), MaxBytes) + maxNote)
	invalid := false // The byte in front was invalid.
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		text := s[i : i+size]
		if r == utf8.RuneError && size == 1 {
			if invalid {
				i++
				continue
			}
			text = replacement
		}
		if b.Len()+len(text) > MaxBytes {
			b.WriteString("…(+")
			b.WriteString(strconv.Itoa(len(s) - i))
			b.WriteString(" bytes)")
			break
		}
		invalid = r == utf8.RuneError && size == 1
		b.WriteString(text)
		i += size
	}
	return b.String()
}

// Head returns the beginning of s as valid UTF-8, with at most so many bytes and without a partial rune.
func Head(s string, most int) string {
	if len(s) > most {
		end := most
		for end > max(0, most-utf8.UTFMax+1) && !utf8.RuneStart(s[end]) {
			end--
		}
		s = s[:end]
	}
	s = Valid(s)
	if len(s) > most { // U+FFFD may be longer than the bytes that it replaces.
		return Head(s, most)
	}
	return s
}

// Cut returns the beginning of a text of size bytes as valid UTF-8, with a note about the bytes that are
// missing. It removes a partial rune at the end.
func Cut(beginning []byte, size int64) string {
	if int64(len(beginning)) < size {
		for range utf8.UTFMax - 1 {
			if r, n := utf8.DecodeLastRune(beginning); r != utf8.RuneError || n != 1 {
				break
			}
			beginning = beginning[:len(beginning)-1]
		}
	}
	text := strings.ToValidUTF8(string(beginning), "\uFFFD")
	if missing := size - int64(len(beginning)); missing > 0 {
		text += "…(+" + strconv.FormatInt(missing, 10) + " bytes)"
	}
	return text
}

// URL returns a URL without the parts that may contain a key: user, query and fragment.
func URL(u *url.URL) string {
	c := *u
	c.User, c.RawQuery, c.ForceQuery, c.Fragment, c.RawFragment = nil, "", false, "", ""
	return String(c.String())
}
