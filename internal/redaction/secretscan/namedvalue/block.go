// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/secretname"
)

// isBlockMark reports whether a YAML block indicator, whose value is on the next lines, is at i: |, >-,
// |2.
func isBlockMark(s string, i int) bool {
	if s[i] != '|' && s[i] != '>' {
		return false
	}
	i = chars.Skip(s, i+1, func(c byte) bool { return c == '-' || c == '+' || chars.IsDigit(c) || chars.IsSpace(c) })
	return i == len(s) || chars.IsEnd(s[i]) || s[i] == '\\'
}

// blockAfter returns the lines after the one at i that are the value of a name: they are indented more
// than the name, or are a list.
func blockAfter(s string, i int, n *Name, k *secretname.Key) (begin, end int) {
	indent := n.indent
	if indent < 0 {
		line := max(0, n.Begin-chars.MaxValue)
		line += strings.LastIndexByte(s[line:n.Begin], '\n') + 1
		indent = chars.Skip(s, line, chars.IsSpace) - line
	}
	if n.separator == '=' {
		i = chars.Skip(s, i, func(c byte) bool { return chars.IsEnd(c) || chars.IsSpace(c) })
		if i == len(s) || finding.MarkEnd(s, i) > i {
			return 0, 0
		}
		return scalar(s, i, n, k, true)
	}
	for i < len(s) && s[i] != '\n' {
		i++
	}
	for i < len(s) {
		line := i + 1
		next := chars.IndexFrom(s, line, '\n')
		text := chars.Skip(s, line, chars.IsSpace)
		switch {
		case text >= next || chars.IsEnd(s[text]):
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
	for chars.IsEnd(s[end-1]) {
		end--
	}
	for i := begin; i < end; i++ { // The lines may be in a JSON string.
		if s[i] == '"' && n.Quote == 0 && i > begin && EndsQuote(s, i) {
			end = i
		}
	}
	if !isBlockValue(strings.TrimPrefix(s[begin:end], "- "), k) {
		return 0, 0
	}
	return begin, end
}

// isBlockValue reports whether lines are the value of a key, rather than its status or other names and
// values.
func isBlockValue(lines string, k *secretname.Key) bool {
	word := lines[:WordEnd(lines, 0)]
	switch {
	case k.IsStatus(lines) || k.Value != secretname.Chosen && k.IsStatusWord(word, true):
		return false
	case k.Value == secretname.Chosen:
		return true
	case StartsPair(lines, 0):
		return k.Value == secretname.Cookies
	case k.Value == secretname.Personal:
		return strings.ContainsAny(lines, "0123456789@") || strings.Contains(lines, " at ")
	}
	return chars.IsQuote(lines[0]) || IsData(word) || isLineEnd(lines, len(word)) || k.Value == secretname.Credentials
}
