// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package otellivekit

import "strings"

// hiddenNumber replaces telephone numbers, as in package redact.
const hiddenNumber = "[REDACTED:phone]"

const (
	fewestDigits = 9  // Of a number without a plus sign.
	fewestIntl   = 6  // Of a number with a plus sign.
	mostDigits   = 15 // E.164.

	sipPrefix = "sip_" // Of the identities that the SIP bridge gives to callers.
	fewestSIP = 3      // Digits after the prefix, which may be an extension.
)

// withoutNumber returns the name of a room or a participant without telephone numbers.
// LiveKit's SIP bridge uses them in identities (sip_+14155550123) and in names of rooms
// (call-_+14155550123_Ab12). It replaces a plus sign with digits, digits after sip_, and 9 to 15
// digits between underscores except for Unix times in seconds or milliseconds. All places
// that record a name use it, so that they agree.
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

// isNumber reports whether the digits name[i:end] are a telephone number. The number with its
// plus sign, if any, begins at begin.
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

// isTime reports whether digits are a Unix time in seconds or milliseconds, from 2014 to 2033.
func isTime(digits string) bool {
	return (len(digits) == 10 || len(digits) == 13) && digits[0] == '1' && digits[1] >= '4'
}

// withoutDigits returns a name without a known number.
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
