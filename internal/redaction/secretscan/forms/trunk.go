// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package forms

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// trunkEnd returns the end of a number that begins with the trunk prefix 0: 0151 12345678,
// 020 7946 0958, 06 12 34 56 78, (030) 901820. Mobile numbers may be in one group.
func trunkEnd(s string, num *number) int {
	first := num.groups[0]
	if s[first.begin] != '0' || first.size() > 1 && s[first.begin+1] == '0' {
		return num.begin
	}
	if num.n == 1 || first.size() >= minTrunkDigits {
		if isMobile(s[first.begin:first.end]) && !chars.Continues(s, first.end) {
			return first.end
		}
		return num.begin
	}
	paren := s[num.begin] == '('
	if first.size() < 2 && (!paren || num.groups[1].gap != ')') || first.size() > 6 {
		return serviceEnd(s, num)
	}
	for n := num.n; n > 1; n-- {
		part := num.firstGroups(n)
		if part.digits > maxTrunkDigits || digitsFollow(s, part.end) || chars.IsDimension(s, part.end) {
			continue
		}
		if part.digits < minTrunkDigits || part.isSequence(s) || part.n > 2 && part.isRound(s) {
			break
		}
		if hasTrunkGroups(&part) && (paren || !chars.IsSpace(part.groups[1].gap) || !isList(s, &part)) && !isDate(s, &part) {
			return part.end
		}
	}
	return serviceEnd(s, num)
}

// serviceEnd returns the end of a service or mailbox number, which has other groups: in Germany
// 0900 1 234567, 0800 1234567890 and 0177 99 1234567, in France 0 801 23 45 67.
func serviceEnd(s string, num *number) int {
	sizes := func(want ...int) bool {
		for i, size := range want {
			if i >= num.n || num.groups[i].size() != size || i > 0 && !chars.IsSpace(num.groups[i].gap) {
				return false
			}
		}
		return !digitsFollow(s, num.groups[len(want)-1].end)
	}
	prefix := s[num.groups[0].begin:num.groups[0].end]
	isService := prefix == "0180" || prefix == "0900" || prefix == "0137" || prefix == "0800" || prefix == "0700"
	switch {
	case sizes(1, 3, 2, 2, 2):
		return num.groups[4].end
	case isService && (sizes(4, 1, 6) || sizes(4, 1, 5) || sizes(4, 1, 4)):
		return num.groups[2].end
	case strings.HasPrefix(prefix, "01") && sizes(4, 2, 7):
		return num.groups[2].end
	case isService && (sizes(4, 10) || sizes(4, 9)):
		return num.groups[1].end
	}
	return num.begin
}

const (
	minTrunkDigits = 9
	maxTrunkDigits = 12
)

// hasTrunkGroups reports whether the groups after the first have two digits or more and equal gaps, as in
// phone numbers.
func hasTrunkGroups(num *number) bool {
	for _, g := range num.groups[1:num.n] {
		if g.size() < 2 {
			return false
		}
	}
	if g := num.groups; num.n == 3 && g[0].size() == 3 && g[1].size() == 3 && g[2].size() == 4 && g[1].gap == '-' {
		return false // A serial number. Phone numbers of these countries are not written so.
	}
	return num.n == 2 || num.hasEqualGaps(2) && (num.groups[1].gap == num.groups[2].gap || num.n <= 4 || num.groups[1].gap == '/')
}

// isDate reports whether the number begins with a date: 05.12.2024, 01/02/2024.
func isDate(s string, num *number) bool {
	g := num.groups
	return num.n >= 3 && g[0].size() == 2 && g[1].size() == 2 && g[2].size() == 4 && g[1].gap == g[2].gap && !chars.IsSpace(g[1].gap) &&
		(strings.HasPrefix(s[g[2].begin:], "19") || strings.HasPrefix(s[g[2].begin:], "20"))
}

// isMobile reports whether digits are a mobile number of Germany, Austria, the United Kingdom, France,
// the Netherlands, Switzerland, Sweden, Australia or Japan.
func isMobile(digits string) bool {
	switch len(digits) {
	case 10: // France, the Netherlands, Switzerland and Sweden, Australia
		return digits[1] == '6' || digits[1] == '7' || digits[1] == '4'
	case 11: // The United Kingdom, Germany, Austria, Japan
		return digits[1] == '7' || digits[1] == '6' || digits[1] == '1' && '5' <= digits[2] && digits[2] <= '7' ||
			(digits[1] == '8' || digits[1] == '9') && digits[2] == '0'
	case 12: // Germany, Austria
		return digits[1] == '6' || digits[1] == '1' && '5' <= digits[2] && digits[2] <= '7'
	}
	return false
}
