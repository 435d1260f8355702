// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/escapes"
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/finding"
)

const maxPhoneDigits = 15 // E.164

// Phone finds phone numbers: anywhere with a plus or an international prefix, and national numbers of the
// countries that the documentation of package redact lists.
func Phone(s string, from int) (finding.Finding, bool) {
	for i := from; i < len(s); i++ {
		c := s[i]
		if c != '+' && c != '(' && !chars.IsDigit(c) {
			continue
		}
		end := i
		switch {
		case c == '+':
			end = plusEnd(s, i)
		case c == '(' && i+1 < len(s) && s[i+1] == '+':
			// The plus is next.
		default:
			end = nationalEnd(s, from, i)
		}
		if end > i {
			return finding.New(i, end, finding.RulePhone), true
		}
		if chars.IsDigit(c) {
			i = chars.Skip(s, i, chars.IsDigit) - 1
		}
	}
	return finding.Finding{}, false
}

// plusEnd returns the end of the number that begins with the plus at i, or i if there is none: a plus and
// 8 to 15 digits (E.164), after any text.
func plusEnd(s string, i int) int {
	if i > 0 && chars.IsWord(s[i-1]) && s[i-1] < 0x80 {
		exponent := i > 1 && chars.Lower(s[i-1]) == 'e' && chars.IsDigit(s[i-2]) // 1e+12
		if exponent || isVersion(s, i) || isFormSpace(s, i) {
			return i
		}
	}
	begin := i + 1
	if begin < len(s) && s[begin] == ' ' {
		begin++
	}
	begin = chars.Skip(s, begin, func(c byte) bool { return c == '(' })
	if begin-i > MaxGap || begin >= len(s) || s[begin] < '1' || s[begin] > '9' {
		return i
	}
	num := numberAt(s, begin, maxPhoneDigits+1) // One more for the 0 of +49 (0)30.
	if num.n == 2 && num.groups[1].gap == '.' { // A decimal number: m=+3600.5.
		return i
	}
	num = internationalPart(s, num)
	if num.digits < chars.MinPhoneDigits || num.digits > maxPhoneDigits+1 || num.n == 1 && num.digits > maxPhoneDigits || num.end < len(s) && chars.IsDigit(s[num.end]) && num.n == 1 {
		return i
	}
	if num.n > 1 && num.digits < 11 && s[begin] == '1' && i > 0 && chars.IsWord(s[i-1]) {
		return i // order+123-456-7890
	}
	// A difference may have a plus, but fewer digits.
	if num.n == 1 && num.digits < 11 && (differenceWords.Has(chars.WordBefore(s, i)) || chars.IsDimension(s, num.end)) {
		return i
	}
	return num.end
}

// isVersion reports whether the plus at i is in a version, in front of its build: 1.2.3+20241101.
func isVersion(s string, i int) bool {
	begin := chars.SkipBack(s, i, chars.MaxWord, func(c byte) bool { return chars.IsDigit(c) || c == '.' })
	return chars.IsDigit(s[i-1]) && strings.Count(s[begin:i], ".") == 2
}

// isFormSpace reports whether the plus at i is an encoded space between a word and a number, in
// form-encoded text.
func isFormSpace(s string, i int) bool {
	const international = 11 // The usual digits of a number with its country code.
	begin := chars.SkipBack(s, i, chars.MaxLookBack, func(c byte) bool { return !chars.IsSpace(c) && !chars.IsEnd(c) })
	if !strings.Contains(s[begin:i], "=") {
		return false
	}
	if i > 2 {
		switch c, n := escapes.Percent(s, i-3); {
		case n == 0:
		case c == escapes.RawByte+'"', c == escapes.RawByte+'\'', c == escapes.RawByte+'(', c == escapes.RawByte+'[', c == escapes.RawByte+'/':
			return false
		}
	}
	percent := strings.IndexByte(s[begin:min(len(s), i+chars.MaxLookBack)], '%')
	digits := chars.Skip(s, i+1, chars.IsDigit) - i - 1
	word := chars.SkipBack(s, i, chars.MaxWord, chars.IsLetter)
	words := i-word > 1 && !chars.IsWord(s[word-1]) && (digits != international || s[i+1] != '1')
	return percent >= 0 && chars.IsHexPair(s, begin+percent+1) || digits < international || words
}

// internationalPart returns the groups after a plus that are one number.
func internationalPart(s string, num number) number {
	const complete = 10 // A group of so many digits is the whole number.
	if num.n > 1 && num.groups[0].size() >= complete {
		return num.firstGroups(1)
	}
	if s[num.groups[0].begin] == '1' { // North America: 1 and ten digits.
		digits := 0
		for n := range num.n {
			if digits += num.groups[n].size(); digits == 11 {
				return num.firstGroups(n + 1)
			}
		}
	}
	most := maxPhoneDigits
	if num.n > 1 && num.groups[1].gap == '(' && num.groups[1].size() == 1 && s[num.groups[1].begin] == '0' {
		most++
	}
	for num.n > 1 && (num.digits > most || chars.IsDimension(s, num.end) || chars.Continues(s, num.end) && num.groups[num.n-1].size() < 2) {
		num = num.firstGroups(num.n - 1)
	}
	return num
}

// differenceWords are words in front of a difference.
var differenceWords = chars.Words(`
	offset offsets delta diff difference skew drift shift shifted gain change lag seek pc by adjust adjusted adjustment
	increment delay jitter correction balance error bias score
`)

// nationalEnd returns the end of the number that begins at i without a plus, or i if there is none. The
// text in front of from was searched before.
func nationalEnd(s string, from, i int) int {
	num := numberAt(s, i, maxPhoneDigits+len("011"))
	inName := i > 1 && num.n > 1 && (s[i-1] == '_' || (s[i-1] == '.' || s[i-1] == '-') && chars.IsLetter(s[i-2]))
	if i > from && continuesWord(s, i) && !inName {
		return i
	}
	if num.digits < chars.MinPhoneDigits {
		return spelledEnd(s, i)
	}
	if num.n == 1 && num.end+1 < len(s) && s[num.end] == '@' && (chars.IsLetter(s[num.end+1]) || chars.IsDigit(s[num.end+1])) || strings.HasSuffix(s[:i], "wa.me/") {
		return num.end // The user of a SIP address.
	}
	if end := internationalEnd(s, &num); end > i {
		return end
	}
	if end := northAmericanEnd(s, &num); end > i {
		return end
	}
	if end := trunkEnd(s, &num); end > i {
		return end
	}
	if end := spelledEnd(s, i); end > i {
		return end
	}
	return afterPhoneWord(s, i, &num)
}

// internationalEnd returns the end of a number that begins with 00 or 011.
func internationalEnd(s string, num *number) int {
	first := s[num.groups[0].begin:num.groups[0].end]
	rest := num.digits
	switch {
	case strings.HasPrefix(first, "011") && num.n > 1 && (len(first) == 3 || len(first) > 4):
		rest -= 3
	case strings.HasPrefix(first, "00") && len(first) > 2 && first[2] != '0', first == "00" && num.n > 1 && s[num.groups[1].begin] != '0':
		rest -= 2
	default:
		return num.begin
	}
	// In one group, the zeros may be padding.
	if num.isSequence(s) || rest < chars.MinPhoneDigits || rest > maxPhoneDigits || num.n == 1 && rest < 10 || chars.Continues(s, num.end) {
		return num.begin
	}
	return num.end
}

// northAmericanEnd returns the end of a number such as (415) 555-0123, 415-555-0123 or 1 415 555 0123.
// Neither the area code nor the exchange begins with 0 or 1.
func northAmericanEnd(s string, num *number) int {
	part := num.firstGroups(min(num.n, 4))
	at := 0
	if part.n == 4 && part.groups[0].size() == 1 && s[part.groups[0].begin] == '1' {
		at = 1
	} else {
		part = part.firstGroups(min(part.n, 3))
	}
	g := part.groups[at:part.n]
	paren := part.begin < g[0].begin && s[part.begin] == '(' || g[0].gap == '('
	if paren && len(g) >= 2 && g[0].size() == 3 && g[1].size() == 7 { // (415)5552671
		if part = part.firstGroups(at + 2); isArea(s, g[0]) && isArea(s, g[1]) && !digitsFollow(s, part.end) {
			return part.end
		}
	}
	if len(g) != 3 || g[0].size() != 3 || g[1].size() != 3 || g[2].size() != 4 || !isArea(s, g[0]) || !isArea(s, g[1]) || digitsFollow(s, part.end) {
		return num.begin
	}
	if !paren && num.n > part.n && chars.IsSpace(g[2].gap) && num.groups[part.n].gap == g[2].gap && num.groups[part.n].size() > 2 {
		return num.begin // More numbers follow.
	}
	if !paren && (part.isRound(s) || g[1].gap != g[2].gap && !chars.IsSpace(g[1].gap) || chars.IsSpace(g[1].gap) && isList(s, &part)) {
		return num.begin
	}
	return part.end
}

func isArea(s string, g group) bool { return s[g.begin] >= '2' }

// isList reports whether groups with spaces between them are a list of numbers: after a noun in the
// plural, or in front of a unit.
func isList(s string, num *number) bool {
	if chars.IsDimension(s, num.end) {
		return true
	}
	word := chars.WordBefore(s, num.begin)
	if word == "" || personWords.Has(word) {
		return false
	}
	last := chars.Lower(word[len(word)-1])
	return last == 's' || differenceWords.Has(word) || strings.EqualFold(word, "list")
}

// personWords are words with a final s that may be in front of a phone number.
var personWords = chars.Words("phones telephones numbers calls mobiles callers contacts is was this us sms has as plus whatsapps")

// afterPhoneWord returns the end of a number of any form after a word for a phone: phone 4155550123,
// mobile 612 345 678.
func afterPhoneWord(s string, i int, num *number) int {
	if num.digits > maxPhoneDigits || chars.Continues(s, num.end) || chars.IsDimension(s, num.end) {
		return i
	}
	at := i
	for range 3 {
		at = chars.SkipBack(s, at, 3, func(c byte) bool { return chars.IsSpace(c) || c == ':' || c == '#' || c == '.' || c == '"' })
		begin := chars.SkipBack(s, at, chars.MaxWord, chars.IsWord)
		switch word := s[begin:at]; {
		case phoneWords.Has(word):
			return num.end
		case !wordsAfterPhone.Has(word):
			return i
		}
		at = begin
	}
	return i
}

// phoneWords are words after which any number is a phone number.
var phoneWords = chars.Words(`
	phone telephone tel mobile cell cellphone fax whatsapp msisdn dial dialed dialled dialing dialling caller callee
	telefon handy mobil telefono celular portable
`)

// wordsAfterPhone are words that may be between such a word and the number.
var wordsAfterPhone = chars.Words("number no nr num is on at")
