// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

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
	open := skip(s, i, isTypeByte)
	if open < len(s) && open > i && open-i < 2*maxName && (s[open] == '{' || s[open] == '(' && quoteFollows(s, open+1)) {
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
			case !isWord(s[i-1]):
				i = closing(s, i+1, c)
			case endsQuote(s, i): // The end of what the group is in. Others are in a word.
				return i
			}
		case '\\':
			if n := skip(s, i, isBackslash); n < len(s) && isQuote(s[n]) {
				return begin
			}
		}
	}
	return len(s)
}

func isTypeByte(c byte) bool {
	return isName(c) || c == '[' || c == ']' || c == '*' || c == '&' || c == '/'
}

// skipTypes skips what is printed before a value of its type: (string) (len=7) by spew,
// string(9) by PHP.
func skipTypes(s string, i int) int {
	for i < len(s) {
		open := skip(s, i, isLetter)
		if open == len(s) || s[open] != '(' {
			return i
		}
		n := strings.IndexByte(s[open:min(len(s), open+maxName)], ')')
		if n < 0 || open+n+1 == len(s) || !isSpace(s[open+n+1]) {
			return i
		}
		next := skip(s, open+n+1, isSpace)
		if next == len(s) || !isQuote(s[next]) && s[next] != '(' && s[next] != '{' {
			return i
		}
		i = next
	}
	return i
}

// isSchema reports whether an object says of what type a value is: {"type":"string"}.
func isSchema(s string) bool {
	i := skip(s, 1, func(c byte) bool { return isSpace(c) || isQuote(c) || isEnd(c) })
	return strings.HasPrefix(s[min(i, len(s)):], "type") && !strings.Contains(s, "value") && !strings.Contains(s, "default") && !strings.Contains(s, "example")
}
