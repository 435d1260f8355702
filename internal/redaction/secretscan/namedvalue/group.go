// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// groupAt returns the position of the bracket that opens the value at i, or -1. The name of a type may be
// in front of it: [x y], {"value":"x"}, []string{"x"}, main.T{x}.
func groupAt(s string, i int) int {
	switch s[i] {
	case '{', '(':
		return i
	case '[':
		if end := strings.IndexByte(s[i:], ']'); end < 0 || i+end+1 == len(s) || !isTypeByte(s[i+end+1]) && s[i+end+1] != '{' {
			return i
		}
	}
	open := chars.Skip(s, i, isTypeByte)
	if open < len(s) && open > i && open-i < 2*chars.MaxName && (s[open] == '{' || s[open] == '(' && quoteFollows(s, open+1)) {
		return open
	}
	if s[i] == '[' {
		return i
	}
	return -1
}

// groupEnd returns the end of the group of brackets that begins at i. A group without an end ends with
// the text. With escaped quotes it is empty: it is found once its escapes are decoded.
func groupEnd(s string, i int) int {
	depth, begin := 0, i
	for ; i < len(s); i++ {
		switch c := s[i]; c {
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			depth--
			if depth == 0 {
				return i + 1
			}
		case '"':
			switch {
			case !chars.IsWord(s[i-1]):
				i = Closing(s, i+1, c)
			case EndsQuote(s, i): // The end of the quotes around the group. Other quotes are in a word.
				return i
			}
		case '\\':
			if n := chars.Skip(s, i, chars.IsBackslash); n < len(s) && chars.IsQuote(s[n]) {
				return begin
			}
		}
	}
	return len(s)
}

func isTypeByte(c byte) bool {
	return chars.IsName(c) || c == '[' || c == ']' || c == '*' || c == '&' || c == '/'
}

// skipTypes skips the type that is printed in front of a value: (string) (len=7) by spew, string(9) by
// PHP.
func skipTypes(s string, i int) int {
	for i < len(s) {
		open := chars.Skip(s, i, chars.IsLetter)
		if open == len(s) || s[open] != '(' {
			return i
		}
		n := strings.IndexByte(s[open:min(len(s), open+chars.MaxName)], ')')
		if n < 0 || open+n+1 == len(s) || !chars.IsSpace(s[open+n+1]) {
			return i
		}
		next := chars.Skip(s, open+n+1, chars.IsSpace)
		if next == len(s) || !chars.IsQuote(s[next]) && s[next] != '(' && s[next] != '{' {
			return i
		}
		i = next
	}
	return i
}

// isSchema reports whether an object is the schema of a value: {"type":"string"}.
func isSchema(s string) bool {
	i := chars.Skip(s, 1, func(c byte) bool { return chars.IsSpace(c) || chars.IsQuote(c) || chars.IsEnd(c) })
	return strings.HasPrefix(s[min(i, len(s)):], "type") && !strings.Contains(s, "value") && !strings.Contains(s, "default") && !strings.Contains(s, "example")
}
