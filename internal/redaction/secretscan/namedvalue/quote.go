// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// quoteAt returns the position of the quote that opens the value at i, or -1. A letter may be in front of
// it, as in b"x".
func quoteAt(s string, i int) int {
	if i+1 < len(s) && !chars.IsQuote(s[i]) && (chars.IsLetter(s[i]) || s[i] == '@' || s[i] == '$' || s[i] == '&') {
		i++
	}
	if chars.IsQuote(s[i]) {
		return i
	}
	return -1
}

// quoted returns the text in the quotes that open at i.
func quoted(s string, i int) (begin, end int) {
	begin = chars.Skip(s, i, func(c byte) bool { return c == s[i] })
	// Python has triple quotes, and CSV doubles the quotes in a field.
	if quotes := s[i:begin]; len(quotes) > 2 || len(quotes) == 2 && begin < len(s) && chars.IsWord(s[begin]) {
		if n := strings.Index(s[begin:], quotes); n >= 0 {
			return begin, begin + n
		}
		if len(quotes) > 2 {
			return i, i // An empty text, and the end of the quotes around it.
		}
		return begin, len(s)
	}
	return i + 1, Closing(s, i+1, s[i])
}

// Closing returns the position of the quote that ends a quoted value: the first that no word follows,
// because several layers of escapes may have been decoded at once. A value without an end ends with the
// text.
func Closing(s string, i int, quote byte) int {
	first := -1
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\':
			i++
		case c != quote:
		case quote == '\'' && strings.HasPrefix(s[i:], shellQuote):
			i += len(shellQuote) - 1
		case quote == '\'' && i+1 < len(s) && s[i+1] == quote: // SQL and YAML double the quote.
			i++
		case chars.Closes(s, i):
			return i
		case first < 0:
			first = i
		case i-first > chars.MaxValue:
			return first
		}
	}
	if first >= 0 {
		return first
	}
	return len(s)
}

// ClosingWithin does what [Closing] does within [chars.MaxValue].
func ClosingWithin(s string, i int, quote byte) int {
	end := min(len(s), i+chars.MaxValue)
	if at := Closing(s[:end], i, quote); at < end {
		return at
	}
	return len(s)
}

// EndsQuote reports whether the quote at i is a closing one: "m":"password=","n":3.
func EndsQuote(s string, i int) bool {
	if i+1 == len(s) {
		return true
	}
	switch s[i+1] {
	case ',', ';', '}', ']', ')', '>', ':', ' ', '\n', '\r', '\\':
		return true
	}
	return false
}

func quoteFollows(s string, i int) bool {
	i = chars.Skip(s, i, func(c byte) bool { return chars.IsSpace(c) || chars.IsEnd(c) || c == '[' || c == '{' })
	return i < len(s) && chars.IsQuote(s[i])
}

// changeEnd returns the end of the second of two quoted values, if the first one, which ends at i, is
// compared with it or has become it: "x" -> "y", "x", want "y". Otherwise it returns i.
func changeEnd(s string, i int) int {
	rest := s[min(len(s), i+1):]
	begin := chars.Skip(rest, 0, func(c byte) bool { return chars.IsSpace(c) || c == ',' })
	end := chars.Skip(rest, begin, func(c byte) bool { return !chars.IsSpace(c) && !chars.IsQuote(c) })
	if begin == 0 || !changes.Has(rest[begin:end]) {
		return i
	}
	if begin = chars.Skip(rest, end, chars.IsSpace); begin == len(rest) || !chars.IsQuote(rest[begin]) {
		return i
	}
	return i + 1 + Closing(rest, begin+1, rest[begin])
}

// changes are the words and signs between the old and the new, or the actual and the expected value.
var changes = chars.Words("-> => = == != <> to want wanted got expected not")

// shellQuote is a quote in a single-quoted text of a shell.
const shellQuote = `'\''`

// endsEscaped reports whether the backslashes at i escape a quote or the end of a line, once or several
// times.
func endsEscaped(s string, i int) bool {
	i = chars.Skip(s, i, chars.IsBackslash)
	if i == len(s) {
		return false
	}
	switch s[i] {
	case 'n', 'r', 't':
		return true
	case 'u':
		return strings.HasPrefix(s[i:], "u0026") || strings.HasPrefix(s[i:], "u003c")
	}
	return chars.IsQuote(s[i])
}
