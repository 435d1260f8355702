// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/escapes"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/secretname"
)

// ValueAfter returns the beginning and end of the value after the separator at i. It is empty if there is
// none that may be secret.
func ValueAfter(s string, i int, n *Name, k *secretname.Key) (begin, end int) {
	begin = valueBegin(s, i, n)
	if begin == len(s) {
		return 0, 0
	}
	if n.separator == ':' && n.Quote == 0 && chars.IsEnd(s[begin]) || isBlockMark(s, begin) {
		return blockAfter(s, begin, n, k)
	}
	if secretname.IsPlaceholderAt(s, begin) || isCode(s, begin, n) || finding.MarkEnd(s, begin) > begin {
		return 0, 0
	}
	if begin = skipTypes(s, begin); begin == len(s) || n.isEmptyField(s, begin) {
		return 0, 0
	}
	if open := quoteAt(s, begin); open >= 0 {
		if n.Quote == 0 && open == begin && EndsQuote(s, begin) {
			return 0, 0
		}
		return quotedValue(s, open, k)
	}
	if open := groupAt(s, begin); open >= 0 && (k.Value != secretname.Personal || s[open] != '(') {
		return begin, groupValueEnd(s, begin, open, k)
	}
	if _, escape := escapes.Backslash(s, begin); escape > 0 {
		return 0, 0 // It is found once its escapes are decoded.
	}
	return scalar(s, begin, n, k, begin > i+1)
}

// valueBegin returns the beginning of the value after the separator at i, or the length of the text if
// there is none. After a name without quotes and a colon it may be the end of the line.
func valueBegin(s string, i int, n *Name) int {
	at := i + 1
	for at < len(s) && at < i+3 && (s[at] == '=' || s[at] == '>' || s[at] == '~') { // :=, ==, =>, =~
		at++
	}
	begin := chars.Skip(s, at, chars.IsSpace)
	switch {
	case begin == len(s):
		return begin
	case n.separator == '=' && begin > at && s[n.End] == '=' && StartsParameter(s, begin): // password= user=ada
		return len(s)
	case chars.IsEnd(s[begin]) && (n.separator != ':' || n.Quote != 0): // The value is on the next line.
		begin = chars.Skip(s, begin, func(c byte) bool { return chars.IsEnd(c) || chars.IsSpace(c) })
		if begin < len(s) && chars.IsEnd(s[begin-1]) && StartsParameter(s, begin) {
			return len(s)
		}
	case strings.HasPrefix(s[begin:], "** "): // **Password:** x
		begin = chars.Skip(s, begin+2, chars.IsSpace)
	}
	if end := chars.Skip(s, begin, chars.IsName); typeNames.Has(s[begin:end]) && strings.HasPrefix(s[end:], " = ") { // let password: String = "x"
		begin = chars.Skip(s, end+len(" = "), chars.IsSpace)
	}
	return begin
}

// quotedValue returns the beginning and end of the value whose quote is at i.
func quotedValue(s string, i int, k *secretname.Key) (begin, end int) {
	begin, end = quoted(s, i)
	if k.Value == secretname.Credentials && begin < len(s) { // The escapes of its own quotes may be decoded.
		end = max(end, credentialsEnd(s, begin))
	}
	if k.IsStatus(s[begin:end]) {
		return 0, 0
	}
	return begin, changeEnd(s, end)
}

// groupValueEnd returns the end of a value that begins at i and whose bracket is at open. It returns i if
// there is nothing secret in it.
func groupValueEnd(s string, i, open int, k *secretname.Key) int {
	end := groupEnd(s, open)
	inside := strings.Trim(s[open:end], "[]{}() ")
	if isSchema(s[open:end]) || secretname.IsEmptyValue(inside) || k.IsStatusWord(inside, true) || k.Value == secretname.TokenCount && IsNumber(inside) {
		return i
	}
	return end
}
