// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import "strings"

// kind is a set of the built-in searches.
type kind uint8

const (
	pairs kind = 1 << iota
	bearer
	apiKeys
	emails
	phones
	cards
)

const (
	fewestDigits = 8  // Of a phone number.
	shortestKey  = 16 // Of a key that says itself that it is one.
	shortest     = 6  // Of a text in which the built-in searches find anything.
)

// scanned returns s without what the built-in searches find.
func (r *Redactor) scanned(s string, l look) string {
	if r.scan&pairs != 0 && l.seen&classPair != 0 {
		s = replace(s, r.pair)
	}
	if r.scan&apiKeys != 0 {
		if l.seen&classAt != 0 && l.seen&classPair != 0 && strings.Contains(s, "://") {
			s = replace(s, userInfo)
		}
		if l.mayHaveKey(s) {
			s = replace(s, apiKey)
		}
		if l.seen&classDash != 0 && strings.Contains(s, pemBegin) {
			s = replace(s, pem)
		}
	}
	if r.scan&bearer != 0 && l.bears {
		s = replace(s, bearerToken)
	}
	if r.scan&emails != 0 && l.seen&classAt != 0 {
		s = replace(s, email)
	}
	if l.alone && l.digits >= fewestDigits {
		if r.scan&cards != 0 && l.digits >= fewestCardDigits {
			s = replace(s, card)
		}
		if r.scan&phones != 0 {
			s = replace(s, phone)
		}
	}
	return s
}

// A finder returns the first secret at or after from: where it begins and ends,
// and what to write in its place. Begin is negative if there is none. It looks at
// each byte a bounded number of times, so that a text of nothing but @ costs no
// more than another.
type finder func(s string, from int) (begin, end int, with string)

// replace replaces all that find finds.
func replace(s string, find finder) string {
	begin, end, with := find(s, 0)
	if begin < 0 {
		return s
	}
	var b strings.Builder
	at := 0
	for begin >= 0 {
		b.WriteString(s[at:begin])
		b.WriteString(with)
		at = end
		begin, end, with = find(s, at)
	}
	b.WriteString(s[at:])
	return b.String()
}

// isWord reports whether a byte may be inside a name or a number with more to it.
func isWord(c byte) bool { return isLetter(c) || isDigit(c) || c == '_' || c >= 0x80 }

// startsWord reports whether position i is not in the middle of a word.
func startsWord(s string, i int) bool { return i == 0 || !isWord(s[i-1]) }
