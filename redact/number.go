// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

const (
	fewestCardDigits = 13
	mostCardDigits   = 19
	mostPhoneDigits  = 15 // E.164
)

// number is a run of digits with what may stand between them.
type number struct {
	begin, end int
	digits     int
	groups     [8]int // The digits of each group, as far as there is room.
	n          int    // The groups.
	plus       bool
	paren      bool
	dotted     bool
}

// numberAt reads the number that begins at i: a digit, a plus or a parenthesis.
// Groups are joined by one space, dash or dot, or parentheses with a space.
func numberAt(s string, i int) number {
	num := number{begin: i}
	if s[i] == '+' {
		num.plus = true
		i++
	}
	gap := 0                      // Bytes since the last digit.
	dotted, paren := false, false // Among them, and meant if a digit follows.
	for i < len(s) && gap <= 2 {
		group := 0
		for i < len(s) && isDigit(s[i]) {
			group++
			i++
		}
		if group > 0 {
			if num.n < len(num.groups) {
				num.groups[num.n] = group
			}
			num.n++
			num.digits += group
			num.end, gap = i, 0
			num.dotted, num.paren = num.dotted || dotted, num.paren || paren
			continue
		}
		switch s[i] {
		case '(', ')':
			paren = true
		case '.':
			dotted = true
		case ' ', '-':
		default:
			return num
		}
		gap++
		i++
	}
	return num
}

// joined reports whether a number behind the byte is part of something longer.
func joined(c byte) bool {
	switch c {
	case '.', '-', '/', '#', '$':
		return true
	}
	return isWord(c)
}

// find finds the next number that is wanted and stands alone.
func findNumber(s string, from int, want func(s string, num number) bool, with string) (int, int, string) {
	for i := from; i < len(s); {
		c := s[i]
		if !isDigit(c) && c != '+' && c != '(' {
			i++
			continue
		}
		num := numberAt(s, i)
		if num.digits == 0 {
			i++
			continue
		}
		if alone(s, from, num) && want(s, num) {
			return num.begin, num.end, with
		}
		if (c == '+' || c == '(') && num.digits > 0 {
			i++ // What is inside may be a number of its own.
			continue
		}
		i = num.end
	}
	return -1, -1, ""
}

// alone reports whether a number is no part of something longer: a word, a
// decimal, a path, a date with a time. Before from is a secret, which ends there.
func alone(s string, from int, num number) bool {
	if num.begin > from {
		if joined(s[num.begin-1]) {
			return false
		}
	}
	if num.end < len(s) {
		switch c := s[num.end]; {
		case isWord(c), c == '/', c == '-':
			return false
		case c == '.' || c == ':' || c == ',':
			return num.end+1 == len(s) || !isWord(s[num.end+1])
		}
	}
	return true
}

// card finds the numbers of payment cards.
func card(s string, from int) (begin, end int, with string) {
	return findNumber(s, from, isCard, "[REDACTED:card]")
}

// isCard reports whether a number begins like a card's (3 to 6), is as long, and
// passes the check of ISO/IEC 7812-1, by Luhn.
func isCard(s string, num number) bool {
	if num.digits < fewestCardDigits || num.digits > mostCardDigits || num.plus || num.paren || num.dotted {
		return false
	}
	if first := s[num.begin]; first < '2' || first > '6' {
		return false
	}
	// Cards are written in groups of four, or 4-6-5; other groups are other things.
	if num.n > 1 && (num.groups[0] != 4 || num.n > 5) {
		return false
	}
	sum, double := 0, false
	for i := num.end - 1; i >= num.begin; i-- {
		if !isDigit(s[i]) {
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

// phone finds numbers that are written as phone numbers.
func phone(s string, from int) (begin, end int, with string) {
	return findNumber(s, from, isPhone, "[REDACTED:phone]")
}

func isPhone(_ string, num number) bool {
	if num.plus { // +49 30 901820
		return num.digits >= fewestDigits && num.digits <= mostPhoneDigits
	}
	groups := num.groups[:min(num.n, len(num.groups))]
	if len(groups) == 4 && groups[0] == 1 { // 1-415-555-0123
		groups = groups[1:]
	}
	return len(groups) == 3 && groups[0] == 3 && groups[1] == 3 && groups[2] == 4
}
