// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import (
	"strings"
	"time"
)

// wordEnd returns where a value of one word ends. Passwords have any characters: a bracket, a
// comma or a quote ends one only if nothing of it follows.
func wordEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case ' ', '\t', '\r', '\n':
			return i
		case '"', '\'', '`':
			if strings.HasPrefix(s[i:], shellQuote) {
				i += len(shellQuote) - 1
			} else if closes(s, i) {
				return i
			}
		case '&', ';', ',', '|':
			if i+1 == len(s) || isSpace(s[i+1]) || isEnd(s[i+1]) || isQuote(s[i+1]) || startsPair(s, i+1) && (c == ',' || startsParameter(s, i+1)) {
				return i
			}
			if r, n := entity(s, i); n > 0 && (r == '<' || r == '>' || r == '"') {
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
			if endsEscaped(s, i) {
				return i
			}
			i = skip(s, i, isBackslash) - 1
			if i+1 < len(s) && s[i+1] == ' ' { // It is part of the word, as in a shell.
				i++
			}
		}
	}
	return i
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
	if begin > i {
		end = skip(s, end, isQuote)
	}
	if end == len(s) {
		return false
	}
	if s[end] == '=' && end-begin >= shortestKey && (end+1 == len(s) || isSpace(s[end+1]) || isEnd(s[end+1]) || s[end+1] == '=') {
		return false // Base64 ends so.
	}
	return s[end] == '=' || s[end] == ':' && !strings.HasPrefix(s[end:], "://")
}

// startsParameter reports whether a name with = begins at i.
func startsParameter(s string, i int) bool {
	end := skip(s, i, isName)
	return end < len(s) && s[end] == '='
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
		return len(word) >= 4
	}
	return len(word) >= shortestKey && !strings.ContainsAny(word, "/.") || isCamel(word)
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
	if end == len(word) {
		return strings.Contains(word, ".")
	}
	_, err := time.ParseDuration(word) // 6m0s
	return err == nil || isUnit(word, end)
}

func isNumber(word string) bool {
	return isMeasurement(word) || isDigits(strings.ReplaceAll(strings.TrimLeft(word, "+-"), ".", ""))
}

// isShortNumber reports whether a word is a count, and no key.
func isShortNumber(word string) bool { return len(word) < 4 && isDigits(word) || isMeasurement(word) }
