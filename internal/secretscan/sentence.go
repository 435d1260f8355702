// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// said finds the value of a secret key with nothing but words between the two: password hunter2,
// the password is hunter2, your code is 839201, | password | hunter2 |. Without a separator the
// value must look like one: words are none.
func (r *Finder) said(s string, from int) (Finding, bool) {
	for i := from; i < len(s); i++ {
		if !isSpace(s[i]) && s[i] != '|' && s[i] != '/' || i == 0 || !lastThree(s[:i]).isName() {
			continue
		}
		begin := skipBack(s, i, maxName, isName)
		n := name{text: s[begin:i], begin: begin, end: i}
		k := r.keyOf(s, &n)
		if k == nil || k == queryKey || k == digestKey || k.value == counted {
			continue
		}
		at := afterVerb(s, i)
		end := wordEnd(s[:min(len(s), at+longestForm)], at)
		if s[i] == '/' { // In a path it is a token, or the id of one.
			end = skip(s, at, isToken)
			if end-at < shortestKey {
				continue
			}
		}
		if at > from && end > at && looksSecret(k, strings.TrimRight(s[at:end], ".,;:!?")) && !startsParameter(s, at) {
			return Finding{Begin: at, End: end, Rule: RuleKey, Key: n.text, Mark: Redacted}, true
		}
	}
	return Finding{}, false
}

// verbs are words that may stand between a name and its value.
var verbs = words("is was be lautet ist est es to = - | of")

// afterVerb returns where the word begins that is said of the name which ends at i.
func afterVerb(s string, i int) int {
	isGap := func(c byte) bool { return isSpace(c) || c == '|' || c == '/' }
	at := skip(s, i, isGap)
	if end := skip(s[:min(len(s), at+longestWord)], at, func(c byte) bool { return !isSpace(c) && !isEnd(c) }); verbs.has(s[at:end]) {
		at = skip(s, end, isGap)
	}
	if at < len(s) && isQuote(s[at]) {
		at++
	}
	return at
}

// looksSecret reports whether a word looks like a value of the key where nothing else says that
// it is one: letters and digits mixed, without dashes and dots as in names and versions, or, of a
// code, digits.
func looksSecret(k *key, word string) bool {
	if k.value == personal {
		return isDigits(word) && len(word) >= 3
	}
	if k.name == "passcode" && isDigits(word) {
		return len(word) >= 4
	}
	letters, digits := 0, 0
	for _, c := range []byte(word) {
		switch {
		case isDigit(c):
			digits++
		case isLetter(c):
			letters++
		case strings.IndexByte("-./:", c) >= 0:
			return false
		}
	}
	return len(word) >= 6 && digits > 0 && letters > 1 && !isMeasurement(word) && !strings.ContainsAny(word, "()[]{}<>%$@=\\")
}
