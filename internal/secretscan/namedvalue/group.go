// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/secretscan/chars"
)

// groupAt returns where the bracket is that a value begins with, behind the name of a type if it
// has one: [x y], {"value":"x"}, []string{"x"}, main.T{x}; or -1.
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

// groupEnd returns where the group of brackets ends that begins at i. One that never ends goes
// to the end. It is empty if its quotes are escaped: then it is read without its escapes.
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
			case EndsQuote(s, i): // The end of what the group is in. Others are in a word.
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

// skipTypes skips what is printed before a value of its type: (string) (len=7) by spew,
// string(9) by PHP.
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

// isSchema reports whether an object says of what type a value is: {"type":"string"}.
func isSchema(s string) bool {
	i := chars.Skip(s, 1, func(c byte) bool { return chars.IsSpace(c) || chars.IsQuote(c) || chars.IsEnd(c) })
	return strings.HasPrefix(s[min(i, len(s)):], "type") && !strings.Contains(s, "value") && !strings.Contains(s, "default") && !strings.Contains(s, "example")
}
