// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

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

// mayEscape reports whether there may be escapes in a text.
func mayEscape(s string, seen class) bool {
	return seen&classEscape != 0 || seen&classQuote != 0 && strings.Contains(s, `""`)
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
