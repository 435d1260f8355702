// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package chars

import "strings"

// A WordSet is a set of words in lower case.
type WordSet map[string]bool

// Words returns the set of the words of a space-separated list.
func Words(list string) WordSet {
	set := make(WordSet)
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// Has reports whether the word, in any case, is in the set.
func (set WordSet) Has(word string) bool {
	if len(word) > MaxWord {
		return false
	}
	var buf [MaxWord]byte
	for i := range len(word) {
		buf[i] = Lower(word[i])
	}
	return set[string(buf[:len(word)])]
}

// WordBefore returns the word in front of position i, without a separator between the two.
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
