// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// isCode reports whether what begins at i is not a value but code: the type of a field, a call, the
// variable of the same name.
func isCode(s string, i int, n *name) bool {
	end := skip(s, i, isName)
	if end == i {
		return false
	}
	word := s[i:end]
	switch {
	case n.quote == 0 && n.separator == ':' && typeNames.has(word) && endsType(s, end):
		return true
	case end+1 < len(s) && s[end] == '(' && (s[end+1] == ')' || getters.has(word[strings.LastIndexByte(word, '.')+1:])): // newToken(), os.Getenv("x")
		return true
	case n.separator == '=' && isSpace(s[i-1]) && (word == n.text || strings.HasSuffix(n.text, "."+word)): // the field of the same name
		return true
	}
	// string password = 2; of protocol buffers
	return n.begin > 0 && isSpace(s[n.begin-1]) && typeNames.has(wordBefore(s, n.begin)) && isDigits(word)
}

// endsType reports whether nothing follows the type of a field at i that is part of a sentence.
func endsType(s string, i int) bool {
	if strings.HasPrefix(s[i:], " = ") { // let password: String = "x"
		return false
	}
	next := skip(s, i, isSpace)
	if next == len(s) {
		return true
	}
	goesOn := next > i && isWord(s[next])
	return !goesOn && s[next] != '(' && s[next] != '='
}

// getters are functions that are given the name of a value.
var getters = words("new getenv lookupenv get query getstring getsecret lookup env field formvalue header postformvalue getparameter value fetch load read")

// typeNames are those of fields in code and in schemas.
var typeNames = words("string str bool boolean bytes int integer int32 int64 uint32 uint64 optional any object text varchar char")
