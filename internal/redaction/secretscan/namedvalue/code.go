// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// isCode reports whether code rather than a value begins at i: the type of a field, a call, the variable
// of the same name.
func isCode(s string, i int, n *Name) bool {
	end := chars.Skip(s, i, chars.IsName)
	if end == i {
		return false
	}
	word := s[i:end]
	switch {
	case n.Quote == 0 && n.separator == ':' && typeNames.Has(word) && endsType(s, end):
		return true
	case end+1 < len(s) && s[end] == '(' && (s[end+1] == ')' || getters.Has(word[strings.LastIndexByte(word, '.')+1:])): // newToken(), os.Getenv("x")
		return true
	case n.separator == '=' && chars.IsSpace(s[i-1]) && (word == n.Text || strings.HasSuffix(n.Text, "."+word)): // The field of the same name.
		return true
	}
	// A field of protocol buffers: string password = 2;
	return n.Begin > 0 && chars.IsSpace(s[n.Begin-1]) && typeNames.Has(chars.WordBefore(s, n.Begin)) && chars.IsDigits(word)
}

// endsType reports whether the type of a field ends at i: no further word of a sentence follows.
func endsType(s string, i int) bool {
	if strings.HasPrefix(s[i:], " = ") { // let password: String = "x"
		return false
	}
	next := chars.Skip(s, i, chars.IsSpace)
	if next == len(s) {
		return true
	}
	goesOn := next > i && chars.IsWord(s[next])
	return !goesOn && s[next] != '(' && s[next] != '='
}

// getters are functions whose argument is the name of a value.
var getters = chars.Words("new getenv lookupenv get query getstring getsecret lookup env field formvalue header postformvalue getparameter value fetch load read")

// typeNames are the types of fields in code and in schemas.
var typeNames = chars.Words("string str bool boolean bytes int integer int32 int64 uint32 uint64 optional any object text varchar char")
