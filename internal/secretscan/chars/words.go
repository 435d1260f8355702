// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

import "strings"

// wordSet is words in lower case.
type wordSet map[string]bool

// Words returns the set of the words of a list, which has spaces between them.
func Words(list string) wordSet {
	set := make(wordSet)
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// MaxWord is the length of the longest word that is looked for.
const MaxWord = 24

// Has reports whether the word is in the set, however it is written.
func (set wordSet) Has(word string) bool {
	if len(word) > MaxWord {
		return false
	}
	var buf [MaxWord]byte
	for i := range len(word) {
		buf[i] = Lower(word[i])
	}
	return set[string(buf[:len(word)])]
}

// WordBefore returns the word that ends before position i.
func WordBefore(s string, i int) string {
	i = SkipBack(s, i, 4, func(c byte) bool { return IsSpace(c) || c == ':' || c == '=' || c == '"' })
	return s[SkipBack(s, i, MaxWord, IsWord):i]
}

// LastWord returns the last word of a name: id of order_id and of orderId.
func LastWord(name string) string {
	begin := len(name)
	for begin > 0 && IsLetter(name[begin-1]) && (begin == len(name) || IsLower(name[begin]) || !IsLower(name[begin-1])) {
		begin--
	}
	return name[begin:]
}
