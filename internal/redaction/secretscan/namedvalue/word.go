// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"
	"time"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/escapes"
)

// WordEnd returns the end of a value of one word. Passwords may have any characters: a bracket, a comma or
// a quote ends a value only if it does not continue after it.
func WordEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			return i
		case '"', '\'', '`':
			if strings.HasPrefix(s[i:], shellQuote) {
				i += len(shellQuote) - 1
			} else if chars.Closes(s, i) {
				return i
			}
		case '&', ';', ',', '|':
			if i+1 == len(s) || chars.IsSpace(s[i+1]) || chars.IsEnd(s[i+1]) || chars.IsQuote(s[i+1]) || StartsPair(s, i+1) && (c == ',' || StartsParameter(s, i+1)) {
				return i
			}
			if r, n := escapes.Entity(s, i); n > 0 && (r == '<' || r == '>' || r == '"') {
				return i
			}
		case ')', '}', ']', '>':
			if chars.Closes(s, i) {
				return i
			}
		case '<':
			if i+1 < len(s) && s[i+1] == '/' {
				return i
			}
		case ':':
			if i+1 < len(s) && chars.IsSpace(s[i+1]) {
				return i
			}
		case '\\':
			if endsEscaped(s, i) {
				return i
			}
			i = chars.Skip(s, i, chars.IsBackslash) - 1
			if i+1 < len(s) && s[i+1] == ' ' { // An escaped space is part of the word, as in a shell.
				i++
			}
		}
	}
	return i
}

// StartsPair reports whether a name with a separator begins at i.
func StartsPair(s string, i int) bool {
	begin := chars.Skip(s, i, chars.IsQuote)
	if begin-i > 1 || begin == len(s) || !chars.IsLetter(s[begin]) && s[begin] != '_' {
		return false
	}
	end := chars.Skip(s, begin, chars.IsName)
	if end-begin > chars.MaxName {
		return false
	}
	if begin > i {
		end = chars.Skip(s, end, chars.IsQuote)
	}
	if end == len(s) {
		return false
	}
	if s[end] == '=' && end-begin >= chars.MinKey && (end+1 == len(s) || chars.IsSpace(s[end+1]) || chars.IsEnd(s[end+1]) || s[end+1] == '=') {
		return false // Padding of base64.
	}
	return s[end] == '=' || s[end] == ':' && !strings.HasPrefix(s[end:], "://")
}

// StartsParameter reports whether a name with = begins at i.
func StartsParameter(s string, i int) bool {
	end := chars.Skip(s, i, chars.IsName)
	return end < len(s) && s[end] == '='
}

// phraseEnd returns the end of a value of several words whose first word ends at i: the end of its line,
// or the next name.
func phraseEnd(s string, i int) int {
	for i < len(s) {
		switch s[i] {
		case ' ', '\t', ',', ';', '&', '|', ':':
		default:
			return i
		}
		next := chars.Skip(s, i, func(c byte) bool { return chars.IsSpace(c) || c == ',' || c == ';' || c == '|' || c == ':' || c == '&' })
		if next == len(s) || StartsPair(s, next) || s[next] == '-' && next > i && chars.IsSpace(s[next-1]) {
			return i
		}
		end := WordEnd(s, next)
		if end == next {
			return i
		}
		i = end
	}
	return i
}

// IsData reports whether a word looks as if a program made it, and is not a word of a sentence or a
// measurement.
func IsData(word string) bool {
	if IsMeasurement(word) {
		return false
	}
	letters := true
	for _, c := range []byte(word) {
		letters = letters && (chars.IsLetter(c) || c >= 0x80 || c == '-' || c == '\'' || c == '.' || c == ',' || c == ':' || c == '/')
	}
	if !letters {
		return len(word) >= 4
	}
	return len(word) >= chars.MinKey && !strings.ContainsAny(word, "/.") || chars.IsCamel(word)
}

// IsMeasurement reports whether a word is a number with a unit or a fraction: 312ms, 0.3.
func IsMeasurement(word string) bool {
	end := chars.Skip(word, 0, chars.IsDigit)
	if end == 0 || end > 6 {
		return false
	}
	if end < len(word) && word[end] == '.' {
		end = chars.Skip(word, end+1, chars.IsDigit)
	}
	if end == len(word) {
		return strings.Contains(word, ".")
	}
	_, err := time.ParseDuration(word) // 6m0s
	return err == nil || chars.IsUnit(word, end)
}

// IsNumber reports whether a word is a number, with or without a sign, a fraction and a unit.
func IsNumber(word string) bool {
	return IsMeasurement(word) || chars.IsDigits(strings.ReplaceAll(strings.TrimLeft(word, "+-"), ".", ""))
}

// isShortNumber reports whether a word is a count rather than a key.
func isShortNumber(word string) bool {
	return len(word) < 4 && chars.IsDigits(word) || IsMeasurement(word)
}
