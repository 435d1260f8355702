// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// isBlockMark reports whether a value begins at i that is on the lines behind, as YAML marks it:
// |, >-, |2.
func isBlockMark(s string, i int) bool {
	if s[i] != '|' && s[i] != '>' {
		return false
	}
	i = skip(s, i+1, func(c byte) bool { return c == '-' || c == '+' || isDigit(c) || isSpace(c) })
	return i < len(s) && isEnd(s[i])
}

// blockAfter returns where the lines begin and end, behind that which ends at i, that are the
// value of a name: they are indented more than it is, or are a list.
func blockAfter(s string, i int, n *name, k *key) (begin, end int) {
	if n.indent < 0 {
		return 0, 0
	}
	if s[n.end] == '=' {
		i = skip(s, i, func(c byte) bool { return isEnd(c) || isSpace(c) })
		return i, wordEnd(s, i)
	}
	for i < len(s) && s[i] != '\n' {
		i++
	}
	for i < len(s) {
		line := i + 1
		next := line + strings.IndexByte(s[line:]+"\n", '\n')
		text := skip(s, line, isSpace)
		switch {
		case text >= next || isEnd(s[text]):
			i = next
			continue
		case text-line <= n.indent && !(text-line == n.indent && strings.HasPrefix(s[text:], "- ")):
			i = len(s)
			continue
		}
		if begin == 0 {
			begin = text
		}
		end = next
		i = next
	}
	if begin == 0 {
		return 0, 0
	}
	for isEnd(s[end-1]) {
		end--
	}
	first := strings.TrimPrefix(s[begin:end], "- ")
	word := first[:wordEnd(first, 0)]
	if isNothing(first) || k.value != phrase && !isQuote(first[0]) && !isData(word) && !isLineEnd(first, len(word)) || strings.HasSuffix(word, ":") && k.value != phrase || startsPair(first, 0) && k.value != phrase {
		return 0, 0
	}
	return begin, end
}
