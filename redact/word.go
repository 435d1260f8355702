// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// wordEnd returns where a value of one word ends. Passwords have any characters: a bracket or a
// comma ends one only if nothing of it follows.
func wordEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n', '"', '\'', '`':
			return i
		case '&', ';', ',', '|':
			if i+1 == len(s) || isSpace(s[i+1]) || isEnd(s[i+1]) || isQuote(s[i+1]) || startsPair(s, i+1) {
				return i
			}
		case ')', '}', ']', '>':
			if closes(s, i) {
				return i
			}
		case '<':
			if i+1 < len(s) && s[i+1] == '/' {
				return i
			}
		case ':':
			if i+1 < len(s) && isSpace(s[i+1]) {
				return i
			}
		case '\\':
			if r, n := backslash(s[i:]); n > 0 && (isEnd(byte(r)) || isQuote(byte(r)) || r == '\t' || r == '&' || r == '<') {
				return i
			}
		}
	}
	return i
}

// closes reports whether the bracket at i ends something: nothing follows that is part of a
// word.
func closes(s string, i int) bool {
	for i++; i < len(s); i++ {
		switch s[i] {
		case ')', '}', ']', '>':
			continue
		case ' ', '\t', '\r', '\n', ',', ';', '.', ':', '"', '\'', '`', '\\', '/', '<', '|':
			return true
		}
		return false
	}
	return true
}

// startsPair reports whether a name with a separator begins at i.
func startsPair(s string, i int) bool {
	begin := skip(s, i, isQuote)
	if begin-i > 1 || begin == len(s) || !isLetter(s[begin]) && s[begin] != '_' {
		return false
	}
	end := skip(s, begin, isName)
	if end-begin > maxName {
		return false
	}
	end = skip(s, end, isQuote)
	if end == len(s) {
		return false
	}
	return s[end] == '=' || s[end] == ':' && !strings.HasPrefix(s[end:], "://")
}

// phraseEnd returns where a value of several words ends whose first word ends at i: with its
// line, or before the next name.
func phraseEnd(s string, i int) int {
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', ',', ';', '&', '|', ':':
		default:
			return i
		}
		next := skip(s, i, func(c byte) bool { return isSpace(c) || c == ',' || c == ';' || c == '|' || c == ':' || c == '&' })
		if next == len(s) || startsPair(s, next) || s[next] == '-' && next > i && isSpace(s[next-1]) {
			return i
		}
		end := wordEnd(s, next)
		if end == next {
			return i
		}
		i = end
	}
	return i
}

// nothings are values that say nothing.
var nothings = words(`
	null nil <nil> none undefined true false yes no on off n/a nan (nil) (none) <none> … %s %v %q %d %+v %w {} [] ()
	redacted <redacted> (redacted) [filtered] *****
`)

// isNothing reports whether a value is none, or says nothing: null, true, ****, %s.
func isNothing(s string) bool {
	if s == "" || strings.HasPrefix(s, marker) && markEnd(s, 0) == len(s) {
		return true
	}
	if strings.Trim(s, s[:1]) == "" && (strings.IndexByte("*.?#-_\x00", s[0]) >= 0 || len(s) > 2 && lower(s[0]) == 'x') { // ****
		return true
	}
	return nothings.has(s) || strings.HasPrefix(s, "0xc0") && len(s) <= len("0xc000123456") // A pointer of Go's.
}

// spoken are the words by which programs speak of a value, or of what has become of it.
var spoken = words(`
	ok okay required missing invalid incorrect wrong bad mismatch mismatched expired expires expiring revoked rejected
	refused denied granted accepted verified unverified validated valid confirmed failed fails failure error success
	successful succeeded not no too must should cannot can't could is are was were has have does doesn't isn't will unset
	set empty unknown unexpected unauthorized unauthenticated forbidden found absent present provided given hidden disabled
	enabled changed updated rotated loaded reloaded created deleted removed stored saved cached sent received refreshed
	issued used unused ringing connected connecting disconnected dialing busy idle offline online answered unanswered hangup
	hung unavailable available pending active inactive optional blank supplied after before the a an and or to for of in
	from with see use using reading checking loading refreshing attempt check only already never none via at by if when per
	skipped ignored default
`)

// isSpoken reports whether a word is one of those by which programs speak of a value, or of what
// has become of it, as in "password: too short".
func isSpoken(word string) bool {
	return spoken.has(strings.TrimRight(word, ".,:;!?"))
}

// isSpokenOnce reports whether a quoted text is one such word.
func isSpokenOnce(s string) bool {
	return !strings.ContainsAny(s, " \t\n") && isSpoken(s)
}

// isData reports whether a word looks like what a program has made, and not like one of a
// sentence or a measurement.
func isData(word string) bool {
	if isMeasurement(word) {
		return false
	}
	letters := true
	for _, c := range []byte(word) {
		letters = letters && (isLetter(c) || c >= 0x80 || c == '-' || c == '\'' || c == '.' || c == ',' || c == ':' || c == '/')
	}
	if !letters {
		return len(word) >= 5
	}
	return len(word) >= shortestKey && !strings.ContainsAny(word, "/.") || isCamel(word)
}

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

// isMeasurement reports whether a word is a number with a unit or a fraction: 312ms, 0.3.
func isMeasurement(word string) bool {
	end := skip(word, 0, isDigit)
	if end == 0 || end > 6 {
		return false
	}
	if end < len(word) && word[end] == '.' {
		end = skip(word, end+1, isDigit)
	}
	return end < len(word) && isUnit(word, end) || end == len(word) && strings.Contains(word, ".")
}

func isNumber(word string) bool {
	return isDigits(strings.ReplaceAll(strings.TrimLeft(word, "+-"), ".", ""))
}

// isShortNumber reports whether a word is a count, and no key.
func isShortNumber(word string) bool { return len(word) < 4 && isDigits(word) || isMeasurement(word) }
