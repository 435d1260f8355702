// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// class is what a byte is.
type class uint16

const (
	classAt class = 1 << iota
	classPair
	classDigit
	classDash
	classUnderscore
	classSpace
	classForeign // Not ASCII.
	classWord    // Inside a name or a number with more to it; see isWord.
	classGap     // What may stand between the digits of a number.
	classEscape  // Escapes begin so, or characters that are written for others.
	classTag     // The end of an element's tag, or of an arrow.
	classQuote
)

var classes = func() (table [256]class) {
	for i := range table {
		c := byte(i)
		if isWord(c) {
			table[i] |= classWord
		}
		if isDigit(c) {
			table[i] |= classDigit
		}
		if c >= 0x80 || c == '\x1b' {
			table[i] |= classForeign
		}
		if isGap(c) {
			table[i] |= classGap
		}
		switch c {
		case '\\', '%', '&', '+', '\x1b', 0xC2, 0xE2, 0xE3, 0xEF:
			table[i] |= classEscape
		}
	}
	table['@'] |= classAt
	table['='] |= classPair
	table[':'] |= classPair
	table['>'] |= classTag
	table['"'] |= classQuote
	table['\''] |= classQuote
	table['-'] |= classDash
	table['_'] |= classUnderscore
	table[' '] |= classSpace
	table['\t'] |= classSpace
	return table
}()

// look is what one pass over a text finds out: which searches may find something. In most
// texts none may, ids and paths included.
type look struct {
	seen   class
	digits int  // Those of the longest run that may be one number, with what stands between them.
	flag   bool // A word begins with a dash.
	bears  bool // A word before a space ends as Bearer and Basic do.
	key    bool // A word begins as keys and tokens do.
	quoted bool // A quote follows a space or a bracket.
	named  bool // A word before a space ends as names of secrets do.
}

func lookAt(s string) look {
	// Variables of their own are kept in registers; the fields of a struct are not.
	var (
		seen, before             class
		digits, run, gap         int
		bears, key, flag, quoted bool
		named                    bool
	)
	for i := range len(s) {
		c := s[i]
		k := classes[c]
		seen |= k
		switch {
		case k&classDigit != 0:
			if gap > widestGap {
				run = 0
			}
			run, gap = run+1, 0
			digits = max(digits, run)
		case k&classWord != 0:
			gap = widestGap + 1
			if (before&classWord == 0 || before&(classForeign|classUnderscore) != 0) && i+1 < len(s) && keyStarts[c].has(s[i+1]) {
				key = key || startsKey(s[i:])
			}
		case k&classGap != 0:
			gap++
			if k&classSpace != 0 || c == '/' {
				end := lastThree(s[:i])
				bears = bears || end.isScheme()
				named = named || end.isName()
			}
			flag = flag || k&classDash != 0 && before&(classWord|classDigit|classDash) == 0
		default:
			gap = widestGap + 1
			key = key || c == ':' && before&classDigit != 0 && strings.HasPrefix(s[i:], ":AA")
			named = named || c == '|' && lastThree(s[:i]).isName()
			bears = bears || c == ',' && lastThree(s[:i]).isScheme()
			quoted = quoted || k&classQuote != 0 && (before&classGap != 0 || i > 0 && s[i-1] == '[')
		}
		before = k
	}
	return look{seen: seen, digits: digits, flag: flag, bears: bears, key: key, quoted: quoted, named: named}
}

// startsKey reports whether a text begins as keys and tokens do.
func startsKey(s string) bool {
	for _, p := range prefixes[s[0]] {
		if strings.HasPrefix(s, p.text) {
			return true
		}
	}
	return strings.HasPrefix(s, jwtBegin)
}

// mayEscape reports whether there may be escapes in a text.
func mayEscape(s string, seen class) bool {
	return seen&classEscape != 0 || seen&classQuote != 0 && strings.Contains(s, `""`)
}

// wordEnd3 is the last three letters of a word, in lower case.
type wordEnd3 uint32

const (
	endOfBearer = 'r'<<16 | 'e'<<8 | 'r'
	endOfBasic  = 's'<<16 | 'i'<<8 | 'c'
)

func lastThree(s string) wordEnd3 {
	n := len(s)
	if n < 3 {
		return 0
	}
	return wordEnd3(s[n-3]|0x20)<<16 | wordEnd3(s[n-2]|0x20)<<8 | wordEnd3(s[n-1]|0x20)
}

// isScheme reports whether the schemes of Authorization end so: bearer, basic, token, apikey,
// digest, negotiate, AWS4-HMAC-SHA256. Few English words do.
func (e wordEnd3) isScheme() bool {
	switch e {
	case endOfBearer, endOfBasic, 'k'<<16 | 'e'<<8 | 'n', 'k'<<16 | 'e'<<8 | 'y', 'e'<<16 | 's'<<8 | 't',
		'a'<<16 | 't'<<8 | 'e', '2'<<16 | '5'<<8 | '6':
		return true
	}
	return false
}

// isName reports whether the names end so whose values are said in sentences: password, token, key,
// secret, passphrase, code, pass, pin, otp, auth, and so on.
func (e wordEnd3) isName() bool {
	switch e {
	case 'o'<<16 | 'r'<<8 | 'd', 'o'<<16 | 'r'<<8 | 't', 'k'<<16 | 'e'<<8 | 'n', 'k'<<16 | 'e'<<8 | 'y', 'r'<<16 | 'e'<<8 | 't', 'a'<<16 | 's'<<8 | 'e',
		'o'<<16 | 'd'<<8 | 'e', 'a'<<16 | 's'<<8 | 's', 'p'<<16 | 'w'<<8 | 'd', 'p'<<16 | 'i'<<8 | 'n', 'o'<<16 | 't'<<8 | 'p', 'c'<<16 | 'v'<<8 | 'c',
		'c'<<16 | 'v'<<8 | 'v', 'u'<<16 | 't'<<8 | 'h', 'j'<<16 | 'w'<<8 | 't', 's'<<16 | 'w'<<8 | 'd':
		return true
	}
	return false
}

// mayBear reports whether a word before a space ends as Bearer and Basic do.
func mayBear(s string) bool {
	for from := 0; ; {
		at := strings.IndexByte(s[from:], ' ')
		if at < 0 {
			return false
		}
		from += at
		if end := lastThree(s[:from]); end == endOfBearer || end == endOfBasic {
			return true
		}
		from++
	}
}

// classesOf returns what the bytes of a text are.
func classesOf(s string) (seen class) {
	for i := range len(s) {
		seen |= classes[s[i]]
	}
	return seen
}

// isWords reports whether a text is letters and spaces, and no word in it is followed by a
// token. It takes a third of the time that a look takes.
func isWords(s string, seen class) bool {
	const more = classAt | classPair | classDigit | classDash | classUnderscore | classTag | classQuote | classEscape
	return seen&more == 0 && (seen&classSpace == 0 || !mayBear(s))
}

// mayHaveKey reports whether there may be a key that says itself that it is one, or a token:
// none is short, or of nothing but letters.
func (l look) mayHaveKey(s string) bool {
	return l.key && len(s) >= shortestKey && (l.digits > 0 || l.seen&(classDash|classUnderscore) != 0)
}

// finds returns which of the built-in searches may find something.
func (r *Scanner) finds(s string, l look) (may Kind) {
	if len(s) < shortest {
		return 0
	}
	if l.seen&(classPair|classTag) != 0 || l.flag || l.quoted {
		may |= Pairs
	}
	if l.seen&classAt != 0 {
		may |= Emails | APIKeys // And URLs with a password.
	}
	if l.mayHaveKey(s) || l.seen&classDash != 0 && strings.Contains(s, pemBegin) {
		may |= APIKeys
	}
	if l.named && l.digits > 0 {
		may |= sentences
	}
	if l.bears {
		may |= Bearer
	}
	if l.digits >= fewestDigits {
		may |= Phones
		if l.digits >= fewestCardDigits {
			may |= Cards
		}
	}
	return may & r.kinds
}

// seconds are the second bytes of what begins with a byte.
type seconds [4]uint64

func (s *seconds) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

// keyStarts are how keys and tokens begin, by their first byte.
var keyStarts = func() (table [256]seconds) {
	add := func(p string) { table[p[0]][p[1]>>6] |= 1 << (p[1] & 63) }
	for _, list := range prefixes {
		for _, p := range list {
			add(p.text)
		}
	}
	add(jwtBegin)
	return table
}()
