// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

const (
	// MinCardDigits is the number of digits of the shortest card number, of Diners Club.
	MinCardDigits = 14
	maxCardDigits = 19
)

// Card finds card numbers, with the expiry and the security code after them.
func Card(s string, from int) (finding.Finding, bool) {
	for i := from; i < len(s); i++ {
		if !chars.IsDigit(s[i]) {
			continue
		}
		if end := cardEnd(s, i); end > i && (end-i > maxCardDigits || !chars.IsDigits(s[i:end]) || !identifiers.Has(chars.LastWord(nameOf(s, i)))) {
			return finding.New(i, endOfCardDetails(s, end), finding.RuleCard), true
		}
		i = chars.Skip(s, i, chars.IsDigit)
	}
	return finding.Finding{}, false
}

// nameOf returns the name directly in front of the value at i: order_id=x, "order_id":"x".
func nameOf(s string, i int) string {
	at := chars.SkipBack(s, i, 4, func(c byte) bool { return chars.IsQuote(c) || chars.IsSpace(c) || c == ':' || c == '=' || c == '\\' })
	if !strings.ContainsAny(s[at:i], ":=") {
		return ""
	}
	return s[chars.SkipBack(s, at, chars.MaxName, chars.IsName):at]
}

// identifiers are the last words of names whose numbers are not card numbers.
var identifiers = chars.Words("id ids sid uid uuid ssrc seq sequence timestamp ts time nanos offset bytes size count nonce hash span trace")

// cardEnd returns the end of the card number that begins at i, or i if there is none. Card numbers are
// written in one group, or as on the card with equal gaps: in groups of four, 4-6-5 or 4-6-4.
func cardEnd(s string, i int) int {
	num := numberAt(s, i, maxCardDigits)
	for n := num.n; n > 0; n-- {
		part := num.firstGroups(n)
		if part.digits < MinCardDigits {
			break
		}
		if isCardGrouping(&part) && !partOfLonger(s, &part) && hasIssuer(s, &part) && passesLuhn(s, &part) {
			return part.end
		}
	}
	return i
}

func isCardGrouping(num *number) bool {
	if num.n == 1 {
		return true
	}
	if !num.hasEqualGaps(1) {
		return false
	}
	switch num.groups[1].gap {
	case ' ', '-', '.':
	default:
		return false
	}
	g := num.groups
	if num.n == 3 {
		return g[0].size() == 4 && g[1].size() == 6 && (g[2].size() == 5 || g[2].size() == 4)
	}
	for _, g := range g[:num.n-1] {
		if g.size() != 4 {
			return false
		}
	}
	return g[num.n-1].size() <= 4 && (num.n == 4 || num.n == 5)
}

// partOfLonger reports whether the digits are part of a word, of a decimal number, or of an ID such as a
// UUID.
func partOfLonger(s string, num *number) bool {
	if i := num.begin; i > 0 {
		switch c := s[i-1]; {
		case chars.IsDigit(c), c == '+':
			return true
		case chars.IsLetter(c):
			word := s[chars.SkipBack(s, i, chars.MaxWord, chars.IsLetter):i]
			onStripe := c == 'B' && i > 1 && s[i-2] == '%' // The magnetic stripe: %B…^
			return !cardWords.Has(word) && !onStripe
		case c == '.', c == ',':
			if i > 1 && chars.IsDigit(s[i-2]) {
				return true
			}
		case c == '-':
			if i > 1 && (chars.IsDigit(s[i-2]) || num.n > 1 && chars.IsLetter(s[i-2])) {
				return true
			}
		}
	}
	if i := num.end; i < len(s) {
		switch c := s[i]; {
		case chars.IsDigit(c), chars.IsLetter(c):
			return true
		case c == '-', c == '.':
			// Only a security code may follow.
			end := chars.Skip(s, min(i+1, len(s)), func(c byte) bool { return chars.IsDigit(c) || chars.IsLetter(c) })
			return end > i+1 && (end-i > len("-1234") || end < len(s) && s[end] == '-')
		}
	}
	return false
}

// cardWords are words that may be joined to a card number.
var cardWords = chars.Words("card cc pan visa amex mastercard karte carte tarjeta")

// hasIssuer reports whether the number has the prefix and the length of an issuer, by ISO/IEC 7812:
// https://en.wikipedia.org/wiki/Payment_card_number.
func hasIssuer(s string, num *number) bool {
	first, n := 0, 0 // The first six digits.
	for i := num.begin; n < 6; i++ {
		if chars.IsDigit(s[i]) {
			first = first*10 + int(s[i]-'0')
			n++
		}
	}
	for _, is := range issuers {
		if is.from <= first && first <= is.to && is.fewest <= num.digits && num.digits <= is.most {
			return true
		}
	}
	return false
}

var issuers = []struct{ from, to, fewest, most int }{
	{400000, 499999, 16, 16}, {400000, 499999, 19, 19}, // Visa
	{510000, 559999, 16, 16}, {222100, 272099, 16, 16}, // Mastercard
	{340000, 349999, 15, 15}, {370000, 379999, 15, 15}, // American Express
	{601100, 601199, 16, 19}, {644000, 659999, 16, 19}, // Discover
	{300000, 305999, 14, 19}, {309500, 309599, 14, 19}, {360000, 369999, 14, 19}, {380000, 399999, 14, 19}, // Diners Club
	{352800, 358999, 16, 19},                           // JCB
	{620000, 629999, 16, 19}, {810000, 817199, 16, 19}, // UnionPay
	{500000, 509999, 16, 19}, {560000, 589999, 16, 19}, {639000, 639099, 16, 19}, {670000, 679999, 16, 19}, // Maestro
	{220000, 220499, 16, 19},                           // Mir
	{606282, 606282, 16, 16}, {636297, 636368, 16, 16}, // Hipercard, Elo
	{607000, 608999, 16, 16}, {979200, 979289, 16, 16}, // RuPay, Troy
}

// passesLuhn reports whether the digits pass the check of ISO/IEC 7812-1.
func passesLuhn(s string, num *number) bool {
	sum, double := 0, false
	for i := num.end - 1; i >= num.begin; i-- {
		if !chars.IsDigit(s[i]) {
			continue
		}
		d := int(s[i] - '0')
		if double {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		double = !double
	}
	return sum%10 == 0
}

// endOfCardDetails returns the end of the expiry and the security code that may follow the number:
// 4111111111111111 12/27 123.
func endOfCardDetails(s string, end int) int {
	for range 2 {
		i := chars.Skip(s, end, func(c byte) bool {
			return chars.IsSpace(c) || c == ',' || c == ';' || c == '/' || c == '|' || c == '-' || c == '.'
		})
		if i == end || i-end > MaxGap {
			break
		}
		stop := chars.Skip(s, i, chars.IsDigit)
		switch n := stop - i; {
		case n == 2 && stop < len(s) && (s[stop] == '/' || s[stop] == '-' || s[stop] == '|'): // 12/27, 12/2027
			year := chars.Skip(s, stop+1, chars.IsDigit)
			if n := year - stop - 1; n != 2 && n != 4 {
				return end
			}
			stop = year
		case n == 3 || n == 4:
		default:
			return end
		}
		if chars.Continues(s, stop) || chars.IsUnit(s, stop) {
			break
		}
		end = stop
	}
	return end
}
