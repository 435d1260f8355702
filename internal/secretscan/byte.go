// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// isWord reports whether a byte may be inside a name or a number with more to it.
func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c >= 0x80 }

// startsWord reports whether position i is not in the middle of a word. What is not ASCII may
// be a word of a script that has no spaces.
func startsWord(s string, i int) bool { return i == 0 || !isWord(s[i-1]) || s[i-1] >= 0x80 }

func isSpace(c byte) bool { return c == ' ' || c == '\t' }
func isQuote(c byte) bool { return c == '"' || c == '\'' || c == '`' }
func isEnd(c byte) bool   { return c == '\n' || c == '\r' }

func isBackslash(c byte) bool { return c == '\\' }

// skip returns where the bytes end, from i on, that are of a kind.
func skip(s string, i int, is func(byte) bool) int {
	for i < len(s) && is(s[i]) {
		i++
	}
	return i
}

// skipBack returns where the bytes begin, up to i, that are of a kind, at most most of them.
func skipBack(s string, i, most int, is func(byte) bool) int {
	for least := max(0, i-most); i > least && is(s[i-1]); {
		i--
	}
	return i
}

// indexFrom returns where the byte is, from i on; the length of the text if it is not there.
func indexFrom(s string, i int, c byte) int {
	if n := strings.IndexByte(s[i:], c); n >= 0 {
		return i + n
	}
	return len(s)
}
