// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/forms"
)

// features are what one pass over a text shows: which searches may find something. In most texts,
// IDs and paths included, none may.
type features struct {
	classes   chars.Class
	digits    int  // The most digits in a row that may be one number, gaps allowed.
	hasFlag   bool // A word begins with a dash.
	hasScheme bool // A word in front of a space has the suffix of an Authorization scheme.
	hasKey    bool // A word has the prefix of a key or token.
	hasQuoted bool // A quote follows a space or a bracket.
	hasName   bool // A word in front of a space has the suffix of a secret's name.
}

func featuresOf(s string) features {
	// The compiler keeps local variables in registers, and fields of a struct in memory.
	var (
		seen, before             chars.Class
		digits, run, gap         int
		bears, key, flag, quoted bool
		named                    bool
	)
	for i := range len(s) {
		c := s[i]
		k := chars.Classes[c]
		seen |= k
		switch {
		case k&chars.ClassDigit != 0:
			if gap > forms.MaxGap {
				run = 0
			}
			run, gap = run+1, 0
			digits = max(digits, run)
		case k&chars.ClassWord != 0:
			gap = forms.MaxGap + 1
			if (before&chars.ClassWord == 0 || before&(chars.ClassNonASCII|chars.ClassUnderscore) != 0) && i+1 < len(s) && forms.KeyStarts[c].Has(s[i+1]) {
				key = key || forms.StartsKey(s[i:])
			}
		case k&chars.ClassGap != 0:
			gap++
			if k&chars.ClassSpace != 0 || c == '/' {
				end := chars.SuffixOf(s[:i])
				bears = bears || end.IsScheme()
				named = named || end.IsName()
			}
			flag = flag || k&chars.ClassDash != 0 && before&(chars.ClassWord|chars.ClassDigit|chars.ClassDash) == 0
		default:
			gap = forms.MaxGap + 1
			key = key || c == ':' && before&chars.ClassDigit != 0 && strings.HasPrefix(s[i:], ":AA")
			named = named || c == '|' && chars.SuffixOf(s[:i]).IsName()
			bears = bears || c == ',' && chars.SuffixOf(s[:i]).IsScheme()
			quoted = quoted || k&chars.ClassQuote != 0 && (before&chars.ClassGap != 0 || i > 0 && s[i-1] == '[')
		}
		before = k
	}
	return features{classes: seen, digits: digits, hasFlag: flag, hasScheme: bears, hasKey: key, hasQuoted: quoted, hasName: named}
}

// mayEscape reports whether a text may contain escapes.
func mayEscape(s string, seen chars.Class) bool {
	return seen&chars.ClassEscape != 0 || seen&chars.ClassQuote != 0 && strings.Contains(s, `""`)
}

// isWords reports whether a text consists of letters and spaces, and no word in it is an Authorization
// scheme. It takes a third of the time of featuresOf.
func isWords(s string, seen chars.Class) bool {
	const more = chars.ClassAt | chars.ClassSeparator | chars.ClassDigit | chars.ClassDash | chars.ClassUnderscore | chars.ClassTag | chars.ClassQuote | chars.ClassEscape
	return seen&more == 0 && (seen&chars.ClassSpace == 0 || !chars.MayHaveScheme(s))
}

// mayHaveKey reports whether a text may contain an API key or a token. None is short, and each has a
// digit or a dash.
func (l features) mayHaveKey(s string) bool {
	return l.hasKey && len(s) >= chars.MinKey && (l.digits > 0 || l.classes&(chars.ClassDash|chars.ClassUnderscore) != 0)
}

// finds returns the searches that may find something.
func (r *Scanner) finds(s string, l features) (may Kind) {
	if len(s) < minText {
		return 0
	}
	if l.classes&(chars.ClassSeparator|chars.ClassTag) != 0 || l.hasFlag || l.hasQuoted {
		may |= Pairs
	}
	if l.classes&chars.ClassAt != 0 {
		may |= Emails | APIKeys // APIKeys includes passwords in URLs.
	}
	if l.mayHaveKey(s) || l.classes&chars.ClassDash != 0 && strings.Contains(s, forms.PEMBegin) {
		may |= APIKeys
	}
	if l.hasName && l.digits > 0 {
		may |= sentences
	}
	if l.hasScheme {
		may |= Bearer
	}
	if l.digits >= chars.MinPhoneDigits {
		may |= Phones
		if l.digits >= forms.MinCardDigits {
			may |= Cards
		}
	}
	return may & r.kinds
}
