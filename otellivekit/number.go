// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import "strings"

// hiddenNumber is what package redact writes in place of a telephone number.
const hiddenNumber = "[REDACTED:phone]"

const (
	fewestDigits = 9  // Of a number without a plus.
	fewestIntl   = 6  // Of one with a plus.
	mostDigits   = 15 // E.164.

	sipPrefix = "sip_" // Of the identity that the SIP bridge gives to a caller.
	fewestSIP = 3      // Digits behind it: extensions, too.
)

// withoutNumber returns the name of a room or a participant without telephone numbers. LiveKit's
// SIP bridge makes identities of them (sip_+14155550123), and the rooms of callers
// (call-_+14155550123_Ab12): beside the room's name a hashed identity would hide nothing. What is
// replaced is a plus and digits, digits behind sip_, and 9 to 15 digits between underscores, save
// times in seconds and milliseconds. A name is the same in each place that it is recorded in.
func withoutNumber(name string) string {
	var b strings.Builder
	sip := strings.HasPrefix(name, sipPrefix)
	at := 0
	for i := 0; i < len(name); {
		if name[i] < '0' || name[i] > '9' {
			i++
			continue
		}
		end := i
		for end < len(name) && '0' <= name[end] && name[end] <= '9' {
			end++
		}
		begin := i
		if i > 0 && name[i-1] == '+' {
			begin--
		}
		if isNumber(name, begin, i, end, sip) {
			b.WriteString(name[at:begin])
			b.WriteString(hiddenNumber)
			at = end
		}
		i = end
	}
	if at == 0 {
		return name
	}
	b.WriteString(name[at:])
	return b.String()
}

// isNumber reports whether the digits of a name from i to end are a telephone number, which
// begins at begin.
func isNumber(name string, begin, i, end int, sip bool) bool {
	n := end - i
	switch {
	case n > mostDigits:
		return false
	case begin < i:
		return n >= fewestIntl
	case sip:
		return n >= fewestSIP
	}
	between := (i == 0 || name[i-1] == '_') && (end == len(name) || name[end] == '_')
	return between && n >= fewestDigits && !isTime(name[i:end])
}

// isTime reports whether digits are a time of this century's first half in Unix seconds or
// milliseconds.
func isTime(digits string) bool {
	return (len(digits) == 10 || len(digits) == 13) && digits[0] == '1' && digits[1] >= '4'
}

// withoutDigits returns a name without a number that is known.
func withoutDigits(name, number string) string {
	digits := digitsOf(number)
	if len(digits) < fewestIntl || !strings.Contains(name, digits) {
		return name
	}
	return strings.ReplaceAll(strings.ReplaceAll(name, "+"+digits, hiddenNumber), digits, hiddenNumber)
}

func digitsOf(number string) string {
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, number)
}
