// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// wordSet is words in lower case.
type wordSet map[string]bool

// words returns the set of the words of a list, which has spaces between them.
func words(list string) wordSet {
	set := make(wordSet)
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// longestWord is the length of the longest word that is looked for.
const longestWord = 24

// has reports whether the word is in the set, however it is written.
func (set wordSet) has(word string) bool {
	if len(word) > longestWord {
		return false
	}
	var buf [longestWord]byte
	for i := range len(word) {
		buf[i] = lower(word[i])
	}
	return set[string(buf[:len(word)])]
}

// wordBefore returns the word that ends before position i.
func wordBefore(s string, i int) string {
	i = skipBack(s, i, 4, func(c byte) bool { return isSpace(c) || c == ':' || c == '=' || c == '"' })
	return s[skipBack(s, i, longestWord, isWord):i]
}

// lastWord returns the last word of a name: id of order_id and of orderId.
func lastWord(name string) string {
	begin := len(name)
	for begin > 0 && isLetter(name[begin-1]) && (begin == len(name) || isLower(name[begin]) || !isLower(name[begin-1])) {
		begin--
	}
	return name[begin:]
}
