// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// valueAfter returns where the value behind the separator at i begins and ends. It is empty if
// there is none that may be secret.
func valueAfter(s string, i int, n *name, k *key) (begin, end int) {
	begin = valueBegin(s, i, n)
	if begin == len(s) {
		return 0, 0
	}
	if n.separator == ':' && n.quote == 0 && isEnd(s[begin]) || isBlockMark(s, begin) {
		return blockAfter(s, begin, n, k)
	}
	if isPlaceholderAt(s, begin) || isCode(s, begin, n) || markEnd(s, begin) > begin {
		return 0, 0
	}
	if begin = skipTypes(s, begin); begin == len(s) || n.isEmptyField(s, begin) {
		return 0, 0
	}
	if open := quoteAt(s, begin); open >= 0 {
		if n.quote == 0 && open == begin && endsQuote(s, begin) {
			return 0, 0
		}
		return quotedValue(s, open, k)
	}
	if open := groupAt(s, begin); open >= 0 && (k.value != personal || s[open] != '(') {
		return begin, groupValueEnd(s, begin, open, k)
	}
	if _, escape := backslash(s, begin); escape > 0 {
		return 0, 0 // It is read without its escapes.
	}
	return scalar(s, begin, n, k, begin > i+1)
}

// valueBegin returns where the value begins behind the separator at i, or the length of the text if
// there is none. Behind a name without quotes and a colon it may be the end of the line.
func valueBegin(s string, i int, n *name) int {
	at := i + 1
	for at < len(s) && at < i+3 && (s[at] == '=' || s[at] == '>' || s[at] == '~') { // :=, ==, =>, =~
		at++
	}
	begin := skip(s, at, isSpace)
	switch {
	case begin == len(s):
		return begin
	case n.separator == '=' && begin > at && s[n.end] == '=' && startsParameter(s, begin): // password= user=ada
		return len(s)
	case isEnd(s[begin]) && (n.separator != ':' || n.quote != 0): // The value is on the next line.
		begin = skip(s, begin, func(c byte) bool { return isEnd(c) || isSpace(c) })
		if begin < len(s) && isEnd(s[begin-1]) && startsParameter(s, begin) {
			return len(s)
		}
	case strings.HasPrefix(s[begin:], "** "): // **Password:** x
		begin = skip(s, begin+2, isSpace)
	}
	if end := skip(s, begin, isName); typeNames.has(s[begin:end]) && strings.HasPrefix(s[end:], " = ") { // let password: String = "x"
		begin = skip(s, end+len(" = "), isSpace)
	}
	return begin
}

// quotedValue returns where a value begins and ends whose quote is at i.
func quotedValue(s string, i int, k *key) (begin, end int) {
	begin, end = quoted(s, i)
	if k.value == credentials && begin < len(s) { // Its own quotes may be without their escapes.
		end = max(end, credentialsEnd(s, begin))
	}
	if k.saysNothing(s[begin:end]) {
		return 0, 0
	}
	return begin, changeEnd(s, end)
}

// groupValueEnd returns where a value ends that begins at i and whose bracket is at open; i if there
// is nothing secret in it.
func groupValueEnd(s string, i, open int, k *key) int {
	end := groupEnd(s, open)
	inside := strings.Trim(s[open:end], "[]{}() ")
	if isSchema(s[open:end]) || isNothing(inside) || k.speaksOf(inside, true) || k.value == counted && isNumber(inside) {
		return i
	}
	return end
}
