// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// isBlockMark reports whether a value begins at i that is on the lines behind, as YAML marks it:
// |, >-, |2.
func isBlockMark(s string, i int) bool {
	if s[i] != '|' && s[i] != '>' {
		return false
	}
	i = skip(s, i+1, func(c byte) bool { return c == '-' || c == '+' || isDigit(c) || isSpace(c) })
	return i == len(s) || isEnd(s[i]) || s[i] == '\\'
}

// blockAfter returns where the lines begin and end, behind that which ends at i, that are the
// value of a name: they are indented more than it is, or are a list.
func blockAfter(s string, i int, n *name, k *key) (begin, end int) {
	indent := n.indent
	if indent < 0 {
		line := max(0, n.begin-longestValue)
		line += strings.LastIndexByte(s[line:n.begin], '\n') + 1
		indent = skip(s, line, isSpace) - line
	}
	if n.separator == '=' {
		i = skip(s, i, func(c byte) bool { return isEnd(c) || isSpace(c) })
		if i == len(s) || markEnd(s, i) > i {
			return 0, 0
		}
		return scalar(s, i, n, k, true)
	}
	for i < len(s) && s[i] != '\n' {
		i++
	}
	for i < len(s) {
		line := i + 1
		next := indexFrom(s, line, '\n')
		text := skip(s, line, isSpace)
		switch {
		case text >= next || isEnd(s[text]):
			i = next
			continue
		case text-line < indent || text-line == indent && !strings.HasPrefix(s[text:], "- "):
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
	for i := begin; i < end; i++ { // They may be in a string of JSON.
		if s[i] == '"' && n.quote == 0 && i > begin && endsQuote(s, i) {
			end = i
		}
	}
	if !isBlockValue(strings.TrimPrefix(s[begin:end], "- "), k) {
		return 0, 0
	}
	return begin, end
}

// isBlockValue reports whether lines are the value of a key, and not what is said of it, or
// other names and values.
func isBlockValue(lines string, k *key) bool {
	word := lines[:wordEnd(lines, 0)]
	switch {
	case k.saysNothing(lines) || k.value != phrase && k.speaksOf(word, true):
		return false
	case k.value == phrase:
		return true
	case startsPair(lines, 0):
		return k.value == cookies
	case k.value == personal:
		return strings.ContainsAny(lines, "0123456789@") || strings.Contains(lines, " at ")
	}
	return isQuote(lines[0]) || isData(word) || isLineEnd(lines, len(word)) || k.value == credentials
}
