// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// number is a number in groups of digits, with gaps between them.
type number struct {
	begin  int // Of the first digit, or of the parenthesis in front of it.
	end    int // After the last digit.
	digits int
	n      int // The number of groups.
	groups [maxGroups]group
}

// group is a run of digits.
type group struct {
	begin, end int
	gap        byte // The byte in front of it; of several bytes the parenthesis, or else the first.
}

func (g group) size() int { return g.end - g.begin }

const (
	maxGroups = 8
	// MaxGap is the size of the widest gap between two groups, as in 030) - 1.
	MaxGap = 3
)

// numberAt reads the groups from i on, which is a digit or an opening parenthesis. It stops in front of
// the group that would exceed the number of digits.
func numberAt(s string, i, most int) (num number) {
	num.begin, num.end = i, i
	for num.n < maxGroups {
		next, gap := gapAt(s, i, num.n == 0)
		if next >= len(s) || !chars.IsDigit(s[next]) {
			break
		}
		end := chars.Skip(s, next, chars.IsDigit)
		if num.digits+end-next > most {
			break
		}
		num.groups[num.n] = group{next, end, gap}
		num.n++
		num.digits += end - next
		num.end, i = end, end
	}
	return num
}

// gapAt returns the end of the gap at i and its byte; see group.
func gapAt(s string, i int, first bool) (end int, gap byte) {
	for end = i; end < len(s) && end-i < MaxGap && chars.IsGap(s[end]); end++ {
		switch c := s[end]; {
		case c == '(' || c == ')':
			gap = c
		case gap == 0:
			gap = c
		case chars.IsSpace(c) || chars.IsSpace(gap):
		default:
			if gap != '(' && gap != ')' {
				return i, 0 // Two dashes, and the like, do not join groups.
			}
		}
		if first && gap != '(' {
			return i, 0
		}
	}
	return end, gap
}

// firstGroups returns the first n groups of the number.
func (num *number) firstGroups(n int) number {
	short := *num
	for short.n > n {
		short.n--
		short.digits -= short.groups[short.n].size()
	}
	if n > 0 {
		short.end = short.groups[n-1].end
	}
	return short
}

// hasEqualGaps reports whether all gaps from group n on are equal.
func (num *number) hasEqualGaps(n int) bool {
	for i := n + 1; i < num.n; i++ {
		if num.groups[i].gap != num.groups[n].gap {
			return false
		}
	}
	return true
}

// continuesWord reports whether a number at i continues something longer: a word, a decimal number, a
// date, an ID in parts.
func continuesWord(s string, i int) bool {
	if i == 0 {
		return false
	}
	switch c := s[i-1]; {
	case c >= 0x80:
		return false
	case chars.IsWord(c), c == '#', c == '$':
		return true
	case c == '.', c == '-', c == '/', c == ':':
		return i > 1 && (chars.IsDigit(s[i-2]) || c == '-' && chars.IsWord(s[i-2]) || c == '.' && chars.IsWord(s[i-2]))
	}
	return false
}

// digitsFollow reports whether a number in groups that ends at i continues. A file extension does not
// continue it.
func digitsFollow(s string, i int) bool {
	if i == len(s) {
		return false
	}
	switch c := s[i]; {
	case c == '_', c >= 0x80:
		return false
	case chars.IsWord(c):
		return true
	case c == '.', c == '-', c == ':':
		return i+1 < len(s) && chars.IsDigit(s[i+1])
	}
	return false
}

// isSequence reports whether the groups count in equal steps: 01 02 03, 020 040 060.
func (num *number) isSequence(s string) bool {
	if num.n < 3 {
		return false
	}
	value := func(g group) (n int) {
		for _, c := range []byte(s[g.begin:g.end]) {
			n = n*10 + int(c-'0')
		}
		return n
	}
	step := value(num.groups[1]) - value(num.groups[0])
	for i := 2; i < num.n; i++ {
		if value(num.groups[i])-value(num.groups[i-1]) != step {
			return false
		}
	}
	return step <= 20 // 01 23 45 67 89 is an example of a phone number.
}

// spelledEnd returns the end of a number that is spelled digit by digit from i on, as speech recognition
// writes it: 4 1 5 5 5 5 0 1 2 3. It returns i if it cannot be a phone or card number.
func spelledEnd(s string, i int) int {
	end, digits, steps := i, 0, 0
	for at := i; at < len(s) && chars.IsDigit(s[at]) && digits <= maxCardDigits; {
		if at+1 < len(s) && chars.IsDigit(s[at+1]) {
			return i
		}
		if digits > 0 && s[at] == s[end-1]+1 {
			steps++
		}
		digits++
		end = at + 1
		at = chars.Skip(s, end, func(c byte) bool { return chars.IsSpace(c) || c == '-' || c == ',' })
		if at == end || at-end > 2 {
			break
		}
	}
	if digits < 10 || digits > maxCardDigits || steps >= digits-2 || chars.Continues(s, end) {
		return i
	}
	return end
}

// isRound reports whether all groups are powers of two, or all are multiples of ten, as sizes and rounded
// measurements are.
func (num *number) isRound(s string) bool {
	powers, tens := true, true
	for _, g := range num.groups[:num.n] {
		n := 0
		for _, c := range []byte(s[g.begin:g.end]) {
			n = n*10 + int(c-'0')
		}
		powers = powers && n > 0 && n&(n-1) == 0
		tens = tens && n%10 == 0
	}
	return powers || tens
}
