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

// class is what a byte may be the beginning of. One pass over a text adds them
// up; most texts need no second one.
type class uint8

const (
	classAt class = 1 << iota
	classPair
	classDigit
	classDash
	classSpace
	classForeign // Not ASCII.
)

var classes = func() (table [256]class) {
	table['@'] = classAt
	table['='] = classPair
	table[':'] = classPair
	table['-'] = classDash
	table['_'] = classDash
	table[' '] = classSpace
	for c := '0'; c <= '9'; c++ {
		table[c] = classDigit
	}
	for c := 0x80; c < len(table); c++ {
		table[c] = classForeign
	}
	return table
}()

const (
	fewestDigits = 8  // Of a phone number.
	shortestKey  = 16 // Of a key that says itself that it is one.
)

// shortest is the length of the shortest text in which the built-in searches find anything.
const shortest = 6

// seenIn returns what the bytes of a text may be the beginning of.
func seenIn(s string) (seen class) {
	for i := range len(s) {
		seen |= classes[s[i]]
	}
	return seen
}

// Plain reports whether a text is sure to be ASCII with nothing in it that a rule could
// find, as most texts are. It is a quick look; for the others there is [Redactor.Text].
func (r *Redactor) Plain(s string) bool {
	seen := seenIn(s)
	switch {
	case seen&classForeign != 0:
		return false
	case r == nil:
		return true
	case len(r.values)+len(r.patterns)+len(r.custom) > 0:
		return s == ""
	case r.scan == 0 || len(s) < shortest:
		return true
	case seen&(classAt|classPair) != 0:
		return false
	case seen&classDigit != 0 && (len(s) >= shortestKey || digitsIn(s) >= fewestDigits):
		return false
	case seen&classDash != 0 && len(s) >= shortestKey && (strings.Contains(s, jwtBegin) || strings.Contains(s, pemBegin)):
		return false
	}
	return seen&classSpace == 0 || !mayBear(s)
}

// mayBear reports whether a word before a space ends as Bearer and Basic do.
func mayBear(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] == ' ' {
			if c := s[i-1] | 0x20; c == 'r' || c == 'c' {
				return true
			}
		}
	}
	return false
}

func digitsIn(s string) (n int) {
	for i := range len(s) {
		if classes[s[i]] == classDigit {
			n++
		}
	}
	return n
}

// scanned returns s without what the built-in searches find.
func (r *Redactor) scanned(s string) string {
	if r.scan == 0 || len(s) < shortest {
		return s
	}
	seen, digits := seenIn(s), 0
	if seen&classDigit != 0 {
		digits = digitsIn(s)
	}
	if r.scan&pairs != 0 && seen&classPair != 0 {
		s = replace(s, r.pair)
	}
	if r.scan&apiKeys != 0 {
		if seen&classAt != 0 && seen&classPair != 0 && strings.Contains(s, "://") {
			s = replace(s, userInfo)
		}
		// Without a digit it may be a token still.
		if len(s) >= shortestKey && (digits > 0 || seen&classDash != 0 && strings.Contains(s, jwtBegin)) {
			s = replace(s, apiKey)
		}
		if seen&classDash != 0 && strings.Contains(s, pemBegin) {
			s = replace(s, pem)
		}
	}
	if r.scan&bearer != 0 && seen&classSpace != 0 && mayBear(s) {
		s = replace(s, bearerToken)
	}
	if r.scan&emails != 0 && seen&classAt != 0 {
		s = replace(s, email)
	}
	if digits >= fewestDigits && mayStandAlone(s) {
		if r.scan&cards != 0 && digits >= fewestCardDigits {
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
